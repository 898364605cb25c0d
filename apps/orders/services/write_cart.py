"""Write what was done to a cart, under its lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.common.queries import write
from apps.orders.models import Cart, CartLine

# A cart that was told as abandoned and is touched again has been won back.
_PUT = """
WITH touched AS (
    UPDATE orders_cart
       SET active_at = %(now)s, updated_at = %(now)s,
           recovered = recovered OR abandoned_at IS NOT NULL, abandoned_at = NULL
     WHERE id = %(cart)s)
INSERT INTO orders_cartline AS line
       (id, created_at, updated_at, cart_id, variant_id, quantity, saved_for_later,
        seen_price_cents)
SELECT given.id, %(now)s, %(now)s, %(cart)s, given.variant_id, given.units, false, given.seen
  FROM unnest(%(ids)s::uuid[], %(variants)s::uuid[], %(units)s::int[], %(seen)s::bigint[])
       AS given(id, variant_id, units, seen)
    ON CONFLICT (cart_id, variant_id, saved_for_later) DO UPDATE
   SET quantity = line.quantity + EXCLUDED.quantity,
       seen_price_cents = EXCLUDED.seen_price_cents, updated_at = EXCLUDED.updated_at
"""
_SEEN = """
UPDATE orders_cartline AS line
   SET seen_price_cents = given.seen
  FROM unnest(%(ids)s::uuid[], %(seen)s::bigint[]) AS given(id, seen)
 WHERE line.id = given.id
"""


def touch_cart(cart: Cart, *names: str) -> None:
    """Write these fields of the cart, and that something was done to it. One statement."""
    cart.recovered = cart.recovered or cart.abandoned_at is not None
    cart.abandoned_at = None
    cart.active_at = timezone.now()
    write(cart, *names, "recovered", "abandoned_at", "active_at", "updated_at")


def put_lines(cart: Cart, added: Sequence[tuple[CartLine, int]]) -> None:
    """Add so many units of each line, new ones too, with the price its buyer is told. The cart
    counts as touched. One statement, however many; the lines themselves hold the sums already.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _PUT,
            {
                "cart": cart.pk,
                "now": timezone.now(),
                "ids": [line.pk for line, _ in added],
                "variants": [line.variant_id for line, _ in added],
                "units": [units for _, units in added],
                "seen": [line.seen_price_cents for line, _ in added],
            },
        )


def remember_prices(lines: Sequence[CartLine], prices: Mapping[UUID, int | None]) -> None:
    """Keep what the buyer is told now: line → price, of those that differ. One statement."""
    changed = [
        line for line in lines if line.pk in prices and line.seen_price_cents != prices[line.pk]
    ]
    if not changed:
        return
    for line in changed:
        line.seen_price_cents = prices[line.pk]
    with connection.cursor() as cursor:
        cursor.execute(
            _SEEN,
            {
                "ids": [line.pk for line in changed],
                "seen": [line.seen_price_cents for line in changed],
            },
        )
