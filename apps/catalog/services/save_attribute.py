"""Create, change and delete attributes and custom fields (PEER-59, PEER-76)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from apps.catalog.attributes import FREE, check_code, is_colour
from apps.catalog.errors import AttributeInUse, AttributeNotFound
from apps.catalog.limits import MAX_CHOICES
from apps.catalog.locks import lock_products
from apps.catalog.models import (
    Attribute,
    Category,
    Collection,
    Product,
    ProductType,
    ValueKind,
    Variant,
    Vendor,
)
from apps.catalog.services.variants import refusals_told
from apps.catalog.services.write_documents import write_documents
from apps.catalog.storefront import bump_on_commit
from apps.catalog.text import clean_line
from apps.common.errors import ValidationFailed

_CHOSEN = frozenset({ValueKind.CHOICE, ValueKind.COLOUR})
_LONGEST_CHOICE = 100
# What decides whether shoppers see it.
_SHOWS = frozenset({"is_public", "is_facetable"})
# Where the values of an entity's attributes are kept.
_ROWS: dict[str, tuple[type[Model], str]] = {
    Attribute.Entity.PRODUCT: (Product, "attributes"),
    Attribute.Entity.PRODUCT_FIELD: (Product, "custom_fields"),
    Attribute.Entity.VARIANT_FIELD: (Variant, "custom_fields"),
    Attribute.Entity.CATEGORY_FIELD: (Category, "custom_fields"),
    Attribute.Entity.COLLECTION_FIELD: (Collection, "custom_fields"),
    Attribute.Entity.VENDOR_FIELD: (Vendor, "custom_fields"),
}

# Where a product finds them, of those that its document tells.
_IN_DOCUMENTS: dict[str, str] = {
    Attribute.Entity.PRODUCT: "attributes",
    Attribute.Entity.PRODUCT_FIELD: "custom_fields",
    Attribute.Entity.VARIANT_FIELD: "variants__custom_fields",
}


def create_attribute(*, code: str, name: str, **fields: Any) -> Attribute:
    """Create an attribute; fields: `entity`, `kind`, `choices`, `unit`, `is_facetable`, ….

    choices: `[{"value", "label"?, "colour"?}]`. Raises ValidationFailed, CodeTaken.
    """
    check_code(code)
    if code in FREE:
        raise ValidationFailed.of("code", "reserved", "Imports use this code.")
    with transaction.atomic():
        attribute = Attribute(code=code, name=_name(name), **fields)
        attribute.choices = _choices(attribute.kind, attribute.choices)
        with refusals_told():
            attribute.save(force_insert=True)
        bump_on_commit()
    return attribute


def update_attribute(*, attribute_id: UUID, changes: Mapping[str, Any]) -> Attribute:
    """Change everything but `entity` and `code`.

    Values that products have stay as they are, also where a choice is gone; they are checked when
    somebody changes them. The kind stays while there is a value, and so does the name of an axis.
    Locks the products whose documents follow. Raises AttributeNotFound, AttributeInUse,
    ValidationFailed.
    """
    with transaction.atomic():
        attribute, followers = lock_attribute(attribute_id, changes)
        shown = (attribute.is_public, attribute.is_facetable)
        _refuse_other_meaning(attribute, changes)
        for field in {"kind", "unit", "is_facetable", "is_public", "position"} & changes.keys():
            setattr(attribute, field, changes[field])
        if "name" in changes:
            attribute.name = _name(changes["name"])
        if {"kind", "choices"} & changes.keys():
            given = changes.get("choices", attribute.choices)
            attribute.choices = _choices(attribute.kind, given)
        attribute.save()
        if shown != (attribute.is_public, attribute.is_facetable):
            write_documents(followers)
        bump_on_commit()
    return attribute


def delete_attribute(*, attribute_id: UUID) -> None:
    """Delete one that no type names and no row has a value of.

    Raises AttributeNotFound, AttributeInUse.
    """
    with transaction.atomic():
        attribute, _ = lock_attribute(attribute_id)
        if _types_with(attribute, {}).exists():
            raise AttributeInUse("Take it out of the product types first.")
        if _has_values(attribute):
            raise AttributeInUse("Some rows have a value of it.")
        attribute.delete()
        bump_on_commit()


def lock_attribute(attribute_id: UUID, fields: Iterable[str] = ()) -> tuple[Attribute, list[UUID]]:
    """The attribute, locked until the transaction ends, and the ids of the products whose
    documents would follow a change of these fields. Raises AttributeNotFound.
    """
    # Before the attribute: whoever changes a product's type holds them in this order.
    followers = [] if _SHOWS.isdisjoint(fields) else _with_value(attribute_id)
    attribute = Attribute.objects.select_for_update().filter(pk=attribute_id).first()
    if attribute is None:
        raise AttributeNotFound()
    return attribute, followers


def _name(value: str) -> str:
    name = clean_line("name", value)
    if not name or len(name) > 50:
        raise ValidationFailed.of("name", "invalid", "Send a name of 1 to 50 characters.")
    return name


def _choices(kind: str, given: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Each value once. Raises ValidationFailed."""
    if given and kind not in _CHOSEN:
        raise ValidationFailed.of("choices", "not_chosen", f"A {kind} attribute has no choices.")
    if kind == ValueKind.CHOICE and not given:
        raise ValidationFailed.of("choices", "required", "Send what may be chosen.")
    if len(given) > MAX_CHOICES:
        raise ValidationFailed.of("choices", "too_many", f"Send at most {MAX_CHOICES} choices.")
    kept = []
    for place, row in enumerate(given):
        value = clean_line(f"choices.{place}.value", str(row["value"]))
        label = clean_line(f"choices.{place}.label", str(row.get("label") or value))
        if not value or max(len(value), len(label)) > _LONGEST_CHOICE:
            detail = f"Send 1 to {_LONGEST_CHOICE} characters."
            raise ValidationFailed.of(f"choices.{place}.value", "invalid", detail)
        colour = row.get("colour")
        if colour and not is_colour(colour):
            detail = "Send a colour as #rrggbb."
            raise ValidationFailed.of(f"choices.{place}.colour", "invalid", detail)
        kept.append({"value": value, "label": label, **({"colour": colour} if colour else {})})
    if len({row["value"] for row in kept}) < len(kept):
        raise ValidationFailed.of("choices", "twice", "Send each value once.")
    return kept


