"""Who is told what (NTF-03). The event carries what the message says: nobody is asked (NTF-04)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from apps.accounts.facade import contacts_of_vendor, get_user, secrets_of_message, staff_who_may
from apps.accounts.types import UserInfo
from apps.common.crypto import decrypt
from apps.events.contracts import (
    CampaignExpired,
    CampaignJoined,
    CampaignSuccessful,
    CartAbandoned,
    DraftOrderSent,
    InventoryLowStock,
    InvoiceIssued,
    NotificationRequested,
    OrderApprovalRequested,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderShipped,
    PaymentFailed,
    ProductApproved,
    ProductChangesRequested,
    ProductOutOfStock,
    ProductRejected,
    ProductSubmitted,
    RefundProcessed,
    ReturnApproved,
    ReturnCompleted,
    ReturnDeclined,
    ReturnRequested,
    ShippingLabelCreated,
    UserDeactivated,
    UserMessageRequested,
    UserRegistered,
    UserUpdated,
    VendorApplied,
    VendorApproved,
    VendorReactivated,
    VendorRejected,
    VendorSuspended,
)
from apps.events.facade import DeliveryRef, reacts_to
from apps.notifications import contexts
from apps.notifications.selectors import queued_message, was_told_lately
from apps.notifications.services.queue_notification import queue_notifications
from apps.notifications.services.send_notification import send_notification
from apps.notifications.services.write_log import Message

Finish = Callable[[], None] | None

# The API has told the buyer in its answer already; an expired campaign has a message of its own.
_TOLD_OTHERWISE = frozenset({"out_of_stock", "campaign_expired"})


@reacts_to(UserRegistered, after_commit=True, external=True)
def welcome(event: UserRegistered, delivery: DeliveryRef) -> Finish:
    """Greet who has registered."""
    context = {"first_name": event.first_name}
    return send_notification(
        message=Message(delivery.id, "welcome", event.email, context, event.user_id)
    )


@reacts_to(UserMessageRequested, after_commit=True, external=True)
def user_message(event: UserMessageRequested, delivery: DeliveryRef) -> Finish:
    """Send a link or a code by the template that its kind names; its secret is learnt only now.

    A message that has become pointless (its link was replaced or used) is not sent.
    """
    secrets = secrets_of_message(event.kind, event.reference_id)
    if secrets is None:
        return None
    context = {"first_name": event.name}
    return send_notification(
        message=Message(delivery.id, event.kind, event.email, context, event.user_id, secrets)
    )


@reacts_to(UserUpdated, after_commit=True, external=True)
def account_changed(event: UserUpdated, delivery: DeliveryRef) -> Finish:
    """Warn the owner of a new password or address, at the former address in the latter case."""
    if "password" in event.changed:
        template, recipient = "password_changed", event.email
    elif event.previous_email:
        template, recipient = "email_changed", event.previous_email
    else:
        return None
    context = {"first_name": event.first_name}
    return send_notification(
        message=Message(delivery.id, template, recipient, context, event.user_id)
    )


@reacts_to(UserDeactivated, after_commit=True, external=True)
def farewell(event: UserDeactivated, delivery: DeliveryRef) -> Finish:
    """Bid farewell to who has left (ACC-18)."""
    context = {"first_name": event.first_name}
    return send_notification(
        message=Message(delivery.id, "farewell", event.email, context, event.user_id)
    )


@reacts_to(CartAbandoned, after_commit=True, external=True)
def cart_abandoned(event: CartAbandoned, delivery: DeliveryRef) -> Finish:
    """Remind of what was left in a cart, at most once a day: anybody may enter any address into a
    guest's cart (PEER-17).
    """
    if was_told_lately("cart_abandoned", event.email, besides=delivery.id):
        return None
    return _to_buyer(event, delivery, "cart_abandoned", contexts.abandoned(event))


@reacts_to(DraftOrderSent, after_commit=True, external=True)
def quote_sent(event: DraftOrderSent, delivery: DeliveryRef) -> Finish:
    """Send the link of a quote, whose token is opened only now (PEER-09)."""
    token = decrypt(event.sealed_token, purpose="quote link")
    return send_notification(
        message=Message(
            delivery.id,
            "quote_sent",
            event.email,
            contexts.quote(event),
            event.customer_id,
            {"token": token},
        )
    )


@reacts_to(OrderConfirmed, after_commit=True, external=True)
def order_confirmed(event: OrderConfirmed, delivery: DeliveryRef) -> Finish:
    """Confirm what was ordered, with lines and sums."""
    return _to_buyer(event, delivery, "order_confirmation", contexts.confirmed(event))


@reacts_to(OrderShipped, after_commit=True, external=True)
def order_shipped(event: OrderShipped, delivery: DeliveryRef) -> Finish:
    """Tell where the parcels can be followed (SHP-09)."""
    return _to_buyer(event, delivery, "order_shipped", contexts.shipped(event))


@reacts_to(OrderDelivered, after_commit=True, external=True)
def order_delivered(event: OrderDelivered, delivery: DeliveryRef) -> Finish:
    """Tell that everything has arrived."""
    return _to_buyer(event, delivery, "order_delivered", contexts.order(event))


@reacts_to(OrderCancelled, after_commit=True, external=True)
def order_cancelled(event: OrderCancelled, delivery: DeliveryRef) -> Finish:
    """Tell that the order is off, and why."""
    if event.reason in _TOLD_OTHERWISE:
        return None
    return _to_buyer(event, delivery, "order_cancelled", contexts.cancelled(event))


@reacts_to(InvoiceIssued, after_commit=True, external=True)
def invoice_issued(event: InvoiceIssued, delivery: DeliveryRef) -> Finish:
    """Send the buyer the link to an invoice or a credit note (PEER-11)."""
    return _to_buyer(event, delivery, "invoice_issued", contexts.invoice(event))


@reacts_to(OrderApprovalRequested, after_commit=True)
def approval_requested(event: OrderApprovalRequested, delivery: DeliveryRef) -> None:
    """Tell a company's approvers, or the store's staff where it has none (PEER-25)."""
    people = _people(event.approver_ids) or staff_who_may("orders.write")
    _to_each(people, delivery, "approval_requested", contexts.approval(event))


@reacts_to(PaymentFailed, after_commit=True, external=True)
def payment_failed(event: PaymentFailed, delivery: DeliveryRef) -> Finish:
    """Tell the payer that another try is needed; a hold that was given back is no failure."""
    if "voided" in {event.status, event.failure_code}:
        return None
    context = contexts.payment_failed(event)
    return send_notification(message=Message(delivery.id, "payment_failed", event.email, context))


@reacts_to(RefundProcessed, after_commit=True, external=True)
def refund_processed(event: RefundProcessed, delivery: DeliveryRef) -> Finish:
    """Tell the payer what comes back."""
    context = contexts.refunded(event)
    return send_notification(message=Message(delivery.id, "refund_processed", event.email, context))


@reacts_to(ReturnRequested, after_commit=True)
def return_requested(event: ReturnRequested, delivery: DeliveryRef) -> None:
    """Tell the vendor, or the store's owners, that somebody wants to give goods back."""
    people = contacts_of_vendor(event.vendor_id)
    _to_each(people, delivery, "return_requested", contexts.returned(event))


