"""From an order's rows to what other apps may know of it: the one place that does."""

from __future__ import annotations

from collections.abc import Sequence

from apps.events.contracts import Shortage
from apps.orders.dues import due_cents
from apps.orders.models import Order, OrderLine, VendorOrder
from apps.orders.parts import lines_of, vendor_orders_of
from apps.orders.types import LineInfo, OrderInfo, VendorOrderInfo


def to_info(order: Order, *, shortages: Sequence[Shortage] = (), parts: bool = True) -> OrderInfo:
    """The order as a frozen value; lines and vendor orders are read unless they are held.

    parts: False leaves them out.
    """
    return OrderInfo(
        id=order.pk,
        number=order.number,
        customer_id=order.customer_id,
        email=order.email,
        status=str(order.status),
        payment_status=str(order.payment_status),
        fulfillment_status=str(order.fulfillment_status),
        currency=order.currency,
        subtotal_cents=order.subtotal_cents,
        discount_cents=order.discount_cents,
        tax_cents=order.tax_cents,
        shipping_cents=order.shipping_cents,
        total_cents=order.total_cents,
        shipping_address=order.shipping_address,
        shipping_method=order.shipping_method,
        notes=order.notes,
        organization_id=order.organization_id,
        purchase_order_number=order.purchase_order_number,
        cancel_reason=order.cancel_reason,
        source=order.source,
        created_at=order.created_at,
        expires_at=order.expires_at,
        lines=tuple(_line(line) for line in lines_of(order)) if parts else (),
        vendor_orders=tuple(_part(part) for part in vendor_orders_of(order)) if parts else (),
        shortages=tuple(shortages),
        paid_cents=order.paid_cents,
        refunded_cents=order.refunded_cents,
        due_cents=due_cents(order),
        hold_kind=str(order.hold_kind),
        payment_terms_days=order.payment_terms_days,
    )


def _line(line: OrderLine) -> LineInfo:
    return LineInfo(
        id=line.pk,
        variant_id=line.variant_id,
        vendor_order_id=line.vendor_order_id,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        shipped_quantity=line.shipped_quantity,
        unit_price_cents=line.unit_price_cents,
        total_cents=line.total_cents,
        requires_shipping=line.requires_shipping,
        weight_grams=line.weight_grams,
    )


def _part(part: VendorOrder) -> VendorOrderInfo:
    return VendorOrderInfo(
        id=part.pk,
        number=part.number,
        vendor_id=part.vendor_id,
        vendor_name=part.vendor_name,
        fulfillment_status=str(part.fulfillment_status),
    )
