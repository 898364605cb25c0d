"""What must hold of an order, whatever was done to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from apps.inventory.audit import find_differences
from apps.orders.states import OrderStatus, can_move
from tests.support.work import drain_all

# Everything of one order in one statement: it is asked after every step of 10,000 sequences.
_STATE = """
SELECT it.status, it.payment_status, it.subtotal_cents, it.discount_cents, it.tax_cents,
       it.shipping_cents, it.shipping_tax_cents, it.total_cents, it.paid_cents, it.refunded_cents,
       (SELECT json_agg(json_build_array(total_cents, quantity, shipped_quantity,
                                         returned_quantity))
          FROM orders_orderline WHERE order_id = it.id) AS lines,
       (SELECT sum(total_cents) FROM orders_vendororder WHERE order_id = it.id) AS parts_cents,
       (SELECT sum((entry->>'amount_cents')::bigint)
          FROM orders_ordertrace, jsonb_array_elements(entries) AS entry
         WHERE order_id = it.id) AS explained_cents,
       (SELECT json_agg(json_build_array(old_value, new_value) ORDER BY created_at, id)
          FROM orders_orderhistory WHERE order_id = it.id AND field = 'status') AS moves,
       (SELECT coalesce(sum(captured_cents), 0) FROM payments_payment
         WHERE order_id = it.id) AS captured_cents,
       (SELECT coalesce(sum(refunded_cents), 0) FROM payments_payment
         WHERE order_id = it.id) AS given_back_cents,
       (SELECT coalesce(sum(quantity - committed), 0) FROM inventory_reservation
         WHERE order_id = it.id AND status = 'held') AS held_units
  FROM orders_order AS it WHERE it.id = %s
"""


@dataclass(frozen=True, slots=True)
class State:
    """An order as the database has it. Amounts are in the subunit of its currency.

    lines: total_cents, quantity, shipped and returned quantity of each. moves: old and new status.
    """

    status: str
    payment_status: str
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    shipping_cents: int
    shipping_tax_cents: int
    total_cents: int
    paid_cents: int
    refunded_cents: int
    lines: list[tuple[int, int, int, int]]
    parts_cents: int
    explained_cents: int
    moves: list[tuple[str, str]]
    captured_cents: int
    given_back_cents: int
    held_units: int


def read_state(order_id: UUID) -> State:
    """The order and what belongs to it, past every cache."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE, [order_id])
        row: tuple[Any, ...] = cursor.fetchone()
    return State(*row)


def check(order_id: UUID) -> State:
    """Everything that must hold of an order at every moment; returns the order."""
    order = read_state(order_id)
    assert order.total_cents == (
        order.subtotal_cents - order.discount_cents + order.tax_cents + order.shipping_cents
    )
    assert order.total_cents == (
        sum(total_cents for total_cents, *_ in order.lines)
        + order.shipping_cents
        + order.shipping_tax_cents
    )
    assert order.parts_cents == order.total_cents
    assert order.explained_cents == order.total_cents
    _check_money(order)
    _check_history(order)
    for _, quantity, shipped, returned in order.lines:
        assert 0 <= returned <= shipped <= quantity
    assert find_differences() == []
    return order


def _check_money(order: State) -> None:
    captured, given_back = order.captured_cents, order.given_back_cents
    assert 0 <= given_back <= captured
    assert (order.paid_cents, order.refunded_cents) == (captured, given_back)
    if order.status in {OrderStatus.SHIPPED, OrderStatus.DELIVERED}:
        assert captured > 0
    if order.payment_status == "paid":
        assert captured >= order.total_cents


def _check_history(order: State) -> None:
    first, *moves = order.moves
    assert tuple(first) == ("", "created")
    assert all(can_move(old, new) for old, new in moves)
    assert order.moves[-1][1] == order.status


def at_rest(order_id: UUID) -> None:
    """What must hold when the worker has done all it owes."""
    order = check(order_id) if drain_all() else read_state(order_id)
    waiting = sum(quantity - shipped for _, quantity, shipped, _ in order.lines)
    assert order.held_units == (0 if order.status == OrderStatus.CANCELLED else waiting)
    if order.status == OrderStatus.CANCELLED:
        assert order.captured_cents == order.given_back_cents


__all__ = ["State", "at_rest", "check", "read_state"]
