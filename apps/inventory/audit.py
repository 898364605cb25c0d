"""Whether levels, ledger and reservations agree (MOON-09, I-06)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

# Added up once and then joined: its cost does not hang on what the planner believes of the tables.
_COMPARE = """
WITH part AS (
    SELECT variant_id, warehouse_id, on_hand, reserved,
           0 AS ledger_on_hand, 0 AS ledger_reserved, 0 AS held
      FROM inventory_stocklevel
     UNION ALL
    SELECT variant_id, warehouse_id, 0, 0, on_hand_delta, reserved_delta, 0
      FROM inventory_stockmovement
     UNION ALL
    SELECT variant_id, warehouse_id, 0, 0, 0, 0, quantity - committed
      FROM inventory_reservation WHERE status = 'held'
), side AS MATERIALIZED (
    SELECT variant_id, warehouse_id, sum(on_hand) AS on_hand, sum(reserved) AS reserved,
           sum(ledger_on_hand) AS ledger_on_hand, sum(ledger_reserved) AS ledger_reserved,
           sum(held) AS held
      FROM part GROUP BY variant_id, warehouse_id
    HAVING sum(on_hand) <> sum(ledger_on_hand)
        OR sum(reserved) <> sum(ledger_reserved)
        OR sum(reserved) <> sum(held)
)
SELECT variant.sku, warehouse.code, found.what, found.level, found.source, found.expected,
       variant.id
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
# What waits for goods is in no level; the variant's rule counts it.
_COMPARE_WAITING = """
SELECT variant.sku, '', 'backordered', coalesce(policy.backordered, 0), 'orders wait for',
       coalesce(queue.units, 0), variant.id
  FROM inventory_backorderpolicy AS policy
  FULL JOIN (SELECT variant_id, sum(quantity - committed) AS units
               FROM inventory_reservation WHERE status = 'waiting' GROUP BY variant_id) AS queue
    ON queue.variant_id = policy.variant_id
  JOIN catalog_variant AS variant ON variant.id = coalesce(policy.variant_id, queue.variant_id)
 WHERE coalesce(policy.backordered, 0) <> coalesce(queue.units, 0)
 ORDER BY variant.sku
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A count that something does not explain: `what` is `level`, but `source` `expected`.

    `warehouse` is empty where back-ordered units are counted, which lie nowhere.
    """

    sku: str
    warehouse: str
    what: str
    level: int
    source: str
    expected: int
    variant_id: UUID


def find_differences() -> list[Difference]:
    """Every level of the store that ledger or reservations contradict, and every count of what is
    back-ordered that those who wait contradict. Two queries; each compares what it sees at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE)
        found = [Difference(*row) for row in cursor.fetchall()]
        cursor.execute(_COMPARE_WAITING)
        return found + [Difference(*row) for row in cursor.fetchall()]
