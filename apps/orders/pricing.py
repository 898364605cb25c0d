"""What an order costs: pure arithmetic on whole subunits (P8, ORD-02).

Everything that changes the amount of an order comes in here as a number: an order's discount is
split over its lines, taxes are given per line, shipping stands beside them. Lines always sum to
the order: `sum(line totals) + shipping = total`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.common.money import allocate


@dataclass(frozen=True, slots=True)
class LineInput:
    """One line before pricing; amounts are in the order's subunit."""

    quantity: int
    unit_price_cents: int
    tax_cents: int = 0


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """One line priced: total = subtotal − discount + tax."""

    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class OrderAmounts:
    """An order priced: total = subtotal − discount + tax + shipping."""

    lines: tuple[LineAmounts, ...]
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    shipping_cents: int
    total_cents: int


def price_order(
    lines: Sequence[LineInput], *, discount_cents: int = 0, shipping_cents: int = 0
) -> OrderAmounts:
    """Price an order.

    discount_cents: off the whole order, never more than its subtotal; it is shared among the
    lines by their worth, by largest remainder, so that the shares sum to it.
    """
    subtotals = [line.quantity * line.unit_price_cents for line in lines]
    subtotal = sum(subtotals)
    discount = min(max(discount_cents, 0), subtotal)
    shares = allocate(discount, subtotals)
    priced = tuple(
        LineAmounts(
            subtotal_cents=worth,
            discount_cents=share,
            tax_cents=line.tax_cents,
            total_cents=worth - share + line.tax_cents,
        )
        for line, worth, share in zip(lines, subtotals, shares, strict=True)
    )
    tax = sum(line.tax_cents for line in priced)
    return OrderAmounts(
        lines=priced,
        subtotal_cents=subtotal,
        discount_cents=discount,
        tax_cents=tax,
        shipping_cents=shipping_cents,
        total_cents=subtotal - discount + tax + shipping_cents,
    )