@reacts_to(ReturnApproved, after_commit=True, external=True)
def return_approved(event: ReturnApproved, delivery: DeliveryRef) -> Finish:
    """Tell the buyer that the goods may be sent back."""
    return _to_buyer(event, delivery, "return_approved", contexts.returned(event))


@reacts_to(ReturnDeclined, after_commit=True, external=True)
def return_declined(event: ReturnDeclined, delivery: DeliveryRef) -> Finish:
    """Tell the buyer why not."""
    return _to_buyer(event, delivery, "return_declined", contexts.returned(event))


@reacts_to(ReturnCompleted, after_commit=True, external=True)
def return_completed(event: ReturnCompleted, delivery: DeliveryRef) -> Finish:
    """Tell the buyer what goes back; the refund itself has a message of its own."""
    return _to_buyer(event, delivery, "return_completed", contexts.returned(event))


@reacts_to(InventoryLowStock, after_commit=True)
def low_stock(event: InventoryLowStock, delivery: DeliveryRef) -> None:
    """Tell the vendor, or the store's owner, to reorder."""
    people = contacts_of_vendor(event.vendor_id)
    _to_each(people, delivery, "low_stock", contexts.low_stock(event))


@reacts_to(ProductOutOfStock, after_commit=True)
def out_of_stock(event: ProductOutOfStock, delivery: DeliveryRef) -> None:
    """Tell the vendor, or the store's owner, that the last unit is spoken for."""
    people = contacts_of_vendor(event.vendor_id)
    _to_each(people, delivery, "out_of_stock", contexts.out_of_stock(event))


@reacts_to(ShippingLabelCreated, after_commit=True)
def label_ready(event: ShippingLabelCreated, delivery: DeliveryRef) -> None:
    """Tell a vendor that a parcel waits to be packed; the store's own staff look at their list."""
    people = contacts_of_vendor(event.vendor_id)
    own = [user for user in people if event.vendor_id and user.vendor_id == event.vendor_id]
    _to_each(own, delivery, "label_ready", contexts.label_ready(event))


@reacts_to(ProductSubmitted, after_commit=True)
def product_submitted(event: ProductSubmitted, delivery: DeliveryRef) -> None:
    """Tell the store's reviewers, once for a vendor until nothing of it waits any more."""
    if event.waiting == 1:
        people = staff_who_may("vendors.review")
        _to_each(people, delivery, "product_submitted", contexts.reviewed(event))


