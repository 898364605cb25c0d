"""Create, change and delete product types (PEER-76)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.catalog.attributes import check_code
from apps.catalog.errors import ProductTypeInUse, ProductTypeNotFound
from apps.catalog.limits import MAX_OPTIONS, MAX_TYPE_FIELDS
from apps.catalog.locks import held, lock_products
from apps.catalog.models import Attribute, Product, ProductType, ValueKind
from apps.catalog.services.variants import refusals_told
from apps.catalog.services.write_documents import write_documents
from apps.catalog.storefront import bump_on_commit
from apps.catalog.text import clean_line
from apps.common.errors import ValidationFailed


def create_product_type(
    *, code: str, name: str, fields: Sequence[Mapping[str, Any]] = ()
) -> ProductType:
    """Create a type; fields: `[{"attribute": code, "required"?, "axis"?}]` in order.

    Raises ValidationFailed, CodeTaken.
    """
    check_code(code)
    with transaction.atomic():
        made = ProductType(code=code, name=_name(name), fields=_fields(fields))
        with refusals_told():
            made.save(force_insert=True)
    return made


def update_product_type(*, code: str, changes: Mapping[str, Any]) -> ProductType:
    """Change `name` or `fields`.

    Products of the type stay as they are and on show; what is required now is asked of each when
    it is changed or published next. Locks the products whose documents follow. Raises
    ProductTypeNotFound, ValidationFailed.
    """
    with transaction.atomic():
        row, products = lock_product_type(code, changes)
        if "fields" in changes:
            row.fields = _fields(changes["fields"])
        name = _name(changes.get("name", row.name))
        renamed, row.name = name != row.name, name
        row.save()
        if renamed:
            write_documents(products)
        bump_on_commit()
    return row


def delete_product_type(*, code: str) -> None:
    """Delete a type that no product has. Raises ProductTypeNotFound, ProductTypeInUse."""
    with transaction.atomic():
        row, _ = lock_product_type(code)
        products = Product.objects.filter(product_type=row)
        if products.filter(deleted_at=None).exists():
            raise ProductTypeInUse("Give its products another type first.")
        products.update(product_type=None)
        row.delete()


def lock_product_type(code: str, fields: Collection[str] = ()) -> tuple[ProductType, list[UUID]]:
    """The type, locked until the transaction ends, and the ids of its products where their
    documents would follow a change of these fields. Raises ProductTypeNotFound.
    """
    # Before the type: whoever puts a product under it holds them in this order.
    products = lock_products(Q(product_type__code=code)) if "name" in fields else []
    row = ProductType.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise ProductTypeNotFound()
    return row, products


def _name(value: str) -> str:
    name = clean_line("name", value)
    if not name or len(name) > 100:
        raise ValidationFailed.of("name", "invalid", "Send a name of 1 to 100 characters.")
    return name


def _fields(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The type's attributes, held. Raises ValidationFailed."""
    if len(given) > MAX_TYPE_FIELDS:
        detail = f"Send at most {MAX_TYPE_FIELDS} attributes."
        raise ValidationFailed.of("fields", "too_many", detail)
    rows = held(Attribute, "code", [str(field["attribute"]) for field in given])
    found = {row.code: row for row in rows if row.entity == Attribute.Entity.PRODUCT}
    kept: dict[str, dict[str, Any]] = {}
    for place, field in enumerate(given):
        where, code = f"fields.{place}.attribute", str(field["attribute"])
        if code not in found:
            raise ValidationFailed.of(where, "unknown", f"There is no attribute '{code[:50]}'.")
        if code in kept:
            raise ValidationFailed.of(where, "twice", "Name each attribute once.")
        axis = bool(field.get("axis"))
        if axis and found[code].kind == ValueKind.BOOLEAN:
            detail = "What is yes or no does not tell variants apart."
            raise ValidationFailed.of(f"fields.{place}.axis", "invalid", detail)
        kept[code] = {"attribute": code, "required": bool(field.get("required")), "axis": axis}
    axes = [found[code].name for code, field in kept.items() if field["axis"]]
    if len(axes) > MAX_OPTIONS or len(set(axes)) < len(axes):
        detail = f"Send at most {MAX_OPTIONS} axes, each with a name of its own."
        raise ValidationFailed.of("fields", "axes", detail)
    return list(kept.values())
