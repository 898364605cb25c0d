"""A product's type, typed values, external id and publish window, checked before they are kept.

A draft may lack required attributes: they are asked for when a product is active and its type, its
values or its being active has just changed. What a type or an attribute demands since then is asked
of a product the next time it is changed (ADR 17).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django.utils import timezone

from apps.catalog.attributes import (
    FREE,
    Definition,
    check_axes,
    check_required,
    merged,
)
from apps.catalog.definitions import of_type
from apps.catalog.limits import MAX_OPTIONS
from apps.catalog.locks import held
from apps.catalog.models import Attribute, Product, ProductType, Variant
from apps.catalog.services.custom_fields import fit_custom_fields, fit_external_id
from apps.common.errors import ValidationFailed

# What `change_values` takes: `product_type` is a code, blank for none.
VALUES = (
    "product_type",
    "attributes",
    "custom_fields",
    "external_id",
    "publish_at",
    "unpublish_at",
)
# A moment near either end of what a date can be is outside of it in another time zone, and then no
# row that has it can be read.
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 1, 1, tzinfo=UTC)


def change_values(
    product: Product, changes: Mapping[str, Any], *, replace: bool = False, published: bool = False
) -> list[str]:
    """Put what `changes` says of VALUES on the product, unsaved; the names of what is different.

    replace: attributes and custom fields that are not named are taken away. published: it has just
    become active. Raises ValidationFailed naming the field, such as `attributes.<code>` (PEER-76).
    """
    before = {name: getattr(product, name) for name in VALUES}
    if "product_type" in changes:
        product.product_type = find_type(changes["product_type"] or "")
    if published or {"product_type", "attributes"} & changes.keys():
        _fit_attributes(product, changes, replace=replace)
    if "custom_fields" in changes:
        product.custom_fields = fit_custom_fields(
            Attribute.Entity.PRODUCT_FIELD,
            product.custom_fields,
            changes["custom_fields"],
            replace=replace,
        )
    if "external_id" in changes:
        product.external_id = fit_external_id(changes["external_id"])
    for name in ("publish_at", "unpublish_at"):
        if name in changes:
            setattr(product, name, _moment(name, changes[name]))
    if product.publish_at and product.unpublish_at and product.publish_at >= product.unpublish_at:
        detail = "The end has to be after the beginning."
        raise ValidationFailed.of("unpublish_at", "before_publish_at", detail)
    return [name for name in VALUES if getattr(product, name) != before[name]]


def find_type(code: str) -> ProductType | None:
    """The type of this code, held until the transaction ends; None for "".

    Raises ValidationFailed.
    """
    if not code:
        return None
    found = held(ProductType, "code", [code])
    if not found:
        detail = f"There is no product type '{code[:80]}'."
        raise ValidationFailed.of("product_type", "unknown", detail)
    return found[0]


def check_variants(product: Product, rows: Sequence[Mapping[str, Any]]) -> None:
    """Raises ValidationFailed where a variant of the product lacks an axis of its type.

    rows: what was asked for, so that the field says which one of those it is.
    """
    definitions = axes_of(product)
    if not definitions:
        return
    live = Variant.objects.filter(product=product, deleted_at=None).order_by("position", "sku")
    places = {str(row[key]): n for n, row in enumerate(rows) for key in ("id", "sku") if key in row}
    options = [
        (f"variants.{places.get(str(pk), places.get(sku, place))}", chosen)
        for place, (pk, sku, chosen) in enumerate(live.values_list("id", "sku", "options"))
    ]
    check_axes(definitions, options)


def axes_of(product: Product) -> list[Definition]:
    """The attributes that every variant of the product has a value of."""
    return [definition for definition in of_type(product.product_type) if definition.axis]


def check_option_count(names: Sequence[str]) -> None:
    """Raises ValidationFailed for more options than a product may have."""
    if len(names) > MAX_OPTIONS:
        detail = f"A product has at most {MAX_OPTIONS} options."
        raise ValidationFailed.of("variants", "too_many_options", detail)


def _fit_attributes(product: Product, changes: Mapping[str, Any], *, replace: bool) -> None:
    definitions = [one for one in of_type(product.product_type) if not one.axis]
    values = product.attributes
    if "product_type" in changes:
        # What another type's products have is nothing of this one's.
        codes = {one.code for one in definitions} | FREE
        values = {code: value for code, value in values.items() if code in codes}
    if "attributes" in changes:
        values = merged(
            definitions,
            values,
            changes["attributes"],
            field="attributes",
            replace=replace,
            free=FREE,
        )
    if product.is_active:
        check_required(definitions, values)
    product.attributes = values


def _moment(field: str, value: Any) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, datetime) or timezone.is_naive(value):
        raise ValidationFailed.of(field, "invalid", "Send a moment with its time zone.")
    if not _FIRST <= value < _LAST:
        raise ValidationFailed.of(field, "out_of_range", "Send a moment from 1970 to 9998.")
    return value
