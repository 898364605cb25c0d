"""What orders does when others tell: inside the transaction of what happened, but for one."""

from __future__ import annotations

from apps.events.contracts import (
    InventoryInsufficient,
    InventoryReserved,
    PaymentAuthorized,
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
from apps.orders.services.confirm_order import confirm_order


@reacts_to(InventoryReserved)
def confirm(event: InventoryReserved) -> None:
    """The stock is reserved: the order stands."""
    confirm_order(order_id=event.order_id)


@reacts_to(InventoryInsufficient)
def cancel_short(event: InventoryInsufficient) -> None:
    """The stock does not suffice: the order is off."""
    cancel_for_stock(order_id=event.order_id, shortages=event.shortages)


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


@reacts_to(UserDeactivated, after_commit=True)
def cancel_of_leaver(event: UserDeactivated, delivery: DeliveryRef) -> None:
    """A buyer has left. After the commit: their orders are no concern of closing the account."""
    cancel_unpaid(customer_id=event.user_id, reason="account_closed")
