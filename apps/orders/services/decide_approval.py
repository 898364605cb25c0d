"""Approve or reject what a company's buyer ordered above their limit (PEER-25)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.common.errors import PermissionDenied
from apps.orders.errors import NotWaitingForApproval
from apps.orders.facts import write
from apps.orders.locks import locked_order
from apps.orders.models import HoldKind, Order
from apps.orders.selectors import approves_for
from apps.orders.services.cancel_order import cancel_locked
from apps.orders.services.release_order import release_locked


def approve_order(*, order_id: UUID, user: Any, reason: str = "") -> None:
    """Let the order go on; the days until it is to be paid begin now.

    user: a request's user who may see the order: an approver of its company, or staff with
    `orders.write`. Locks the order. Publishes OrderReleased, and OrderPaid for one that costs
    nothing. Raises OrderNotFound, PermissionDenied, NotWaitingForApproval.
    """
    with transaction.atomic():
        order = _waiting(order_id, user)
        release_locked(order, reason=reason or "approved", kinds=[HoldKind.APPROVAL])
        if order.payment_terms_days is not None:
            due = timezone.now() + timedelta(days=order.payment_terms_days)
            write(order, payment_due_at=due)


def reject_order(*, order_id: UUID, user: Any, reason: str = "") -> None:
    """Cancel the order; who may is as in `approve_order`.

    Locks the order. Publishes OrderCancelled. Raises OrderNotFound, PermissionDenied,
    NotWaitingForApproval.
    """
    with transaction.atomic():
        order = _waiting(order_id, user)
        cancel_locked(order, reason=reason or "approval_rejected")


def _waiting(order_id: UUID, user: Any) -> Order:
    order = locked_order(order_id)
    if "orders.write" not in user.permissions and not approves_for(user, order):
        raise PermissionDenied("Only the company's approvers and the store's staff decide on it.")
    if order.hold_kind != HoldKind.APPROVAL:
        raise NotWaitingForApproval(f"Order {order.number} does not wait for anybody's approval.")
    return order


__all__ = ["approve_order", "reject_order"]
