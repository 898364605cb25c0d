"""Whether levels, ledger and reservations agree (MOON-09, I-06)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

_COMPARE = """
WITH ledger AS (
    SELECT variant_id, warehouse_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved
      FROM inventory_stockmovement GROUP BY variant_id, warehouse_id
), held AS (
    SELECT variant_id, warehouse_id, sum(quantity - committed) AS reserved
      FROM inventory_reservation WHERE status = 'held' GROUP BY variant_id, warehouse_id
), side AS (
    SELECT variant_id, warehouse_id,
           coalesce(level.on_hand, 0) AS on_hand, coalesce(level.reserved, 0) AS reserved,
           coalesce(ledger.on_hand, 0) AS ledger_on_hand,
           coalesce(ledger.reserved, 0) AS ledger_reserved,
           coalesce(held.reserved, 0) AS held
      FROM inventory_stocklevel AS level
      FULL JOIN ledger USING (variant_id, warehouse_id)
      FULL JOIN held USING (variant_id, warehouse_id)
)
SELECT variant.sku, warehouse.code, found.what, found.level, found.source, found.expected
  FROM side
  JOIN catalog_variant AS variant ON variant.id = side.variant_id
  JOIN inventory_warehouse AS warehouse ON warehouse.id = side.warehouse_id
 CROSS JOIN LATERAL (VALUES
       ('on_hand', side.on_hand, 'the ledger says', side.ledger_on_hand),
       ('reserved', side.reserved, 'the ledger says', side.ledger_reserved),
       ('reserved', side.reserved, 'orders hold', side.held)
     ) AS found(what, level, source, expected)
 WHERE found.level <> found.expected
 ORDER BY variant.sku, warehouse.code, found.what, found.source
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A level that something does not explain: `what` is `level`, but `source` `expected`."""

    sku: str
    warehouse: str
    what: str
    level: int
    source: str
    expected: int


def find_differences() -> list[Difference]:
    """Every level of the store that ledger or reservations contradict. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE)
        return [Difference(*row) for row in cursor.fetchall()]
