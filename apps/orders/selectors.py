"""Reads of orders, scoped to what the caller may see."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from apps.accounts.facade import is_vendor_role
from apps.common.queries import hold
from apps.orders.errors import OrderNotFound
from apps.orders.models import Order, OrderHistory, OrderLine, VendorOrder


def vendor_of(user: Any) -> UUID | None:
    """The vendor that the user acts for, or None when they act for none."""
    return user.vendor_id if is_vendor_role(user.role) else None


def visible_to(user: Any) -> QuerySet[Order]:
    """The orders that the user may see (ORD-04, ORD-18).

    Staff with `orders.read`: all. A vendor's people: those with a part of theirs, and their own
    purchases. Everybody else who is signed in: their own.
    """
    if not user.is_authenticated:
        return Order.objects.none()
    own = Q(customer_id=user.pk)
    if is_vendor_role(user.role):
        if user.vendor_id is None:
            return Order.objects.filter(own)
        parts = VendorOrder.objects.filter(order=OuterRef("pk"), vendor_id=user.vendor_id)
        return Order.objects.filter(own | Q(Exists(parts)))
    if "orders.read" in user.permissions:
        return Order.objects.all()
    return Order.objects.filter(own)


def with_parts(orders: QuerySet[Order]) -> QuerySet[Order]:
    """The orders with lines and vendor orders, in two queries more however many they are."""
    return orders.prefetch_related("lines", "vendor_orders")


def shown_to(order: Order, user: Any) -> Order:
    """The order as the user sees it: to a vendor it consists of that vendor's part alone.

    Changes the instance in memory, amounts included; it must not be saved.
    """
    vendor_id = vendor_of(user)
    if vendor_id is None or order.customer_id == user.pk:
        return order
    parts = [part for part in order.vendor_orders.all() if part.vendor_id == vendor_id]
    ids = {part.pk for part in parts}
    lines = [line for line in order.lines.all() if line.vendor_order_id in ids]
    hold(order, "vendor_orders", parts)
    hold(order, "lines", lines)
    order.subtotal_cents = sum(line.unit_price_cents * line.quantity for line in lines)
    order.discount_cents = sum(line.discount_cents for line in lines)
    order.tax_cents = sum(line.tax_cents for line in lines)
    order.shipping_cents = 0
    order.total_cents = sum(line.total_cents for line in lines)
    return order


def find_visible(order_id: UUID, user: Any) -> Order | None:
    """One order as the user sees it, or None."""
    order = with_parts(visible_to(user)).filter(pk=order_id).first()
    return shown_to(order, user) if order is not None else None


def get_visible(order_id: UUID, user: Any) -> Order:
    """One order as the user sees it. Raises OrderNotFound, also for other people's."""
    order = find_visible(order_id, user)
    if order is None:
        raise OrderNotFound("There is no order with this id.")
    return order


def history_of(order_id: UUID) -> QuerySet[OrderHistory]:
    """What happened to an order, oldest first."""
    return OrderHistory.objects.filter(order_id=order_id)


def vendor_orders_visible_to(user: Any) -> QuerySet[VendorOrder]:
    """A vendor's own parts; for staff all of them (ORD-17)."""
    parts = VendorOrder.objects.select_related("order").prefetch_related(
        Prefetch("lines", queryset=OrderLine.objects.order_by("position"))
    )
    if is_vendor_role(user.role):
        return parts.filter(vendor_id=user.vendor_id) if user.vendor_id else parts.none()
    return parts
