"""Reads of what attributes there are: of a product type, and of every row of an entity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.catalog.attributes import Definition
from apps.catalog.models import Attribute, ProductType


def of_type(product_type: ProductType | None) -> list[Definition]:
    """The attributes of a type's products in their order: one query, none without a type."""
    if product_type is None or not product_type.fields:
        return []
    codes = [field["attribute"] for field in product_type.fields]
    rows = Attribute.objects.filter(entity=Attribute.Entity.PRODUCT, code__in=codes)
    found = {row.code: row for row in rows}
    return [
        _definition(
            found[field["attribute"]],
            required=bool(field.get("required")),
            axis=bool(field.get("axis")),
        )
        for field in product_type.fields
        if field["attribute"] in found
    ]


def of_entity(entity: str) -> list[Definition]:
    """The custom fields of an entity (PEER-59): one query."""
    return [_definition(row) for row in Attribute.objects.filter(entity=entity)]


def public_values(entity: str, rows: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each row's custom fields that shoppers may see; one query, none where no row has any."""
    if not any(rows):
        return [{} for _ in rows]
    shown = Attribute.objects.filter(entity=entity, is_public=True)
    codes = set(shown.values_list("code", flat=True))
    return [{code: value for code, value in row.items() if code in codes} for row in rows]


def _definition(row: Attribute, *, required: bool = False, axis: bool = False) -> Definition:
    return Definition(
        code=row.code,
        name=row.name,
        kind=row.kind,
        choices=tuple(choice["value"] for choice in row.choices),
        required=required,
        axis=axis,
    )
