"""What payments does when others, or payments itself, tell."""

from __future__ import annotations

from collections.abc import Callable

from apps.events.contracts import OrderCancelled, OrderRefundDue, PaymentCreated, PaymentFailed
from apps.events.facade import DeliveryRef, reacts_to
from apps.payments.services import refund_order as _refund
from apps.payments.services import release_payment as _release
from apps.payments.services import start_payment as _start
from apps.payments.services.close_failed import close_failed


# The request that created the payment runs this itself first; a worker takes over after a crash.
@reacts_to(PaymentCreated, after_commit=True, external=True, inline=True)
def start_payment(event: PaymentCreated, delivery: DeliveryRef) -> Callable[[], None] | None:
    """Ask the gateway for the payment."""
    return _start.start_payment(event.payment_id)


@reacts_to(OrderCancelled, after_commit=True, external=True)
def release_payment(event: OrderCancelled, delivery: DeliveryRef) -> None:
    """The order is off: void what is held, refund what was taken."""
    _release.release_payment(order_id=event.order_id, key=str(delivery.id))


@reacts_to(OrderRefundDue, after_commit=True, external=True)
def refund_due(event: OrderRefundDue, delivery: DeliveryRef) -> None:
    """Part of the order is off, or came back: give back what that is worth."""
    _refund.refund_order(
        order_id=event.order_id,
        amount_cents=event.refund_due_cents,
        reason=event.reason,
        source_id=event.source_id,
        key=str(delivery.id),
    )


@reacts_to(PaymentFailed, after_commit=True, external=True)
def close_failed_payment(event: PaymentFailed, delivery: DeliveryRef) -> None:
    """The attempt is over here: make sure that nobody can finish it at the gateway."""
    if event.status != "voided":
        close_failed(payment_id=event.payment_id, key=str(delivery.id))
