"""Shipments, as far as the caller may see them."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.facade import is_vendor_role
from apps.common.ids import NO_VENDOR
from apps.shipping.models import Shipment

# Carriers use letters, digits and hyphens; anything else is not even looked up.
_TRACKING_NUMBER = re.compile(r"\A[A-Z0-9-]{1,64}\Z")
READ, WRITE = "shipments.read", "shipments.write"


def vendor_scope(user: Any) -> UUID | None:
    """The only vendor whose parcels the user handles; None means every vendor's.

    A vendor's user without a vendor is scoped to a vendor that does not exist.
    """
    return (user.vendor_id or NO_VENDOR) if is_vendor_role(user.role) else None


def visible_to(user: Any) -> QuerySet[Shipment]:
    """Staff see all, a vendor's people their vendor's, customers those of their own orders."""
    shipments = Shipment.objects.select_related("order", "vendor_order")
    if READ not in user.permissions:
        return shipments.filter(order__customer_id=user.id)
    vendor_id = vendor_scope(user)
    return shipments if vendor_id is None else shipments.filter(vendor_order__vendor_id=vendor_id)


def with_details(shipments: QuerySet[Shipment]) -> QuerySet[Shipment]:
    """With lines and tracking events: two queries more, however many shipments."""
    return shipments.prefetch_related("lines", "events")


def by_tracking_number(tracking_number: str) -> Shipment | None:
    """A parcel for the public tracking page, which shows nothing personal."""
    if not _TRACKING_NUMBER.match(tracking_number):
        return None
    return (
        Shipment.objects.filter(tracking_number=tracking_number).prefetch_related("events").first()
    )
