"""How a list of shipments is narrowed."""

from __future__ import annotations

from django_filters import rest_framework as filters

from apps.shipping.models import Shipment, ShipmentStatus


class ShipmentFilter(filters.FilterSet):
    """By order, vendor order, status, carrier or tracking number."""

    order = filters.UUIDFilter(field_name="order_id")
    vendor_order = filters.UUIDFilter(field_name="vendor_order_id")
    status = filters.ChoiceFilter(choices=ShipmentStatus.choices)
    carrier = filters.CharFilter(max_length=30)
    tracking_number = filters.CharFilter(max_length=64)

    class Meta:
        model = Shipment
        fields: list[str] = []
