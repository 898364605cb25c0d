"""A guest has signed in: their cart goes into that of their account (PEER-15, C-44)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.orders.cart_types import Holder
from apps.orders.carts import find_cart, lenient_quote, lines_of, locked_cart, request_of
from apps.orders.models import Cart, CartLine, CartStatus
from apps.orders.resolving import MOST_LINES, MOST_UNITS, ResolvedLine, price_of
from apps.orders.services.apply_coupon import MOST_COUPONS
from apps.orders.services.open_cart import OpenCart, open_cart
from apps.orders.services.write_cart import remember_prices, touch_cart

# A variant, and whether it waits for later: what a cart has one line of.
_Goods = tuple[UUID, bool]

# What the account's cart takes over where it has none of its own.
_FILLED = (
    "shipping_address",
    "billing_address",
    "shipping_method",
    "vat_id",
    "notes",
    "purchase_order_number",
)
_SUMS = """
UPDATE orders_cartline AS line
   SET quantity = given.units, updated_at = %(now)s
  FROM unnest(%(ids)s::uuid[], %(units)s::int[]) AS given(id, units)
 WHERE line.id = given.id
"""


def merge_carts(*, customer_id: UUID, token_hash: str) -> bool:
    """Put the guest's goods and codes into the customer's cart; the guest's token is dead then.

    Quantities are added, 10,000 of one variant and 200 lines at most. An empty cart of the
    customer's takes the guest's currency, and a place that does not take the cart's gives it its
    own. More of the same goods is no news of their price; what has changed since either of the two
    carts was seen still is. Done once, however often and at once it is asked for. Locks both carts,
    the customer's first. Returns whether anything was there to merge.
    """
    if find_cart(Holder(token_hash=token_hash)) is None:
        return False
    with transaction.atomic():
        # First the customer's, then the guest's: nobody takes the two the other way round.
        opened = open_cart(Holder(customer_id=customer_id))
        source = locked_cart(Holder(token_hash=token_hash))
        if source is None:
            return False
        _merge(opened, source)
        return True


def _merge(opened: OpenCart, source: Cart) -> None:
    own, ours, theirs = opened.cart, opened.lines, lines_of(source)
    sights = _sights((own, ours), (source, theirs))
    names = _take_over(own, source, is_empty=not ours)
    plan = _plan(ours, theirs)
    _move_lines(own, plan)
    CartLine.objects.filter(cart=source).delete()
    _price(own, [*ours, *plan.moved], sights)
    touch_cart(own, *names)
    _close(source)


def _take_over(own: Cart, source: Cart, *, is_empty: bool) -> list[str]:
    """Fill what the customer's cart lacks; returns the names of the fields to write."""
    if is_empty:
        own.currency, own.market = source.currency, source.market
    codes = [*own.coupon_codes, *source.coupon_codes]
    own.coupon_codes = list(dict.fromkeys(codes))[:MOST_COUPONS]
    own.recovered = own.recovered or source.recovered or source.abandoned_at is not None
    for name in _FILLED:
        if not getattr(own, name):
            setattr(own, name, getattr(source, name))
    return ["currency", "market", "coupon_codes", *_FILLED]


@dataclass(frozen=True, slots=True)
class _Plan:
    """sums: line of the customer's → its quantity then. moved: lines that go over as they are."""

    sums: dict[UUID, int] = field(default_factory=dict)
    moved: list[CartLine] = field(default_factory=list)


def _plan(ours: Sequence[CartLine], theirs: Sequence[CartLine]) -> _Plan:
    there = {_goods(line): line for line in ours}
    plan, room = _Plan(), MOST_LINES - len(ours)
    for line in theirs:
        match = there.get(_goods(line))
        if match is not None:
            match.quantity = min(match.quantity + line.quantity, MOST_UNITS)
            plan.sums[match.pk] = match.quantity
        elif room > 0:
            plan.moved.append(line)
            room -= 1
    return plan


def _goods(line: CartLine) -> _Goods:
    return line.variant_id, line.saved_for_later


def _move_lines(own: Cart, plan: _Plan) -> None:
    now = timezone.now()
    if plan.sums:
        units: dict[str, Any] = {
            "ids": list(plan.sums),
            "units": list(plan.sums.values()),
            "now": now,
        }
        with connection.cursor() as cursor:
            cursor.execute(_SUMS, units)
    if plan.moved:
        moved = [line.pk for line in plan.moved]
        CartLine.objects.filter(pk__in=moved).update(cart=own, updated_at=now)


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one of the two carts told of a line: so many units, at this price each. None: no price
    was told.
    """

    currency: str
    cents: int | None
    units: int


def _sights(*carts: tuple[Cart, Sequence[CartLine]]) -> dict[_Goods, list[_Sight]]:
    found: dict[_Goods, list[_Sight]] = defaultdict(list)
    for cart, lines in carts:
        for line in lines:
            sight = _Sight(cart.currency, line.seen_price_cents, line.quantity)
            found[_goods(line)].append(sight)
    return found


def _price(own: Cart, lines: Sequence[CartLine], sights: Mapping[_Goods, list[_Sight]]) -> None:
    """Give the cart the currency of its place, and its lines the prices that count as seen."""
    quoted, _ = lenient_quote(request_of(own, lines))
    own.currency = quoted.currency
    wanted = [line.pk for line in lines if not line.saved_for_later]
    resolved = dict(zip(wanted, quoted.lines, strict=True))
    seen = {}
    for line in lines:
        # A price that was seen in another currency says nothing in this one.
        known = [one for one in sights[_goods(line)] if one.currency == own.currency]
        seen[line.pk] = _seen(resolved.get(line.pk), known)
    remember_prices(lines, seen)


def _seen(resolved: ResolvedLine | None, sights: Sequence[_Sight]) -> int | None:
    """The price now, unless a change of it waits to be told in one of the carts: more of the same
    may have another price by itself.
    """
    if resolved is None or resolved.refusal:
        return sights[0].cents if sights else None
    for sight in sights:
        if sight.cents not in {None, price_of(resolved, sight.units)}:
            return sight.cents
    return resolved.unit_price_cents


def _close(source: Cart) -> None:
    """Whose it was is known from now on, and kept in one place only."""
    source.status = CartStatus.MERGED
    source.token_hash = None
    source.email = source.vat_id = source.notes = source.purchase_order_number = ""
    source.shipping_address = source.billing_address = None
    source.save(
        update_fields=[
            "status",
            "token_hash",
            "email",
            "vat_id",
            "notes",
            "purchase_order_number",
            "shipping_address",
            "billing_address",
            "updated_at",
        ]
    )
