"""Cancel unpaid orders whose time has run out, so that their stock can be sold again (R3)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.orders.models import Order
from apps.orders.services.cancel_order import cancel_locked
from apps.orders.states import FulfillmentStatus, OrderStatus, PaymentStatus

_BATCH = 500


def expire_orders(*, limit: int = _BATCH) -> int:
    """Cancel overdue orders with the reason `expired`, oldest first; returns how many.

    Each in its own transaction. An order that somebody works on at this moment (a payment that
    arrives locks it) is left for the next run; one that is authorised, paid or held, or
    of which something has left, is never touched.
    """
    overdue = _overdue().order_by("expires_at").values_list("pk", flat=True)[:limit]
    return sum(_expire(order_id) for order_id in list(overdue))


def _expire(order_id: UUID) -> bool:
    with transaction.atomic():
        # Asked again under the lock: it may have been paid since the list was read.
        order = _overdue().select_for_update(skip_locked=True).filter(pk=order_id).first()
        if order is None:
            return False
        cancel_locked(order, reason="expired")
        return True


def _overdue() -> QuerySet[Order]:
    return Order.objects.filter(
        status__in=[OrderStatus.CREATED, OrderStatus.CONFIRMED],
        payment_status__in=[PaymentStatus.UNPAID, PaymentStatus.VOIDED],
        expires_at__lte=timezone.now(),
        held_at=None,
        fulfillment_status=FulfillmentStatus.UNFULFILLED,
    )
