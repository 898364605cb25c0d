"""Shipments, as far as the caller may see them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps.accounts.facade import is_vendor_role
from apps.shipping.models import Shipment

READ, WRITE = "shipments.read", "shipments.write"


def visible_to(user: Any) -> QuerySet[Shipment]:
    """Staff see all, a vendor's people their vendor's, customers those of their own orders."""
    shipments = Shipment.objects.select_related("order", "vendor_order")
    if READ not in user.permissions:
        return shipments.filter(order__customer_id=user.id)
    if is_vendor_role(user.role):
        return shipments.filter(vendor_order__vendor_id=user.vendor_id)
    return shipments


def with_details(shipments: QuerySet[Shipment]) -> QuerySet[Shipment]:
    """With lines and tracking events: two queries more, however many shipments."""
    return shipments.prefetch_related("lines", "events")


def by_tracking_number(tracking_number: str) -> Shipment | None:
    """A parcel for the public tracking page, which shows nothing personal."""
    return (
        Shipment.objects.filter(tracking_number=tracking_number).prefetch_related("events").first()
    )
