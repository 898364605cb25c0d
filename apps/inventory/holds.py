"""Writing what orders hold and wait for, and the counters that cap the waiting (PEER-29).

Called with the levels of the variants locked, and their back-order rules where something waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.common.ids import uuid7
from apps.inventory.allocation import Share
from apps.inventory.ledger import LevelsMoved

# A row that was given back begins again with what has left of it.
_HOLD = """
INSERT INTO inventory_reservation AS held
       (id, created_at, updated_at, order_id, line_id, variant_id, warehouse_id, label, quantity,
        committed, status)
SELECT given.id, %(now)s, %(now)s, given.order_id, given.line_id, given.variant_id,
       given.warehouse_id, given.label, given.units, 0, 'held'
  FROM unnest(%(ids)s::uuid[], %(orders)s::uuid[], %(lines)s::uuid[], %(variants)s::uuid[],
              %(warehouses)s::uuid[], %(labels)s::text[], %(units)s::int[])
       AS given(id, order_id, line_id, variant_id, warehouse_id, label, units)
    ON CONFLICT (line_id, warehouse_id) DO UPDATE
   SET quantity = CASE WHEN held.status = 'released' THEN held.committed ELSE held.quantity END
                  + EXCLUDED.quantity,
       variant_id = EXCLUDED.variant_id, status = 'held', updated_at = EXCLUDED.updated_at
"""
_WAIT = """
INSERT INTO inventory_reservation AS held
       (id, created_at, updated_at, order_id, line_id, variant_id, label, quantity, committed,
        status)
SELECT given.id, %(now)s, %(now)s, %(order)s, given.line_id, given.variant_id, %(label)s,
       given.units, 0, 'waiting'
  FROM unnest(%(ids)s::uuid[], %(lines)s::uuid[], %(variants)s::uuid[], %(units)s::int[])
       AS given(id, line_id, variant_id, units)
    ON CONFLICT (line_id) WHERE status = 'waiting' DO UPDATE
   SET quantity = held.quantity + EXCLUDED.quantity, updated_at = EXCLUDED.updated_at
"""
_COUNT = """
UPDATE inventory_backorderpolicy AS policy
   SET backordered = policy.backordered + given.units, updated_at = %(now)s
  FROM unnest(%(variants)s::uuid[], %(units)s::int[]) AS given(variant_id, units)
 WHERE policy.variant_id = given.variant_id
   AND policy.backordered + given.units BETWEEN 0 AND policy."limit"
"""


def add_holds(rows: Sequence[tuple[UUID, str, Share]]) -> None:
    """Hold more for lines: (order, its number, share) each. One query; levels are not touched."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _HOLD,
            {
                "ids": [uuid7() for _ in rows],
                "orders": [order_id for order_id, _, _ in rows],
                "labels": [label[:40] for _, label, _ in rows],
                "lines": [share.line_id for _, _, share in rows],
                "variants": [share.variant_id for _, _, share in rows],
                "warehouses": [share.warehouse_id for _, _, share in rows],
                "units": [share.units for _, _, share in rows],
                "now": timezone.now(),
            },
        )


def add_waits(order_id: UUID, label: str, waits: Mapping[UUID, tuple[UUID, int]]) -> None:
    """Let lines wait for more: line → (variant, units). One query; counters are not touched."""
    if not waits:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _WAIT,
            {
                "ids": [uuid7() for _ in waits],
                "order": order_id,
                "label": label[:40],
                "lines": list(waits),
                "variants": [variant for variant, _ in waits.values()],
                "units": [units for _, units in waits.values()],
                "now": timezone.now(),
            },
        )


def count_waits(units: Mapping[UUID, int]) -> None:
    """Add to the counters of variants: variant → units, negative where fewer wait. One query.

    Raises LevelsMoved when a cap would be passed, which the lock that the caller holds rules out.
    """
    moving = {variant: count for variant, count in units.items() if count}
    if not moving:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "variants": sorted(moving),
                "units": [moving[variant] for variant in sorted(moving)],
                "now": timezone.now(),
            },
        )
        if cursor.rowcount != len(moving):
            raise LevelsMoved("A back-order cap moved while units were added to it.")
