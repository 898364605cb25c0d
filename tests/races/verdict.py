"""What must hold when a round has come to rest (I-02, I-06, I-09, MOON-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from apps.inventory.audit import find_differences
from tests.races.journal import Journal
from tests.races.plan import Round

# What is wrong → the rows that show it; each begins with what to look for.
FAULTS = {
    "oversold": """
        SELECT variant.sku, warehouse.code, level.on_hand, level.reserved
          FROM inventory_stocklevel AS level
          JOIN catalog_variant AS variant ON variant.id = level.variant_id
          JOIN inventory_warehouse AS warehouse ON warehouse.id = level.warehouse_id
         WHERE level.reserved < 0 OR level.on_hand < level.reserved""",
    "held for nobody": """
        SELECT coalesce(o.number, held.order_id::text), held.status, held.quantity
          FROM inventory_reservation AS held
          LEFT JOIN orders_order AS o ON o.id = held.order_id
         WHERE held.status IN ('held', 'waiting')
           AND (o.id IS NULL OR o.status = 'cancelled' OR o.payment_status <> 'paid')""",
    "order stuck": """
        SELECT number, status, payment_status FROM orders_order
         WHERE status IN ('created', 'confirmed')""",
    "order without its stock": """
        SELECT o.number, o.status, wanted.units, coalesce(held.units, 0)
          FROM orders_order AS o
          JOIN (SELECT order_id, sum(quantity) AS units FROM orders_orderline
                 GROUP BY order_id) AS wanted ON wanted.order_id = o.id
          LEFT JOIN (SELECT order_id, sum(quantity) AS units FROM inventory_reservation
                      WHERE status IN ('held', 'committed') GROUP BY order_id) AS held
            ON held.order_id = o.id
         WHERE o.status <> 'cancelled' AND wanted.units <> coalesce(held.units, 0)""",
    "shipped without its stock": """
        SELECT coalesce(sent.line_id, held.line_id), coalesce(sent.units, 0),
               coalesce(held.units, 0)
          FROM (SELECT line.order_line_id AS line_id, sum(line.quantity) AS units
                  FROM shipping_shipmentline AS line
                  JOIN shipping_shipment AS parcel ON parcel.id = line.shipment_id
                 WHERE parcel.shipped_at IS NOT NULL GROUP BY line.order_line_id) AS sent
          FULL JOIN (SELECT line_id, sum(committed) AS units FROM inventory_reservation
                      GROUP BY line_id HAVING sum(committed) > 0) AS held
            ON held.line_id = sent.line_id
         WHERE coalesce(sent.units, 0) <> coalesce(held.units, 0)""",
    "order half written": """
        SELECT o.number, o.total_cents, lines.cents, parts.count
          FROM orders_order AS o
          LEFT JOIN (SELECT order_id, sum(total_cents) AS cents FROM orders_orderline
                      GROUP BY order_id) AS lines ON lines.order_id = o.id
          LEFT JOIN (SELECT order_id, count(*) FROM orders_vendororder
                      GROUP BY order_id) AS parts ON parts.order_id = o.id
         WHERE lines.cents IS NULL OR parts.count IS NULL
            OR o.total_cents <> lines.cents + o.shipping_cents
            OR NOT EXISTS (SELECT 1 FROM orders_orderhistory AS told WHERE told.order_id = o.id)
            OR NOT EXISTS (SELECT 1 FROM events_event AS event
                            WHERE event.topic = 'order.created'
                              AND event.key = o.id::text)""",
    "ordered twice": """
        SELECT email, count(*) FROM orders_order GROUP BY email HAVING count(*) > 1""",
    "money does not agree": """
        SELECT o.number, o.status, o.total_cents, o.paid_cents, o.refunded_cents,
               coalesce(book.taken, 0), coalesce(book.back, 0)
          FROM orders_order AS o
          LEFT JOIN (SELECT payment.order_id, sum(intent.captured_cents) AS taken,
                            sum(intent.refunded_cents) AS back
                       FROM payments_payment AS payment
                       JOIN payments_sandboxintent AS intent ON intent.id = payment.gateway_id
                      GROUP BY payment.order_id) AS book ON book.order_id = o.id
         WHERE (o.paid_cents, o.refunded_cents)
               IS DISTINCT FROM (coalesce(book.taken, 0), coalesce(book.back, 0))
            OR o.paid_cents - o.refunded_cents
               <> CASE o.status WHEN 'cancelled' THEN 0 ELSE o.total_cents END""",
    "charged without a payment": """
        SELECT intent.id, intent.status, intent.captured_cents FROM payments_sandboxintent AS intent
         WHERE NOT EXISTS (SELECT 1 FROM payments_payment AS payment
                            WHERE payment.gateway_id = intent.id)""",
    "payment unsettled": """
        SELECT id, status FROM payments_payment
         WHERE status IN ('pending', 'requires_action', 'authorized')
         UNION ALL SELECT id, status FROM payments_refund WHERE status <> 'processed'
         UNION ALL SELECT id, status FROM payments_webhookmessage
                    WHERE status IN ('received', 'failed')""",
    "delivery owed": """
        SELECT subscriber, status, attempts, left(last_error, 300) FROM events_delivery
         WHERE status <> 'done'""",
    "transfer open": """
        SELECT number, status FROM inventory_transfer
         WHERE status NOT IN ('received', 'cancelled')""",
}
_MOST_SHOWN = 5
_ON_HAND = """
SELECT variant.sku, sum(level.on_hand) FROM inventory_stocklevel AS level
  JOIN catalog_variant AS variant ON variant.id = level.variant_id
 WHERE variant.sku = ANY(%s) GROUP BY variant.sku
