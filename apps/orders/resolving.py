"""From what a buyer asks for to variants of the catalog with today's prices (ORD-22, P5, P7).

`resolve` says of each line what is wrong with it, for carts, which are shown with their problems.
`require` refuses them, for orders: everything wrong with any line at once, by its place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from apps.catalog.facade import choose_price
from apps.catalog.types import VariantInfo
from apps.common.errors import FieldError, ValidationFailed
from apps.orders.errors import PriceChanged
from apps.orders.types import LineRequest

MOST_LINES = 200
MOST_UNITS = 10_000
# What a whole order may cost.
MOST_CENTS = 10**12


@dataclass(frozen=True, slots=True)
class ResolvedLine:
    """What a request means. `refusal` is "" for one that can be bought at `unit_price_cents`.

    Else it is `unknown_sku`, `sku_ambiguous`, `not_for_sale`, `no_price_in_currency`,
    `min_quantity` or `invalid_quantity`. price_list: where the price came from, "" by hand.
    """

    request: LineRequest
    quantity: int
    variant: VariantInfo | None = None
    unit_price_cents: int = 0
    price_list: str = ""
    refusal: str = ""
    min_quantity: int = 1


def resolve(items: Sequence[LineRequest], variants: Sequence[VariantInfo]) -> list[ResolvedLine]:
    """Each request with its variant and price, in their order. Pure.

    A tier is chosen by all units of a variant that the requests ask for at the catalog's price.
    """
    found = _Variants(variants)
    chosen = [found.of(item) for item in items]
    units: Counter[UUID] = Counter()
    for item, matches in zip(items, chosen, strict=True):
        if len(matches) == 1 and item.unit_price_cents is None:
            units[matches[0].id] += item.quantity
    lines = [_line(item, matches, units) for item, matches in zip(items, chosen, strict=True)]
    return _bounded(lines)


def _bounded(lines: Sequence[ResolvedLine]) -> list[ResolvedLine]:
    """The lines, of which those are refused that ask for no units, or for more than one may."""
    units: Counter[UUID] = Counter()
    checked = []
    for line in lines:
        so_far = line.quantity
        if line.variant is not None:
            units[line.variant.id] += line.quantity
            so_far = units[line.variant.id]
        bad = line.quantity < 1 or so_far > MOST_UNITS
        checked.append(replace(line, refusal="invalid_quantity") if bad else line)
    return checked


class _Variants:
    """The variants that were read, by id and by SKU."""

    def __init__(self, rows: Sequence[VariantInfo]) -> None:
        self._by_id = {row.id: row for row in rows}
        self._by_sku: dict[str, list[VariantInfo]] = defaultdict(list)
        for row in rows:
            if row.is_sellable:
                self._by_sku[row.sku].append(row)

    def of(self, item: LineRequest) -> list[VariantInfo]:
        """The variants that the item can mean."""
        if item.variant_id is None:
            return self._by_sku.get(item.sku, [])
        row = self._by_id.get(item.variant_id)
        return [row] if row is not None and item.sku in {"", row.sku} else []


def _line(
    item: LineRequest, matches: Sequence[VariantInfo], units: Mapping[UUID, int]
) -> ResolvedLine:
    if len(matches) != 1:
        refusal = "sku_ambiguous" if matches else "unknown_sku"
        return ResolvedLine(item, item.quantity, refusal=refusal)
    variant = matches[0]
    fields: dict[str, Any] = {"variant": variant}
    if not variant.is_sellable and not item.is_kept:
        fields["refusal"] = "not_for_sale"
    elif item.unit_price_cents is not None:
        fields["unit_price_cents"] = item.unit_price_cents
    else:
        fields |= _listed(variant, units[variant.id])
    return ResolvedLine(item, item.quantity, **fields)


def _listed(variant: VariantInfo, quantity: int) -> dict[str, Any]:
    tier = choose_price(variant.prices, quantity)
    if tier is not None:
        return {"unit_price_cents": tier.amount_cents, "price_list": tier.list_code}
    least = min((tier.min_quantity for tier in variant.prices), default=None)
    if least is None:
        return {"refusal": "no_price_in_currency"}
    return {"refusal": "min_quantity", "min_quantity": least}


def price_of(line: ResolvedLine, quantity: int) -> int | None:
    """What one unit of so many costs by the catalog; None where it has no such price."""
    tier = choose_price(line.variant.prices, quantity) if line.variant else None
    return tier.amount_cents if tier is not None else None


def check_count(items: Sequence[LineRequest]) -> None:
    """Raises ValidationFailed (`items`: `line_count`) unless there are 1 to 200."""
    if not 0 < len(items) <= MOST_LINES:
        detail = f"Send 1 to {MOST_LINES} lines."
        raise ValidationFailed.of("items", "line_count", detail)


def require(lines: Sequence[ResolvedLine], currency: str) -> None:
    """Raises ValidationFailed (`items.N.sku`, `items.N.variant_id`, `items.N.quantity`) for lines
    that cannot be bought, else PriceChanged, which says the current price of every line whose
    expected price differs.
    """
    errors = [_refusal(index, line, currency) for index, line in enumerate(lines) if line.refusal]
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)
    refuse_changed(
        lines, lambda line: line.request.expected_price_cents in {None, line.unit_price_cents}
    )


def refuse_changed(
    lines: Sequence[ResolvedLine], is_expected: Callable[[ResolvedLine], bool]
) -> None:
    """Raises PriceChanged, which names every line whose price is not the expected one."""
    changed = [
        FieldError(
            f"items.{index}",
            "price_changed",
            f"The price of {line.variant.sku} is {line.unit_price_cents} now.",
            {"sku": line.variant.sku, "price_cents": line.unit_price_cents},
        )
        for index, line in enumerate(lines)
        if line.variant is not None and not line.refusal and not is_expected(line)
    ]
    if changed:
        raise PriceChanged(changed)


def _refusal(index: int, line: ResolvedLine, currency: str) -> FieldError:
    item = line.request
    name = item.sku or (line.variant.sku if line.variant else str(item.variant_id))
    if line.refusal in {"invalid_quantity", "min_quantity"}:
        least = line.min_quantity
        detail = f"Order {least:,} to {MOST_UNITS:,} of one variant."
        return FieldError(f"items.{index}.quantity", line.refusal, detail)
    field = f"items.{index}.{'sku' if item.variant_id is None else 'variant_id'}"
    details = {
        "sku_ambiguous": f"Several vendors sell '{name}': send variant_id.",
        "no_price_in_currency": f"'{name}' has no price in {currency}.",
    }
    # What is not for sale is told as if it were not there.
    known = line.refusal if line.refusal in details else "unknown_sku"
    return FieldError(field, known, details.get(known, f"'{name}' is not for sale here."))


def merged(lines: Sequence[ResolvedLine]) -> list[ResolvedLine]:
    """One line per variant and price: the quantities of repeated ones are added."""
    found: dict[tuple[object, int], ResolvedLine] = {}
    for line in lines:
        key = (line.variant.id if line.variant else line.request, line.unit_price_cents)
        before = found[key].quantity if key in found else 0
        found[key] = ResolvedLine(
            line.request,
            before + line.quantity,
            line.variant,
            line.unit_price_cents,
            line.price_list,
        )
    return list(found.values())
