"""The shapes of shipments on the wire."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.api.fields import QuantityField
from apps.shipping.models import Shipment, ShipmentLine, TrackingEvent

MOST_LINES = 500


class ShipmentLineSerializer(serializers.ModelSerializer[ShipmentLine]):
    """What the parcel holds of an order line."""

    line_id = serializers.UUIDField(source="order_line_id")

    class Meta:
        model = ShipmentLine
        fields = ["line_id", "variant_id", "sku", "name", "quantity"]


class TrackingEventSerializer(serializers.ModelSerializer[TrackingEvent]):
    """One step of the parcel's way."""

    class Meta:
        model = TrackingEvent
        fields = ["status", "description", "location", "occurred_at"]


class ShipmentSerializer(serializers.ModelSerializer[Shipment]):
    """A parcel as a list shows it."""

    order_number = serializers.CharField(source="order.number")
    vendor_order_number = serializers.CharField(source="vendor_order.number")
    label_url = serializers.SerializerMethodField()
    tracking_url = serializers.SerializerMethodField()
    items = ShipmentLineSerializer(source="lines", many=True)

    class Meta:
        model = Shipment
        fields = [
            "id",
            "order_id",
            "order_number",
            "vendor_order_id",
            "vendor_order_number",
            "status",
            "carrier",
            "service",
            "tracking_number",
            "tracking_url",
            "label_url",
            "weight_grams",
            "to_address",
            "items",
            "label_created_at",
            "shipped_at",
            "delivered_at",
            "created_at",
            "updated_at",
        ]

    def get_label_url(self, shipment: Shipment) -> str | None:
        """Where the label is; null when there is none or it was voided."""
        return f"/api/v1/shipments/{shipment.id}/label.pdf" if shipment.label_key else None

    def get_tracking_url(self, shipment: Shipment) -> str | None:
        """Where anybody may follow the parcel."""
        number = shipment.tracking_number
        return f"/api/v1/tracking/{number}" if number else None


class ShipmentDetailSerializer(ShipmentSerializer):
    """A parcel with its way so far."""

    events = TrackingEventSerializer(many=True)

    class Meta(ShipmentSerializer.Meta):
        fields = [*ShipmentSerializer.Meta.fields, "from_address", "events"]


class NewShipmentItemSerializer(serializers.Serializer[Any]):
    """Units of one order line."""

    line_id = serializers.UUIDField()
    quantity = QuantityField()


class NewShipmentSerializer(serializers.Serializer[Any]):
    """Which order is packed, and how much of it; without `items` all that is left."""

    order_id = serializers.UUIDField(required=False)
    vendor_order_id = serializers.UUIDField(required=False)
    items = serializers.ListField(
        child=NewShipmentItemSerializer(), required=False, allow_empty=False, max_length=MOST_LINES
    )

    def validate_items(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Every line once. Raises ValidationError."""
        seen: set[UUID] = set()
        for item in items:
            if item["line_id"] in seen:
                raise serializers.ValidationError("Name every line once.", code="duplicate")
            seen.add(item["line_id"])
        return items

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two ids is needed. Raises ValidationError."""
        if "order_id" not in attrs and "vendor_order_id" not in attrs:
            raise serializers.ValidationError(
                {"order_id": ["Send order_id or vendor_order_id."]}, code="required"
            )
        return attrs


class DestinationSerializer(serializers.Serializer[Any]):
    """Where a parcel goes, no closer than the town."""

    city = serializers.CharField(allow_blank=True)
    country = serializers.CharField(allow_blank=True)


class TrackingSerializer(serializers.ModelSerializer[Shipment]):
    """What anybody who knows the number may see: no name, no street, no order."""

    destination = serializers.SerializerMethodField()
    events = TrackingEventSerializer(many=True)

    class Meta:
        model = Shipment
        fields = [
            "tracking_number",
            "carrier",
            "service",
            "status",
            "destination",
            "shipped_at",
            "delivered_at",
            "events",
        ]

    @extend_schema_field(DestinationSerializer)
    def get_destination(self, shipment: Shipment) -> dict[str, str]:
        """Town and country alone."""
        address = shipment.to_address or {}
        return {part: str(address.get(part) or "") for part in ("city", "country")}
