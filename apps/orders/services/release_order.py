"""Let a held order go (PEER-13)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.events.contracts import OrderReleased
from apps.events.facade import publish
from apps.orders.errors import StepNotPossible
from apps.orders.facts import fact, remember, write
from apps.orders.locks import locked_order
from apps.orders.mapping import to_info
from apps.orders.models import HoldKind, Order
from apps.orders.services.settle_free_order import settle_free_order
from apps.orders.types import OrderInfo

BY_HAND = (HoldKind.MANUAL, HoldKind.FRAUD)


def release_order(
    *, order_id: UUID, reason: str = "", kinds: Collection[str] = HoldKind.values
) -> OrderInfo:
    """Let the order go, if it is held for one of `kinds`; staff let go what is in BY_HAND.

    An unpaid order whose time ran out meanwhile gets the time anew. Locks the order. Publishes
    OrderReleased, at which what is paid gets its parcels, or OrderPaid for one that costs nothing.
    Raises OrderNotFound, StepNotPossible.
    Serves PEER-13.
    """
    with transaction.atomic():
        order = locked_order(order_id)
        release_locked(order, reason=reason, kinds=kinds)
        return to_info(order)


def release_locked(
    order: Order, *, reason: str = "", kinds: Collection[str] = HoldKind.values
) -> None:
    """Let go an order whose row the caller has locked. Publishes OrderReleased or OrderPaid.

    Raises StepNotPossible.
    """
    if order.held_at is None:
        raise StepNotPossible(f"Order {order.number} is not held.")
    kind = str(order.hold_kind)
    if kind not in kinds:
        raise StepNotPossible(f"Order {order.number} waits for its company's approval.")
    now = timezone.now()
    expires_at = order.expires_at
    if expires_at is not None and expires_at <= now:
        expires_at = now + timedelta(minutes=settings.ORDER_EXPIRY_MINUTES)
    write(order, held_at=None, hold_kind="", hold_reason="", expires_at=expires_at)
    remember(order, field="hold", old=kind, new="released", reason=reason)
    # One that costs nothing goes on by its payment's event instead.
    if not settle_free_order(order):
        publish(OrderReleased(**fact(order), kind=kind))
