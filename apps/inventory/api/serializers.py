"""Shapes of stock on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.common.api.fields import AddressSerializer, CleanCharField, StrictIntegerField
from apps.inventory.models import MovementKind, StockMovement, Warehouse
from apps.inventory.services.set_stock_bulk import MOST_ROWS
from apps.inventory.types import MOST_UNITS


class LevelSerializer(serializers.Serializer[Any]):
    """One level: `quantity` and `on_hand` are the same count, `available` is what can be sold.

    `backordered` and `backorder_limit` are the SKU's over all warehouses, and no part of it.
    """

    variant_id = serializers.UUIDField()
    vendor_id = serializers.UUIDField()
    sku = serializers.CharField()
    product_name = serializers.CharField()
    warehouse = serializers.CharField()
    quantity = serializers.IntegerField()
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    available = serializers.IntegerField()
    backordered = serializers.IntegerField()
    backorder_limit = serializers.IntegerField()
    reorder_threshold = serializers.IntegerField()
    location = serializers.CharField()
    updated_at = serializers.DateTimeField()


class TargetSerializer(serializers.Serializer[Any]):
    """Which level is meant."""

    sku = CleanCharField(max_length=64)
    warehouse = CleanCharField(max_length=50, required=False)
    vendor = serializers.UUIDField(
        required=False, help_text="Whose SKU is meant, where several vendors use it."
    )


class SetStockSerializer(TargetSerializer):
    """An absolute count."""

    quantity = StrictIntegerField(min_value=0, max_value=MOST_UNITS)
    reorder_threshold = StrictIntegerField(min_value=0, max_value=MOST_UNITS, required=False)
    location = CleanCharField(max_length=50, required=False, allow_blank=True)
    reason = CleanCharField(max_length=200, required=False, allow_blank=True)


class BulkStockRowSerializer(TargetSerializer):
    """What is on hand of one SKU."""

    quantity = StrictIntegerField(min_value=0, max_value=MOST_UNITS)


class BulkStockSerializer(serializers.Serializer[Any]):
    """Up to 1,000 counts."""

    rows = BulkStockRowSerializer(many=True)
    reason = CleanCharField(max_length=200, required=False, allow_blank=True)

    def validate_rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Raises ValidationError for none and for too many."""
        if not 0 < len(rows) <= MOST_ROWS:
            raise serializers.ValidationError(f"Send 1 to {MOST_ROWS:,} rows.")
        return rows


ROW_STATUSES = [("changed", "Changed"), ("unchanged", "Unchanged"), ("refused", "Refused")]


class BulkStockResultSerializer(serializers.Serializer[Any]):
    """What became of a row; `code` and `detail` say why it was refused."""

    sku = serializers.CharField()
    status = serializers.ChoiceField(choices=ROW_STATUSES)
    warehouse = serializers.CharField()
    on_hand = serializers.IntegerField(allow_null=True)
    available = serializers.IntegerField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class BulkStockAnswerSerializer(serializers.Serializer[Any]):
    """Each row's result, in the order in which the rows came, and how many of each kind."""

    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = BulkStockResultSerializer(many=True)


class AdjustStockSerializer(TargetSerializer):
    """A relative change and why."""

    delta = StrictIntegerField(min_value=-MOST_UNITS, max_value=MOST_UNITS)
    reason = CleanCharField(max_length=200)

    def validate_delta(self, value: int) -> int:
        """Raises ValidationError for 0."""
        if value == 0:
            raise serializers.ValidationError("Send a number other than 0.", "zero")
        return value


class MovementSerializer(serializers.ModelSerializer[StockMovement]):
    """One row of the ledger, and what its warehouse had of the SKU after it.

    `reference` is the number of the order, parcel or document behind it, `reference_id` its id.
    """

    on_hand_after = serializers.IntegerField()
    reserved_after = serializers.IntegerField()
    warehouse = serializers.CharField(source="warehouse.code")
    kind = serializers.ChoiceField(choices=MovementKind.choices)

    class Meta:
        model = StockMovement
        fields = (
            "id",
            "kind",
            "warehouse",
            "on_hand_delta",
            "reserved_delta",
            "on_hand_after",
            "reserved_after",
            "reason",
            "reference",
            "reference_id",
            "actor",
            "created_at",
        )
        read_only_fields = fields


class WarehouseAddressSerializer(AddressSerializer):
    """Where parcels start from; null where none was entered."""

    def get_attribute(self, instance: Warehouse) -> dict[str, str] | None:
        """The stored address, which is an empty object until one is entered."""
        return instance.address or None


class WarehouseSerializer(serializers.Serializer[Any]):
    """A warehouse; its `code` is its name in every call and never changes."""

    code = serializers.RegexField(
        r"\A[a-z0-9]+(?:[-_][a-z0-9]+)*\Z",
        max_length=50,
        error_messages={"invalid": "Use lower-case letters, digits and single hyphens."},
    )
    name = CleanCharField(max_length=100)
    address = WarehouseAddressSerializer(required=False, allow_null=True)
    priority = StrictIntegerField(
        min_value=0, max_value=1_000_000, required=False, help_text="Lower is taken from first."
    )
    is_default = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class WarehouseChangeSerializer(WarehouseSerializer):
    """What a PATCH may change: everything but the code."""

    code: Any = serializers.CharField(read_only=True)
