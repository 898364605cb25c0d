"""Shapes of transfers and purchase orders on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.common.api.fields import AmountField, CleanCharField, CurrencyField, StrictIntegerField
from apps.inventory.documents import MOST_LINES
from apps.inventory.models import PurchaseOrderStatus, TransferStatus
from apps.inventory.types import MOST_UNITS


class UnitsSerializer(serializers.Serializer[Any]):
    """Units of one SKU."""

    sku = CleanCharField(max_length=64)
    quantity = StrictIntegerField(min_value=1, max_value=MOST_UNITS)


class BoughtUnitsSerializer(UnitsSerializer):
    """Units of one SKU and what each of them costs."""

    cost_cents = AmountField(required=False, default=0)


def _lines(child: type[UnitsSerializer], **options: Any) -> serializers.ListSerializer[Any]:
    return serializers.ListSerializer(child=child(), max_length=MOST_LINES, **options)


class CreateTransferSerializer(serializers.Serializer[Any]):
    """Goods to move; `source` and `destination` are codes of warehouses."""

    source: Any = CleanCharField(max_length=50)
    destination = CleanCharField(max_length=50)
    lines = _lines(UnitsSerializer, allow_empty=False)
    note = CleanCharField(max_length=200, required=False, allow_blank=True, default="")
    vendor = serializers.UUIDField(required=False, help_text="Whose goods these are.")


class CreatePurchaseOrderSerializer(serializers.Serializer[Any]):
    """Goods to buy; costs are in the subunit of `currency`, the store's unless named."""

    supplier = CleanCharField(max_length=200)
    lines = _lines(BoughtUnitsSerializer, allow_empty=False)
    warehouse = CleanCharField(max_length=50, required=False)
    currency = CurrencyField(required=False, default="")
    reference = CleanCharField(max_length=100, required=False, allow_blank=True, default="")
    expected_on = serializers.DateField(required=False, allow_null=True, default=None)
    note = CleanCharField(max_length=200, required=False, allow_blank=True, default="")
    vendor = serializers.UUIDField(required=False, help_text="Whose goods these are.")


class ChangeTransferSerializer(serializers.Serializer[Any]):
    """What a PATCH of a draft may change; `lines` replaces all of them.

    Not a partial serializer: a line that is sent is sent whole.
    """

    source: Any = CleanCharField(max_length=50, required=False)
    destination = CleanCharField(max_length=50, required=False)
    lines = _lines(UnitsSerializer, allow_empty=False, required=False)
    note = CleanCharField(max_length=200, required=False, allow_blank=True)


class ChangePurchaseOrderSerializer(serializers.Serializer[Any]):
    """What a PATCH of a draft may change; `lines` replaces all of them.

    Another `currency` needs the lines, whose costs are in it.
    """

    supplier = CleanCharField(max_length=200, required=False)
    lines = _lines(BoughtUnitsSerializer, allow_empty=False, required=False)
    warehouse = CleanCharField(max_length=50, required=False)
    currency = CurrencyField(required=False)
    reference = CleanCharField(max_length=100, required=False, allow_blank=True)
    expected_on = serializers.DateField(required=False, allow_null=True)
    note = CleanCharField(max_length=200, required=False, allow_blank=True)


class _ReceivedSerializer(serializers.Serializer[Any]):
    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Raises ValidationError for a SKU that is named twice."""
        skus = [line["sku"] for line in lines]
        if len(set(skus)) < len(skus):
            raise serializers.ValidationError("A SKU stands in the list twice.", "twice")
        return lines


class ReceiveTransferSerializer(_ReceivedSerializer):
    """What came. `close`: nothing else will; `reason` then says why units are missing."""

    lines = _lines(UnitsSerializer, required=False, default=list)
    close = serializers.BooleanField(required=False, default=False)
    reason = CleanCharField(max_length=200, required=False, allow_blank=True, default="")


class ReceivePurchaseOrderSerializer(_ReceivedSerializer):
    """What came. `allow_over`: the supplier may have sent more than was ordered."""

    lines = _lines(UnitsSerializer, allow_empty=False)
    allow_over = serializers.BooleanField(required=False, default=False)


class TransferLineSerializer(serializers.Serializer[Any]):
    """One SKU of a transfer: `received` came, `missing` never will, and `reason` says why."""

    sku = serializers.CharField(source="variant.sku")
    product_name = serializers.CharField(source="variant.product.name")
    quantity = serializers.IntegerField()
    received = serializers.IntegerField()
    missing = serializers.IntegerField()
    reason = serializers.CharField()


class TransferSerializer(serializers.Serializer[Any]):
    """A transfer; `vendor_id` is empty where it is the store's own."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=TransferStatus.choices)
    source: Any = serializers.CharField(source="source.code")
    destination = serializers.CharField(source="destination.code")
    vendor_id = serializers.UUIDField(allow_null=True)
    note = serializers.CharField()
    lines = TransferLineSerializer(source="lines.all", many=True)
    dispatched_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class PurchaseOrderLineSerializer(serializers.Serializer[Any]):
    """One SKU of a purchase order; `cost_cents` is what one unit costs."""

    sku = serializers.CharField(source="variant.sku")
    product_name = serializers.CharField(source="variant.product.name")
    quantity = serializers.IntegerField()
    received = serializers.IntegerField()
    cost_cents = serializers.IntegerField()


class PurchaseOrderSerializer(serializers.Serializer[Any]):
    """A purchase order; `vendor_id` is empty where it is the store's own."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=PurchaseOrderStatus.choices)
    supplier = serializers.CharField()
    reference = serializers.CharField()
    warehouse = serializers.CharField(source="warehouse.code")
    vendor_id = serializers.UUIDField(allow_null=True)
    currency = serializers.CharField()
    total_cost_cents = serializers.SerializerMethodField()
    expected_on = serializers.DateField(allow_null=True)
    note = serializers.CharField()
    lines = PurchaseOrderLineSerializer(source="lines.all", many=True)
    ordered_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_total_cost_cents(self, order: Any) -> int:
        """What all that is ordered costs."""
        return sum(line.quantity * line.cost_cents for line in order.lines.all())
