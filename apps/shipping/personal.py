"""What shipments hold on a person (CMP-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.accounts.types import Person
from apps.orders.facade import orders_of_person
from apps.shipping.models import Shipment

_FIELDS = (
    "order_id",
    "status",
    "carrier",
    "tracking_number",
    "to_address",
    "created_at",
    "shipped_at",
    "delivered_at",
)


def export_shipments(person: Person) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Parcels of the person's orders."""
    shipments = Shipment.objects.filter(order_id__in=orders_of_person(person))
    return {"shipments": list(shipments.order_by("created_at").values(*_FIELDS))}