def _refuse_other_meaning(attribute: Attribute, changes: Mapping[str, Any]) -> None:
    axis = _types_with(attribute, {"axis": True})
    other_kind = changes.get("kind", attribute.kind) != attribute.kind
    if other_kind and (_has_values(attribute) or axis.exists()):
        raise AttributeInUse("It has values, so its kind stays.")
    other_name = changes.get("name", attribute.name) != attribute.name
    if other_name and Product.objects.filter(product_type__in=axis).exists():
        raise AttributeInUse("Variants are told apart by its name, so that stays.")


def _types_with(attribute: Attribute, more: Mapping[str, Any]) -> QuerySet[ProductType]:
    if attribute.entity != Attribute.Entity.PRODUCT:
        return ProductType.objects.none()
    return ProductType.objects.filter(fields__contains=[{"attribute": attribute.code, **more}])


def _has_values(attribute: Attribute) -> bool:
    model, column = _ROWS[attribute.entity]
    return model._default_manager.filter(**{f"{column}__has_key": attribute.code}).exists()


def _with_value(attribute_id: UUID) -> list[UUID]:
    """The products whose documents tell of the attribute, locked. Its entity and code are for good.

    Of what vendors, categories and collections have, no document tells.
    """
    attribute = Attribute.objects.filter(pk=attribute_id).first()
    found = attribute and _IN_DOCUMENTS.get(attribute.entity)
    if attribute is None or not found:
        return []
    return lock_products(Q(**{f"{found}__has_key": attribute.code}))
