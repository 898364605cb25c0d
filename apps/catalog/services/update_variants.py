"""Change, add and take away a product's variants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.catalog.attributes import Definition, check_variant_count, merged
from apps.catalog.definitions import of_entity
from apps.catalog.models import Attribute, Price, Product, ProductKind, Variant
from apps.catalog.services.custom_fields import fit_external_id
from apps.catalog.services.product_values import check_option_count
from apps.catalog.services.variants import (
    add_variants,
    check_cost,
    check_options,
    check_price,
    default_list_id,
    new_price,
    options_key,
    refusals_told,
)
from apps.catalog.text import clean_line
from apps.catalog.types import PriceInput, VariantInput
from apps.common.context import current_store
from apps.common.errors import ValidationFailed

_PLAIN = [
    "sku",
    "barcode",
    "options",
    "weight_grams",
    "requires_shipping",
    "track_inventory",
    "is_active",
    "cost_cents",
    "external_id",
]
_WITHOUT_VARIANTS = frozenset({ProductKind.GROUPED, ProductKind.EXTERNAL})


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows are compared with, read once for all of them.

    prices: those of the default list, by variant and currency. fields: the custom ones.
    """

    list_id: UUID
    prices: Mapping[UUID, Mapping[str, Price]]
    fields: Sequence[Definition]


def update_variants(product: Product, rows: Sequence[Mapping[str, Any]], *, replace: bool) -> bool:
    """Bring the product's variants to what `rows` say; whether anything is different.

    A row names its variant by `id`, else by `external_id`, else by `sku`; one that is unknown is
    added. It may hold the fields of `VariantInput.of`; `inventory` counts for a new variant only,
    because stock changes by itself. replace: variants that no row names are deleted, and prices and
    custom fields that a row does not name are too. In the caller's transaction, which holds the
    product. Raises ValidationFailed, SkuTaken, OptionsTaken, ExternalIdTaken.
    """
    check_variant_count(len(rows))
    live = list(product.variants.filter(deleted_at=None))
    matched, added = _match(live, rows)
    changed = False
    if replace:
        kept = {variant.pk for variant, _, _ in matched}
        changed = delete_variants([row for row in live if row.pk not in kept]) > 0
    known = _known(matched)
    for variant, row, index in matched:
        changed |= _change(variant, row, f"variants.{index}", known, replace=replace)
    if added:
        currency = current_store().default_currency
        inputs = [VariantInput.of(row, currency) for row in added]
        add_variants(product, inputs, first=max((row.position + 1 for row in live), default=0))
        changed = True
    if changed:
        _refresh(product)
    return changed


def delete_variants(variants: Sequence[Variant]) -> int:
    """Take the variants out of sale for good; their rows stay for the orders that tell of them."""
    ids = [variant.pk for variant in variants]
    now = timezone.now()
    return Variant.objects.filter(pk__in=ids, deleted_at=None).update(
        deleted_at=now, updated_at=now
    )


def _match(
    live: Sequence[Variant], rows: Sequence[Mapping[str, Any]]
) -> tuple[list[tuple[Variant, Mapping[str, Any], int]], list[Mapping[str, Any]]]:
    by_id = {variant.pk: variant for variant in live}
    by_sku = {variant.sku: variant for variant in live}
    by_external = {variant.external_id: variant for variant in live if variant.external_id}
    matched: list[tuple[Variant, Mapping[str, Any], int]] = []
    added: list[Mapping[str, Any]] = []
    seen = set()
    for index, row in enumerate(rows):
        if row.get("id") is not None:
            variant = by_id.get(row["id"])
            if variant is None:
                raise ValidationFailed.of(
                    f"variants.{index}.id", "unknown", "The product has no such variant."
                )
        else:
            variant = by_external.get(row.get("external_id", ""))
            variant = variant or by_sku.get(row.get("sku", ""))
        if variant is None:
            added.append({name: value for name, value in row.items() if name != "id"})
        elif variant.pk in seen:
            raise ValidationFailed.of(f"variants.{index}", "twice", "The variant is named twice.")
        else:
            seen.add(variant.pk)
            matched.append((variant, row, index))
    return matched, added


def _known(matched: Sequence[tuple[Variant, Mapping[str, Any], int]]) -> _Known:
    list_id = default_list_id()
    prices: dict[UUID, dict[str, Price]] = defaultdict(dict)
    variants = [variant.pk for variant, _, _ in matched]
    for price in Price.objects.filter(variant__in=variants, price_list=list_id, min_quantity=1):
        prices[price.variant_id][price.currency] = price
    own = any(row.get("custom_fields") for _, row, _ in matched)
    return _Known(list_id, prices, of_entity(Attribute.Entity.VARIANT_FIELD) if own else [])


def _change(
    variant: Variant, row: Mapping[str, Any], field: str, known: _Known, *, replace: bool
) -> bool:
    changed = False
    for name in _PLAIN:
        if name not in row:
            continue
        value = _fit(name, row[name], field)
        if getattr(variant, name) != value:
            setattr(variant, name, value)
            changed = True
    if "custom_fields" in row:
        before, where = variant.custom_fields, f"{field}.custom_fields"
        variant.custom_fields = merged(
            known.fields, before, row["custom_fields"], field=where, replace=replace
        )
        changed |= variant.custom_fields != before
    if changed:
        variant.options_key = options_key(variant.options)
        with refusals_told():
            variant.save()
    plain = {name: row[name] for name in row if name not in {"id", "inventory"}}
    given = VariantInput.of({"sku": variant.sku, **plain}, current_store().default_currency)
    for price in given.prices:
        check_price(price, field)
    return _change_prices(variant, given.prices, known, replace=replace) or changed


def _fit(name: str, value: Any, field: str) -> Any:
    if name == "options":
        check_options(value, field)
    elif name == "cost_cents":
        check_cost(value, field)
    elif name == "external_id":
        return fit_external_id(value, f"{field}.external_id")
    elif name in {"sku", "barcode"}:
        return clean_line(f"{field}.{name}", value)
    return value


def _change_prices(
    variant: Variant, prices: Sequence[PriceInput], known: _Known, *, replace: bool
) -> bool:
    before = dict(known.prices.get(variant.pk, {}))
    changed = False
    for price in prices:
        row = before.pop(price.currency, None)
        if row is None:
            new_price(variant, known.list_id, price).save(force_insert=True)
        elif (row.amount_cents, row.compare_at_cents) != (
            price.amount_cents,
            price.compare_at_cents,
        ):
            row.amount_cents, row.compare_at_cents = price.amount_cents, price.compare_at_cents
            row.save()
        else:
            continue
        changed = True
    if replace and before:
        Price.objects.filter(pk__in=[row.pk for row in before.values()]).delete()
        changed = True
    return changed


def _refresh(product: Product) -> None:
    """What the product says of its variants. Raises ValidationFailed when none is left."""
    live = list(product.variants.filter(deleted_at=None))
    if not live and product.kind not in _WITHOUT_VARIANTS:
        raise ValidationFailed.of("variants", "required", "A product needs a variant.")
    names = list(dict.fromkeys(name for variant in live for name in variant.options))
    check_variant_count(len(live))
    check_option_count(names)
    product.option_names = names
    if product.kind in {ProductKind.SIMPLE, ProductKind.VARIABLE}:
        several = len(live) > 1 or bool(names)
        product.kind = ProductKind.VARIABLE if several else ProductKind.SIMPLE
