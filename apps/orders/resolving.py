"""From what a buyer asks for to variants of the catalog with today's prices (ORD-22, P5, P7).

Everything wrong with any line is told at once, by the line's place in the request.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from apps.catalog.facade import get_variants
from apps.catalog.types import VariantInfo
from apps.common.errors import FieldError, ValidationFailed
from apps.orders.errors import PriceChanged
from apps.orders.types import LineRequest

MOST_LINES = 200
MOST_UNITS = 10_000


@dataclass(frozen=True, slots=True)
class ResolvedLine:
    """A variant, how many of it, and the price of one in the order's subunit."""

    variant: VariantInfo
    quantity: int
    unit_price_cents: int


def resolve_lines(items: Sequence[LineRequest], currency: str) -> list[ResolvedLine]:
    """The lines of an order, one per variant, in the order they were first asked for.

    Asks the catalog once. Raises ValidationFailed (`items.N.sku`: `unknown_sku`,
    `sku_ambiguous`, `no_price_in_currency`; `items.N.quantity`: `invalid_quantity`) and
    PriceChanged, which says the current price of every line whose expected price differs.
    """
    if not 0 < len(items) <= MOST_LINES:
        detail = f"Send 1 to {MOST_LINES} lines."
        raise ValidationFailed.of("items", "line_count", detail)
    found = _Variants(items, currency)
    chosen = [_choose(index, item, found, currency) for index, item in enumerate(items)]
    errors = [row for row in chosen if isinstance(row, FieldError)]
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)
    lines = [row for row in chosen if isinstance(row, ResolvedLine)]
    _check_prices(items, lines)
    return _merge(lines)


class _Variants:
    """What the catalog knows of the asked-for SKUs and ids; only what can be sold."""

    def __init__(self, items: Sequence[LineRequest], currency: str) -> None:
        rows = get_variants(
            skus=sorted({item.sku for item in items if item.sku and item.variant_id is None}),
            variant_ids=sorted({item.variant_id for item in items if item.variant_id is not None}),
            currency=currency,
        )
        sellable = [row for row in rows if row.is_sellable]
        self._by_id = {row.id: row for row in sellable}
        self._by_sku: dict[str, list[VariantInfo]] = defaultdict(list)
        for row in sellable:
            self._by_sku[row.sku].append(row)

    def of(self, item: LineRequest) -> list[VariantInfo]:
        """The variants that the item can mean."""
        if item.variant_id is None:
            return self._by_sku.get(item.sku, [])
        row = self._by_id.get(item.variant_id)
        return [row] if row is not None and item.sku in {"", row.sku} else []


def _choose(
    index: int, item: LineRequest, found: _Variants, currency: str
) -> ResolvedLine | FieldError:
    if not 1 <= item.quantity <= MOST_UNITS:
        return _too_many(index)
    field = f"items.{index}.{'sku' if item.variant_id is None else 'variant_id'}"
    variants = found.of(item)
    name = item.sku or str(item.variant_id)
    if not variants:
        return FieldError(field, "unknown_sku", f"'{name}' is not for sale here.")
    if len(variants) > 1:
        detail = f"Several vendors sell '{name}': send variant_id."
        return FieldError(field, "sku_ambiguous", detail)
    price = variants[0].price_cents if item.unit_price_cents is None else item.unit_price_cents
    if price is None or price < 0:
        detail = f"'{name}' has no price in {currency}."
        return FieldError(field, "no_price_in_currency", detail)
    return ResolvedLine(variants[0], item.quantity, price)


def _too_many(index: int) -> FieldError:
    detail = f"Order 1 to {MOST_UNITS:,} of one variant."
    return FieldError(f"items.{index}.quantity", "invalid_quantity", detail)


def _check_prices(items: Sequence[LineRequest], lines: Sequence[ResolvedLine]) -> None:
    changed = [
        FieldError(
            f"items.{index}",
            "price_changed",
            f"The price of {line.variant.sku} is {line.unit_price_cents} now.",
            {"sku": line.variant.sku, "price_cents": line.unit_price_cents},
        )
        for index, (item, line) in enumerate(zip(items, lines, strict=True))
        if item.expected_price_cents not in {None, line.unit_price_cents}
    ]
    if changed:
        raise PriceChanged(changed)


def _merge(lines: Sequence[ResolvedLine]) -> list[ResolvedLine]:
    """One line per variant and price: the quantities of repeated ones are added."""
    merged: dict[tuple[object, int], ResolvedLine] = {}
    for index, line in enumerate(lines):
        key = (line.variant.id, line.unit_price_cents)
        before = merged[key].quantity if key in merged else 0
        total = before + line.quantity
        if total > MOST_UNITS:
            error = _too_many(index)
            raise ValidationFailed(error.detail, errors=[error])
        merged[key] = ResolvedLine(line.variant, total, line.unit_price_cents)
    return list(merged.values())
