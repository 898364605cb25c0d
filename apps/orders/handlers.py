"""What orders does when others tell: inside the transaction of what happened, but for one."""

from __future__ import annotations

from apps.events.contracts import (
    CartCheckout,
    InventoryInsufficient,
    InventoryReserved,
    OrderCancelled,
    OrderEdited,
    OrderOnAccount,
    OrderPaid,
    OrderReleased,
    OrderShipped,
    PaymentAuthorized,
    PaymentCreated,
    PaymentFailed,
    PaymentSucceeded,
    RefundProcessed,
    ShipmentUpdated,
    UserDeactivated,
)
from apps.events.facade import DeliveryRef, reacts_to
from apps.orders.services.apply_payment import (
    apply_authorization,
    apply_capture,
    apply_failure,
    apply_refund,
)
from apps.orders.services.apply_shipment import apply_shipment
from apps.orders.services.cancel_order import cancel_for_stock
from apps.orders.services.cancel_unpaid import cancel_unpaid
from apps.orders.services.clear_carts import close_cart
from apps.orders.services.confirm_order import confirm_order
from apps.orders.services.extend_expiry import extend_expiry
from apps.orders.services.follow_edit import follow_edit
from apps.orders.services.issue_credit_note import credit_cancelled, credit_refund
from apps.orders.services.issue_invoice import issue_invoice, issue_on_account
from apps.orders.services.note_recovery import note_recovery


@reacts_to(InventoryReserved)
def confirm(event: InventoryReserved) -> None:
    """The stock is reserved: the order stands."""
    confirm_order(order_id=event.order_id)


@reacts_to(InventoryInsufficient)
def cancel_short(event: InventoryInsufficient) -> None:
    """The stock does not suffice: the order is off."""
    cancel_for_stock(order_id=event.order_id, shortages=event.shortages)


@reacts_to(PaymentCreated)
def keep_reserved(event: PaymentCreated) -> None:
    """Somebody begins to pay: the order does not run out under their hands."""
    extend_expiry(order_id=event.order_id)


@reacts_to(PaymentAuthorized)
def note_authorization(event: PaymentAuthorized) -> None:
    """The money is held."""
    apply_authorization(event)


@reacts_to(PaymentSucceeded)
def note_capture(event: PaymentSucceeded) -> None:
    """The money is ours."""
    apply_capture(event)


@reacts_to(PaymentFailed)
def note_failure(event: PaymentFailed) -> None:
    """An attempt failed."""
    apply_failure(event)


@reacts_to(RefundProcessed)
def note_refund(event: RefundProcessed) -> None:
    """Money went back."""
    apply_refund(event)


@reacts_to(ShipmentUpdated)
def note_shipment(event: ShipmentUpdated) -> None:
    """A parcel moved."""
    apply_shipment(event)


@reacts_to(CartCheckout, after_commit=True)
def note_cart_recovery(event: CartCheckout, delivery: DeliveryRef) -> None:
    """A cart became an order; perhaps one that was left behind before."""
    note_recovery(cart_id=event.cart_id)


@reacts_to(UserDeactivated, after_commit=True)
def close_cart_of_leaver(event: UserDeactivated, delivery: DeliveryRef) -> None:
    """A buyer has left; so has what they meant to buy."""
    close_cart(customer_id=event.user_id)


@reacts_to(UserDeactivated, after_commit=True)
def cancel_of_leaver(event: UserDeactivated, delivery: DeliveryRef) -> None:
    """A buyer has left. After the commit: their orders are no concern of closing the account."""
    cancel_unpaid(customer_id=event.user_id, reason="account_closed")


# Papers are issued after the commit: the series of their numbers is one row per store, at which
# otherwise every payment of the store would wait. Exactly once all the same, for the delivery is
# marked done in the transaction that issues.
@reacts_to(OrderPaid, after_commit=True)
def invoice_paid(event: OrderPaid, delivery: DeliveryRef) -> None:
    """What is paid is invoiced."""
    issue_invoice(order_id=event.order_id)


@reacts_to(OrderShipped, after_commit=True)
def invoice_sent(event: OrderShipped, delivery: DeliveryRef) -> None:
    """What was sent on account is invoiced then, unless it was paid before."""
    issue_invoice(order_id=event.order_id)


@reacts_to(OrderOnAccount, after_commit=True)
def invoice_account(event: OrderOnAccount, delivery: DeliveryRef) -> None:
    """What is never sent, such as a download, cannot wait for that."""
    issue_on_account(order_id=event.order_id)


@reacts_to(OrderReleased, after_commit=True)
def invoice_approved(event: OrderReleased, delivery: DeliveryRef) -> None:
    """Likewise for what was approved."""
    issue_on_account(order_id=event.order_id)


@reacts_to(OrderEdited, after_commit=True)
def invoice_edited(event: OrderEdited, delivery: DeliveryRef) -> None:
    """What was invoiced follows what it costs now.

    Of an order on account the edit may have taken off all that was to be sent.
    """
    issue_on_account(order_id=event.order_id)
    follow_edit(order_id=event.order_id)


@reacts_to(RefundProcessed, after_commit=True)
def credit_refunded(event: RefundProcessed, delivery: DeliveryRef) -> None:
    """A credit note over what was refunded."""
    credit_refund(
        order_id=event.order_id,
        refund_id=event.refund_id,
        amount_cents=event.refund_amount_cents,
        reason=event.reason,
        source_id=event.source_id,
    )


@reacts_to(OrderCancelled, after_commit=True)
def credit_unpaid(event: OrderCancelled, delivery: DeliveryRef) -> None:
    """A credit note over what was invoiced on account and will not be paid."""
    credit_cancelled(order_id=event.order_id)
