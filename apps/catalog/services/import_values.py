"""Whether what a file says of types, attributes and custom fields may be kept (PEER-76)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from apps.catalog.attributes import FREE, Definition, check_axes, check_required, merged
from apps.catalog.definitions import of_entity, of_type
from apps.catalog.importing import ParsedProduct, ProductExtra, RowError, VariantExtra
from apps.catalog.limits import MAX_OPTIONS, MAX_VARIANTS
from apps.catalog.locks import held
from apps.catalog.models import Attribute, ProductType
from apps.common.errors import ValidationFailed

NO_EXTRA = ProductExtra()
NO_VARIANT_EXTRA = VariantExtra()


@dataclass(frozen=True, slots=True)
class Known:
    """What a product that is there has already."""

    id: UUID
    type_id: UUID | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    review: str = "approved"


class Values:
    """Knows the store's definitions while one batch lasts; asks only for what the batch needs."""

    def __init__(self, products: Sequence[ParsedProduct], known: Sequence[Known]) -> None:
        codes = {one.extra.product_type for one in products if one.extra} - {""}
        self._by_code = {row.code: row for row in held(ProductType, "code", sorted(codes))}
        ids = {one.type_id for one in known if one.type_id is not None}
        self._by_id = {row.pk: row for row in self._by_code.values()}
        if missing := ids - self._by_id.keys():
            rows = ProductType.objects.filter(pk__in=missing)
            self._by_id.update({row.pk: row for row in rows})
        self._definitions: dict[UUID, list[Definition]] = {}
        self._fields: dict[str, list[Definition]] = {}

    def type_id(self, code: str) -> UUID | None:
        """Of a code that `faults` has not complained of."""
        return self._by_code[code].pk if code else None

    def faults(self, product: ParsedProduct, known: Known | None) -> list[RowError]:
        """Everything that may not be kept; values are brought into their usual form in passing."""
        extra = product.extra
        plain = extra is None and (known is None or known.type_id is None)
        few = len(product.variants) <= MAX_VARIANTS
        if plain and few and not any(one.extra for one in product.variants):
            return []
        try:
            self._check(product, extra or NO_EXTRA, known)
        except ValidationFailed as refused:
            return [
                RowError(product.row, error.field, error.code, error.detail)
                for error in refused.errors
            ]
        return []

    def _check(self, product: ParsedProduct, extra: ProductExtra, known: Known | None) -> None:
        if len(product.variants) > MAX_VARIANTS:
            detail = f"A product has at most {MAX_VARIANTS:,} variants."
            raise ValidationFailed.of("", "too_many", detail)
        if any(len(one.options) > MAX_OPTIONS for one in product.variants):
            detail = f"A product has at most {MAX_OPTIONS} options."
            raise ValidationFailed.of("", "too_many_options", detail)
        if extra.product_type and extra.product_type not in self._by_code:
            detail = f"There is no product type {extra.product_type!r}."
            raise ValidationFailed.of("product_type", "unknown", detail)
        self._check_attributes(product, extra, known)
        if extra.custom_fields:
            extra.custom_fields = self._fit("product_field", "custom_fields", extra.custom_fields)
        for variant in product.variants:
            own = variant.extra
            if own is not None and own.custom_fields:
                own.custom_fields = self._fit(
                    "variant_field", "variant_custom_fields", own.custom_fields
                )

    def _check_attributes(
        self, product: ParsedProduct, extra: ProductExtra, known: Known | None
    ) -> None:
        kind = self._by_code.get(extra.product_type)
        if kind is None and known is not None and known.type_id is not None:
            kind = self._by_id.get(known.type_id)
        if kind is None and not extra.attributes:
            return
        definitions = self._of_type(kind)
        plain = [one for one in definitions if not one.axis]
        before = {} if known is None else known.attributes
        if extra.attributes:
            extra.attributes = merged(plain, {}, extra.attributes, field="attributes", free=FREE)
        if product.is_active and (known is None or extra.product_type or extra.attributes):
            check_required(plain, {**before, **extra.attributes})
        check_axes(
            definitions,
            [(f"row {one.row}", dict(one.options)) for one in product.variants],
        )

    def _of_type(self, kind: ProductType | None) -> list[Definition]:
        if kind is None:
            return []
        if kind.pk not in self._definitions:
            self._definitions[kind.pk] = of_type(kind)
        return self._definitions[kind.pk]

    def _fit(self, entity: str, column: str, given: dict[str, Any]) -> dict[str, Any]:
        if entity not in self._fields:
            self._fields[entity] = of_entity(Attribute.Entity(entity))
        return merged(self._fields[entity], {}, given, field=column)
