"""What is still to be paid for an order, and the payment status that follows (PEER-08, I-14)."""

from __future__ import annotations

from django.db.models import BigIntegerField, Sum
from django.db.models.functions import Cast

from apps.orders.models import Order, OrderHistory
from apps.orders.states import OrderStatus, PaymentStatus

# The rows of the history that say what an edit gives back: the sum of their new values.
EDIT_REFUND = "edit_refund"
# The rows of the history whose values are amounts, in the order's subunit.
AMOUNTS = frozenset({"total_cents", EDIT_REFUND})


def edit_refunds_cents(order: Order) -> int:
    """What edits of the order give back, whether that money has left yet or not.

    One query, and none while nothing is paid.
    """
    if not order.paid_cents:
        return 0
    rows = OrderHistory.objects.filter(order_id=order.pk, field=EDIT_REFUND)
    total: int | None = rows.aggregate(total=Sum(Cast("new_value", BigIntegerField())))["total"]
    return total or 0


def kept_cents(order: Order) -> int:
    """What was paid for the order, without what edits gave back.

    A refund for goods that came back, or out of goodwill, makes nothing due again.
    """
    return order.paid_cents - edit_refunds_cents(order)


def left_cents(order: Order) -> int:
    """What can still go back: captured, and neither gone back nor promised by an edit.

    Other refunds count once they are processed. One query at most.
    """
    return max(order.paid_cents - max(order.refunded_cents, edit_refunds_cents(order)), 0)


def due_cents(order: Order) -> int:
    """What is still to be paid; nothing for a cancelled order.

    One query for an order that is partially paid, none for any other.
    """
    if order.status == OrderStatus.CANCELLED:
        return 0
    if order.payment_status == PaymentStatus.PARTIALLY_PAID:
        return max(order.total_cents - kept_cents(order), 0)
    return 0 if order.paid_cents else order.total_cents


def status_by_figures(order: Order, *, kept: int) -> PaymentStatus:
    """The payment status of an order that was paid, or cost nothing; kept: see kept_cents.

    Where edits gave all of the money back, or left nothing to pay, the order is no refunded one:
    what is still in it is sent, and may grow again.
    """
    stands = order.status != OrderStatus.CANCELLED and (kept <= 0 or not order.total_cents)
    if order.paid_cents and order.refunded_cents >= order.paid_cents and not stands:
        return PaymentStatus.REFUNDED
    if kept < order.total_cents:
        return PaymentStatus.PARTIALLY_PAID
    return PaymentStatus.PARTIALLY_REFUNDED if order.refunded_cents else PaymentStatus.PAID
