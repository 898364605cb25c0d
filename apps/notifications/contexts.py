"""What each message says, taken from the event that caused it; everything is plain JSON."""

from __future__ import annotations

from typing import Any

from apps.events.contracts import (
    CartAbandoned,
    DraftOrderSent,
    InventoryLowStock,
    InvoiceIssued,
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
    VendorApplied,
    VendorApproved,
    VendorReactivated,
    VendorRejected,
    VendorSuspended,
)
from apps.events.contracts.group_commerce import CampaignExpired, CampaignJoined, CampaignSuccessful
from apps.notifications.links import store_url, tracking_url

_REASONS = {
    "customer": "as you asked us to",
    "expired": "because it was not paid in time",
}
# What a bank's code means for the one who pays; others are not explained.
_FAILURES = {
    "card_declined": "Your bank declined the card.",
    "insufficient_funds": "The card has insufficient funds.",
    "expired_card": "The card has expired.",
    "incorrect_cvc": "The card's security code was wrong.",
}

Context = dict[str, Any]


def order(event: OrderConfirmed | OrderShipped | OrderDelivered | OrderCancelled) -> Context:
    """What every message about an order says; `total_cents` in the subunit of `currency`."""
    return {
        "order_id": str(event.order_id),
        "number": event.number,
        "total_cents": event.total_cents,
        "currency": event.currency,
    }


def abandoned(event: CartAbandoned) -> Context:
    """What lies in the cart."""
    items = [
        {
            "name": item.name or item.sku,
            "quantity": item.quantity,
            "line_cents": item.unit_price_cents * item.quantity,
        }
        for item in event.items
    ]
    return {
        "cart_id": str(event.cart_id),
        "items": items,
        "subtotal_cents": event.subtotal_cents,
        "currency": event.currency,
        "url": store_url("/cart"),
    }


def quote(event: DraftOrderSent) -> Context:
    """What is offered, and until when."""
    return {
        "number": event.number,
        "total_cents": event.total_cents,
        "currency": event.currency,
        "valid_until": f"{event.valid_until:%d %B %Y, %H:%M} UTC",
        "message": event.message,
    }


def confirmed(event: OrderConfirmed) -> Context:
    """The lines and the sums."""
    items = [
        {
            "name": item.name or item.sku,
            "sku": item.sku,
            "quantity": item.quantity,
            "unit_price_cents": item.unit_price_cents,
            "line_cents": item.unit_price_cents * item.quantity,
        }
        for item in event.items
    ]
    return {
        **order(event),
        "items": items,
        "subtotal_cents": event.subtotal_cents,
        "discount_cents": event.discount_cents,
        "tax_cents": event.tax_cents,
        "shipping_cents": event.shipping_cents,
    }


def shipped(event: OrderShipped) -> Context:
    """The parcels and where they can be followed."""
    parcels = [{"number": row, "url": tracking_url(row)} for row in event.tracking_numbers]
    return {**order(event), "parcels": parcels}


def cancelled(event: OrderCancelled) -> Context:
    """Why, in words where the code has some, and whether money comes back."""
    paid = event.previous_status in {"paid", "shipped"}
    return {**order(event), "why": _REASONS.get(event.reason, ""), "paid": paid}


def invoice(event: InvoiceIssued) -> Context:
    """Which document over how much, and the link that opens it."""
    return {
        "order_id": str(event.order_id),
        "number": event.number,
        "paper": "credit note" if event.kind == "credit_note" else "invoice",
        "invoice_number": event.invoice_number,
        "amount_cents": event.invoice_total_cents,
        "currency": event.currency,
        "url": store_url(event.download_path),
    }


def approval(event: OrderApprovalRequested) -> Context:
    """Which order waits, of which company."""
    return {
        "order_id": str(event.order_id),
        "number": event.number,
        "organization_name": event.organization_name,
        "purchase_order_number": event.purchase_order_number,
        "total_cents": event.total_cents,
        "currency": event.currency,
    }


def payment_failed(event: PaymentFailed) -> Context:
    """How much, and what the bank said."""
    return {
        "order_id": str(event.order_id),
        "number": event.order_number,
        "amount_cents": event.amount_cents,
        "currency": event.currency,
        "why": _FAILURES.get(event.failure_code, ""),
    }


def refunded(event: RefundProcessed) -> Context:
    """How much comes back."""
    return {
        "order_id": str(event.order_id),
        "number": event.order_number,
        "amount_cents": event.refund_amount_cents,
        "currency": event.currency,
    }


def returned(
    event: ReturnRequested | ReturnApproved | ReturnDeclined | ReturnCompleted,
) -> Context:
    """Which goods of which order, and what becomes of them; `refund_cents` in `currency`."""
    items = [
        {"name": item.name or item.sku, "sku": item.sku, "quantity": item.quantity}
        for item in event.items
    ]
    return {
        "order_id": str(event.order_id),
        "return_id": str(event.return_id),
        "number": event.number,
        "order_number": event.order_number,
        "kind": event.kind,
        "items": items,
        "reason": getattr(event, "reason", ""),
        "refund_cents": getattr(event, "refund_cents", 0),
        "exchange_order_number": getattr(event, "exchange_order_number", ""),
        "currency": event.currency,
    }


def low_stock(event: InventoryLowStock) -> Context:
    """What is left, where, and the threshold."""
    return {
        "product_name": event.product_name or event.sku,
        "sku": event.sku,
        "warehouse": event.warehouse,
        "available": event.available,
        "threshold": event.threshold,
    }


def out_of_stock(event: ProductOutOfStock) -> Context:
    """What is gone."""
    return {"product_name": event.product_name or event.sku, "sku": event.sku}


def label_ready(event: ShippingLabelCreated) -> Context:
    """Which order, and the number on its label."""
    return {
        "order_id": str(event.order_id),
        "number": event.order_number,
        "tracking_number": event.tracking_number,
    }


def reviewed(
    event: ProductSubmitted | ProductApproved | ProductRejected | ProductChangesRequested,
) -> Context:
    """Which product, of whom, what was said of it, and where it can be looked at."""
    return {
        "product_id": str(event.product_id),
        "request_id": str(event.request_id),
        "product_name": event.name,
        "vendor_name": event.vendor_name,
        "is_new": event.kind == "new",
        "reason": getattr(event, "reason", ""),
        "note": getattr(event, "note", ""),
        "url": store_url(f"/admin/catalog/changerequest/{event.request_id}/change/"),
    }


def vendor(
    event: VendorApplied | VendorApproved | VendorRejected | VendorSuspended | VendorReactivated,
) -> Context:
    """Which vendor, why, and where staff look at it."""
    return {
        "vendor_id": str(event.id),
        "vendor_name": event.name,
        "reason": event.reason,
        "url": store_url(f"/admin/catalog/vendor/{event.id}/change/"),
    }


def campaign(event: CampaignJoined | CampaignSuccessful | CampaignExpired) -> Context:
    """Which group, and how many it needs and has."""
    return {
        "campaign_id": str(event.id),
        "product_name": event.product_name or "your group purchase",
        "actual_participants": event.actual_participants,
        "min_participants": event.min_participants,
        "missing": max(event.min_participants - event.actual_participants, 0),
    }
