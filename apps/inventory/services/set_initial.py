"""Bulk: what an import says is on hand at the default warehouse (IMP, INV-02)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.common.context import current_actor
from apps.common.database import array, ids_array
from apps.common.ids import uuid7
from apps.inventory.locks import lock_levels
from apps.inventory.models import MovementKind
from apps.inventory.selectors import find_warehouse
from apps.inventory.services.fill_waiting import fill_waiting, waited_for
from apps.inventory.services.publish_alerts import LevelChange, publish_crossings

# Joins nothing, so that no plan for it can be slow. A level and its first movement share the id.
_CREATE = """
WITH created AS (
    INSERT INTO inventory_stocklevel (id, created_at, updated_at, variant_id, warehouse_id, on_hand,
                                      reserved, reorder_threshold, location, last_restocked_at)
    SELECT given.id, %(now)s, %(now)s, given.variant_id, %(warehouse)s, given.units, 0, 10, '',
           CASE WHEN given.units > 0 THEN %(now)s::timestamptz END
      FROM unnest(%(ids)s::uuid[], %(variants)s::uuid[], %(units)s::int[])
           AS given(id, variant_id, units)
     ORDER BY given.variant_id
        ON CONFLICT (variant_id, warehouse_id) DO NOTHING
 RETURNING id, variant_id, on_hand
), told AS (
    INSERT INTO inventory_stockmovement (id, variant_id, warehouse_id, kind, on_hand_delta,
                                         reserved_delta, reason, actor, created_at)
    SELECT id, variant_id, %(warehouse)s, %(kind)s, on_hand, 0, %(reason)s, %(actor)s, %(now)s
      FROM created WHERE on_hand > 0
)
SELECT count(*), count(*) FILTER (WHERE on_hand > 0) FROM created
"""
# Of these something is kept in other places, where orders and those who wait may have found it.
_ELSEWHERE = """
SELECT DISTINCT variant_id FROM inventory_stocklevel
 WHERE variant_id = ANY(%(variants)s::uuid[]) AND warehouse_id <> %(warehouse)s
"""
# Autovacuum may look at the table while an import's rows are uncommitted, and tell the planner that
# it is empty. Nested loops over what is there in truth would then take minutes (10,000 rows: 24 s
# instead of 0.2 s), so the one statement that joins does without them.
_LOCK = """
SELECT count(*), set_config('enable_nestloop', 'off', true) FROM (
    SELECT 1 FROM inventory_stocklevel
     WHERE variant_id = ANY(%(variants)s::uuid[])
       AND (warehouse_id = %(warehouse)s OR variant_id = ANY(%(elsewhere)s::uuid[]))
     ORDER BY variant_id, warehouse_id FOR UPDATE
) AS locked
"""
_SET = """
WITH given AS (
    SELECT given.id, level.id AS level_id, level.on_hand AS before,
           greatest(given.units, level.reserved) AS after, level.reserved
      FROM unnest(%(ids)s::uuid[], %(variants)s::uuid[], %(units)s::int[])
           AS given(id, variant_id, units)
      JOIN inventory_stocklevel AS level
        ON level.variant_id = given.variant_id AND level.warehouse_id = %(warehouse)s
), changed AS (
    UPDATE inventory_stocklevel AS level
       SET on_hand = given.after, updated_at = %(now)s,
           last_restocked_at =
               CASE WHEN given.after > given.before THEN %(now)s ELSE level.last_restocked_at END
      FROM given
     WHERE level.id = given.level_id AND given.after <> given.before
 RETURNING given.id, level.variant_id, given.before, given.after, given.reserved
), told AS (
INSERT INTO inventory_stockmovement (id, variant_id, warehouse_id, kind, on_hand_delta,
                                     reserved_delta, reason, actor, created_at)
SELECT id, variant_id, %(warehouse)s, %(kind)s, after - before, 0, %(reason)s, %(actor)s, %(now)s
  FROM changed
)
SELECT variant_id, before - reserved, after - reserved FROM changed
"""
# A level that is new here has the id that we gave it.
_CAME = """
SELECT variant_id, 0, on_hand FROM inventory_stocklevel
 WHERE variant_id = ANY(%(elsewhere)s::uuid[]) AND id = ANY(%(ids)s::uuid[]) AND on_hand > 0
"""


def set_initial(*, rows: Sequence[tuple[UUID, int]], reason: str) -> int:
    """Make the default warehouse hold so many units of each variant; returns how many changed.

    rows: (variant, units ≥ 0); of a variant that comes twice the last counts. Set-based: three
    statements for variants that nothing is kept of yet, seven with others among them, eight with
    some that other warehouses have, for any number of rows, in the caller's transaction if there is
    one. Rows that hold as many already are not touched. What orders hold stays on hand: a number
    below it becomes it, so that one sold-out row does not stop an import. What arrives goes to
    those who wait for it first. Publishes InventoryAllocated for them, ProductOutOfStock and
    ProductBackInStock of variants that something was kept of before; what is new was never out of
    stock. Locks the levels by variant, of what other warehouses have those too. Serves CAT-16,
    MOON-09.
    """
    wanted = dict(rows)
    if not wanted:
        return 0
    variants, warehouse = list(wanted), find_warehouse(None)
    values: dict[str, Any] = {
        "ids": ids_array(uuid7() for _ in variants),
        "variants": ids_array(variants),
        "units": array(wanted.values()),
        "warehouse": warehouse.id,
        "kind": MovementKind.IMPORT.value,
        "reason": reason[:200],
        "actor": current_actor(),
        "now": timezone.now(),
    }
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(_CREATE, values)
        created, stocked = cursor.fetchone()
        cursor.execute(_ELSEWHERE, values)
        elsewhere = [row[0] for row in cursor.fetchall()]
        if created == len(variants) and not elsewhere:
            return int(stocked)
        cursor.execute(_LOCK, values | {"elsewhere": ids_array(elsewhere)})
        cursor.execute(_SET, values)
        changed = cursor.fetchall()
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
        came = []
        if elsewhere:
            cursor.execute(_CAME, values | {"elsewhere": ids_array(elsewhere)})
            came = cursor.fetchall()
        if warehouse.is_active:
            _tell([*changed, *came], warehouse.id)
        return int(stocked) + len(changed)


def _tell(changed: Sequence[tuple[UUID, int, int]], warehouse_id: UUID) -> None:
    """Give what came to those who waited, and tell of the rest that it is there or gone."""
    filled = _fill(changed, warehouse_id)
    publish_crossings(
        [
            LevelChange(variant, warehouse_id, before, after - filled.get(variant, 0), 0)
            for variant, before, after in changed
        ]
    )


def _fill(changed: Sequence[tuple[UUID, int, int]], warehouse_id: UUID) -> dict[UUID, int]:
    """Variant → units of what came that those got who waited for them."""
    arrived = [variant for variant, before, after in changed if after > before]
    waited = waited_for(arrived)
    if not waited:
        return {}
    levels = lock_levels(sorted(waited), [warehouse_id])
    filled = fill_waiting(levels, {level.id: level.on_hand - level.reserved for level in levels})
    return {level.variant_id: filled[level.id] for level in levels if level.id in filled}