@reacts_to(ProductApproved, after_commit=True)
def product_approved(event: ProductApproved, delivery: DeliveryRef) -> None:
    """Tell the vendor that it is on show, or that the edit is."""
    _to_vendor(event, delivery, "product_approved")


@reacts_to(ProductRejected, after_commit=True)
def product_rejected(event: ProductRejected, delivery: DeliveryRef) -> None:
    """Tell the vendor that it was refused, and why."""
    _to_vendor(event, delivery, "product_rejected")


@reacts_to(ProductChangesRequested, after_commit=True)
def product_changes_requested(event: ProductChangesRequested, delivery: DeliveryRef) -> None:
    """Tell the vendor what to change."""
    _to_vendor(event, delivery, "product_changes_requested")


@reacts_to(VendorApplied, after_commit=True)
def vendor_applied(event: VendorApplied, delivery: DeliveryRef) -> None:
    """Tell the store's owners that somebody wants to sell here."""
    _to_each(contacts_of_vendor(None), delivery, "vendor_applied", contexts.vendor(event))


@reacts_to(VendorApproved, after_commit=True)
def vendor_approved(event: VendorApproved, delivery: DeliveryRef) -> None:
    """Tell the vendor that it may sell."""
    _to_each(_of_vendor(event.id), delivery, "vendor_approved", contexts.vendor(event))


@reacts_to(VendorRejected, after_commit=True)
def vendor_rejected(event: VendorRejected, delivery: DeliveryRef) -> None:
    """Tell the applicant, who is a customer still, and why."""
    applicants = _people([event.applied_by] if event.applied_by else [])
    _to_each(applicants, delivery, "vendor_rejected", contexts.vendor(event))


@reacts_to(VendorSuspended, after_commit=True)
def vendor_suspended(event: VendorSuspended, delivery: DeliveryRef) -> None:
    """Tell the vendor that nothing of it is shown, and why."""
    _to_each(_of_vendor(event.id), delivery, "vendor_suspended", contexts.vendor(event))


@reacts_to(VendorReactivated, after_commit=True)
def vendor_reactivated(event: VendorReactivated, delivery: DeliveryRef) -> None:
    """Tell the vendor that its products are shown again."""
    _to_each(_of_vendor(event.id), delivery, "vendor_reactivated", contexts.vendor(event))


@reacts_to(CampaignJoined, after_commit=True, external=True)
def campaign_joined(event: CampaignJoined, delivery: DeliveryRef) -> Finish:
    """Confirm a place in a group."""
    user = get_user(event.user_id)
    if user is None:
        return None
    context = contexts.campaign(event)
    return send_notification(
        message=Message(delivery.id, "campaign_joined", user.email, context, user.id)
    )


@reacts_to(CampaignSuccessful, after_commit=True)
def campaign_successful(event: CampaignSuccessful, delivery: DeliveryRef) -> None:
    """Tell every participant that the group is complete."""
    people = _people(event.participant_ids)
    _to_each(people, delivery, "campaign_successful", contexts.campaign(event))


@reacts_to(CampaignExpired, after_commit=True)
def campaign_expired(event: CampaignExpired, delivery: DeliveryRef) -> None:
    """Tell every participant that nothing is charged."""
    people = _people(event.participant_ids)
    _to_each(people, delivery, "campaign_expired", contexts.campaign(event))


@reacts_to(NotificationRequested, after_commit=True, external=True)
def send_queued(event: NotificationRequested, delivery: DeliveryRef) -> Finish:
    """Send what was queued."""
    message = queued_message(event.notification_id)
    return send_notification(message=message) if message is not None else None


def _to_buyer(
    event: Any, delivery: DeliveryRef, template: str, context: Mapping[str, Any]
) -> Finish:
    message = Message(delivery.id, template, event.email, context, event.customer_id)
    return send_notification(message=message)


def _to_vendor(event: Any, delivery: DeliveryRef, template: str) -> None:
    """To a vendor's own people; where it has none, nobody waits for the answer."""
    _to_each(_of_vendor(event.vendor_id), delivery, template, contexts.reviewed(event))


def _of_vendor(vendor_id: UUID) -> list[UserInfo]:
    """A vendor's owners, and nobody else where it has none."""
    return [user for user in contacts_of_vendor(vendor_id) if user.vendor_id == vendor_id]


def _people(ids: Iterable[UUID]) -> list[UserInfo]:
    found = (get_user(user_id) for user_id in ids)
    return [user for user in found if user is not None]


def _to_each(
    people: Iterable[UserInfo], delivery: DeliveryRef, template: str, context: Mapping[str, Any]
) -> None:
    queue_notifications(
        # Made from delivery and user: each of them is told once per delivery.
        Message(uuid5(delivery.id, str(user.id)), template, user.email, context, user.id)
        for user in people
        if user.is_active
    )
