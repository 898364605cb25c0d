"""An order's row and its parts, by statements that are composed once (docs/adr/0005)."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from apps.common.queries import kept
from apps.orders.models import Order, OrderLine, VendorOrder

Part = TypeVar("Part", OrderLine, VendorOrder)


@kept
def order_row(order_id: UUID) -> QuerySet[Order]:
    """The order, neither locked nor with its parts."""
    return Order.objects.filter(pk=order_id).order_by()


def lines_of(order: Order) -> list[OrderLine]:
    """Its lines by position: those that are held, else read anew with every call."""
    held = _held(order, "lines")
    return _with(order, _lines(order.pk)) if held is None else held


def vendor_orders_of(order: Order) -> list[VendorOrder]:
    """Its vendor orders by number: those that are held, else read anew with every call."""
    held = _held(order, "vendor_orders")
    return _with(order, _vendor_orders(order.pk)) if held is None else held


def _held(order: Order, relation: str) -> list[Any] | None:
    held = getattr(order, "_prefetched_objects_cache", {})
    return list(held[relation]) if relation in held else None


def _with(order: Order, parts: list[Part]) -> list[Part]:
    for part in parts:
        part.order = order
    return parts


@kept
def _lines(order_id: UUID) -> QuerySet[OrderLine]:
    return OrderLine.objects.filter(order_id=order_id).order_by("position")


@kept
def _vendor_orders(order_id: UUID) -> QuerySet[VendorOrder]:
    return VendorOrder.objects.filter(order_id=order_id).order_by("number")
