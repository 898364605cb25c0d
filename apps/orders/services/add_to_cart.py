"""Put goods into a cart (CRT-01, CRT-05, I-28)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction

from apps.common.errors import ValidationFailed
from apps.orders.cart_types import CartReading, Holder
from apps.orders.carts import lenient_quote, read_cart, request_of
from apps.orders.models import CartLine
from apps.orders.quoting import Quote
from apps.orders.resolving import MOST_LINES, ResolvedLine, price_of, refuse_changed, require
from apps.orders.services.open_cart import OpenCart, open_cart
from apps.orders.services.write_cart import put_lines
from apps.orders.types import LineRequest


def add_to_cart(*, holder: Holder, items: Sequence[LineRequest]) -> CartReading:
    """Add to the cart's quantities; the first goods open one, whose token a guest is told.

    The prices are those of the moment. Too little stock is no obstacle yet: the reading tells of
    it. Locks the cart. Raises ValidationFailed (`items.N.sku`, `items.N.variant_id`,
    `items.N.quantity`, `items`), and PriceChanged where the buyer saw another price.
    """
    with transaction.atomic():
        opened = open_cart(holder)
        request = request_of(opened.cart, opened.lines)
        there = len(request.lines)
        quoted, faults = lenient_quote(replace(request, lines=(*request.lines, *items)))
        asked = quoted.lines[there:]
        _check(asked, quoted.currency)
        is_own_currency = quoted.currency == opened.cart.currency
        lines = _put(opened, asked, tells_prices=is_own_currency)
        aligned = replace(quoted, lines=_one_each(lines, quoted))
        return read_cart(opened.cart, lines, known=(aligned, faults), token=opened.token)


def _check(asked: Sequence[ResolvedLine], currency: str) -> None:
    # Fewer than a price list asks for may lie in a cart: its reading says how many it takes.
    require(
        [
            replace(
                line,
                refusal="" if line.refusal == "min_quantity" else line.refusal,
                request=replace(line.request, expected_price_cents=None),
            )
            for line in asked
        ],
        currency,
    )
    refuse_changed(asked, _is_expected)


def _is_expected(line: ResolvedLine) -> bool:
    """Whether the buyer saw what it costs: by itself, or together with what lies there already."""
    expected = line.request.expected_price_cents
    return expected in {None, line.unit_price_cents, price_of(line, line.quantity)}


@dataclass(slots=True)
class _Added:
    """A line of the cart, and how many units it gets."""

    line: CartLine
    units: int = 0


def _put(opened: OpenCart, asked: Sequence[ResolvedLine], *, tells_prices: bool) -> list[CartLine]:
    """Write the additions; the cart's lines as they are then."""
    lines = list(opened.lines)
    by_variant = {line.variant_id: line for line in lines if not line.saved_for_later}
    added: dict[UUID, _Added] = {}
    for resolved in asked:
        assert resolved.variant is not None
        pk = resolved.variant.id
        line = by_variant.get(pk)
        if line is None:
            line = CartLine(cart=opened.cart, variant_id=pk, quantity=0)
            by_variant[pk] = line
            lines.append(line)
        price = resolved.unit_price_cents if tells_prices and not resolved.refusal else None
        if pk not in added and _was_told(line, resolved):
            line.seen_price_cents = price
        line.quantity += resolved.quantity
        added.setdefault(pk, _Added(line)).units += resolved.quantity
    if len(lines) > MOST_LINES:
        detail = f"A cart holds up to {MOST_LINES} lines."
        raise ValidationFailed.of("items", "line_count", detail)
    put_lines(opened.cart, [(row.line, row.units) for row in added.values()])
    return lines


def _was_told(line: CartLine, resolved: ResolvedLine) -> bool:
    """Whether no change of price waits to be seen: more of it may have another price by itself."""
    told = line.seen_price_cents
    return (
        told is None
        or resolved.request.expected_price_cents is not None
        or told == price_of(resolved, line.quantity)
    )


def _one_each(lines: Sequence[CartLine], quoted: Quote) -> tuple[ResolvedLine, ...]:
    """The quote's lines, one for each of the cart's that is to be bought, in their order."""
    known = {line.variant.id: line for line in quoted.lines if line.variant is not None}
    return tuple(
        replace(known[line.variant_id], quantity=line.quantity)
        for line in lines
        if not line.saved_for_later
    )