"""
_SOLD = """
SELECT line.sku, sum(line.quantity) FROM orders_orderline AS line
  JOIN orders_order AS o ON o.id = line.order_id
 WHERE line.sku = ANY(%s) AND o.status <> 'cancelled' GROUP BY line.sku
"""
_SHIPPED = """
SELECT line.sku, sum(line.quantity) FROM shipping_shipmentline AS line
  JOIN shipping_shipment AS parcel ON parcel.id = line.shipment_id
 WHERE line.sku = ANY(%s) AND parcel.shipped_at IS NOT NULL GROUP BY line.sku
"""
_CORRECTIONS = """
SELECT reason, on_hand_delta FROM inventory_stockmovement WHERE reason LIKE 'Correction %'
"""
_ORDERS = """
SELECT email, id::text, status, cancel_reason, payment_status FROM orders_order
 WHERE email = ANY(%s)
"""


@dataclass
class Verdict:
    """What a round did, and what is wrong with it."""

    ordered: int = 0
    refused: int = 0
    sold: int = 0
    shipped: int = 0
    expired: int = 0
    ties: int = 0
    complaints: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain, to be handed from process to process."""
        return dict(vars(self))


def judge(planned: Round, folder: Path) -> Verdict:
    """Look at the current store, which has come to rest. folder: where the journals are."""
    verdict = Verdict()
    entries = [entry for path in sorted(folder.glob("*.log")) for entry in Journal(path).read()]
    for entry in entries:
        if entry["what"] == "fault":
            verdict.complaints.append(f"{entry['key']}: {entry['error']}")
    verdict.complaints += find_faults()
    verdict.complaints += _compare_stock(planned, entries)
    _compare_buyers(verdict, planned, entries)
    verdict.shipped = int(sum(units for _, units in _rows(_SHIPPED, _skus(planned))))
    return verdict


def _skus(planned: Round) -> list[str]:
    return [good.sku for good in planned.goods]


def find_faults() -> list[str]:
    """Everything in the current store that contradicts itself, a line each."""
    found = [f"levels and ledger differ: {row}" for row in find_differences()]
    for what, sql in FAULTS.items():
        rows = _rows(sql)
        found += [f"{what}: {', '.join(map(str, row))}" for row in rows[:_MOST_SHOWN]]
        if len(rows) > _MOST_SHOWN:
            found.append(f"{what}: {len(rows) - _MOST_SHOWN} more")
    return found


def _compare_stock(planned: Round, entries: Sequence[dict[str, Any]]) -> list[str]:
    """What the shelves hold against what was put there, which the application has no part in."""
    made = dict(_rows(_CORRECTIONS))
    tried = {row["reason"]: row for row in entries if row["what"] == "correcting"}
    told = {row["reason"] for row in entries if row["what"] == "corrected"}
    found = [f"correction lost: {tried[reason]}" for reason in sorted(told - set(made))]
    expected = {good.sku: sum(good.stock.values()) for good in planned.goods}
    for reason, row in tried.items():
        if reason in made:
            expected[row["sku"]] += row["delta"]
            if made[reason] != row["delta"]:
                found.append(f"correction of {row['delta']} made as {made[reason]}")
    skus = list(expected)
    on_hand, sold, sent = (dict(_rows(sql, skus)) for sql in (_ON_HAND, _SOLD, _SHIPPED))
    for sku, units in expected.items():
        left = units - sent.get(sku, 0)
        if on_hand.get(sku, 0) != left:
            found.append(f"{sku}: {on_hand.get(sku, 0)} on hand, {left} were put there")
        if sold.get(sku, 0) > units:
            found.append(f"{sku}: {sold[sku]} sold, there were {units}")
    return found


def _compare_buyers(verdict: Verdict, planned: Round, entries: Sequence[dict[str, Any]]) -> None:
    """Every buyer has one order, the one that each of their answers named."""
    rows = {email: row for email, *row in _rows(_ORDERS, [one.email for one in planned.buyers])}
    answers: dict[str, set[str]] = {}
    for entry in entries:
        if entry["what"] in {"answered", "finished"} and entry["order"]:
            answers.setdefault(entry["key"], set()).add(entry["order"])
    for buyer in planned.buyers:
        if buyer.email not in rows:
            verdict.complaints.append(f"{buyer.key} has no order")
            continue
        order_id, status, reason, payment_status = rows[buyer.email]
        if answers.get(buyer.key) != {order_id}:
            verdict.complaints.append(
                f"{buyer.key} was told of {answers.get(buyer.key)}, and has {order_id}"
            )
        refused = reason == "out_of_stock"
        verdict.refused += refused
        verdict.ordered += not refused
        verdict.sold += status != "cancelled"
        verdict.expired += reason == "expired"
        verdict.ties += buyer.fate == "pays at the last moment" and not refused
        if payment_status == "paid" and status == "cancelled":
            verdict.complaints.append(f"{buyer.key} paid and was not given the money back")


def _rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return list(cursor.fetchall())
