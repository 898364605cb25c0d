"""What price lists look like over HTTP."""

from __future__ import annotations

from typing import Any

import django_filters
from rest_framework import serializers

from apps.catalog.api.inputs import StrictBooleanField, ZonedDateTimeField
from apps.catalog.models import PastPrice, Price, PriceList, PriceListKind
from apps.catalog.services.set_list_prices import MOST_QUANTITY, MOST_ROWS
from apps.common.api.fields import AmountField, CleanCharField, CurrencyField, StrictIntegerField


class PriceListSerializer(serializers.ModelSerializer[PriceList]):
    """A price list. `is_public`: shoppers see its prices in the store's pages now."""

    is_public = serializers.SerializerMethodField()

    class Meta:
        model = PriceList
        fields = [
            *("code", "name", "kind", "is_default", "customer_group", "market", "starts_at"),
            *("ends_at", "priority", "is_active", "is_public", "created_at", "updated_at"),
        ]
        read_only_fields = fields

    def get_is_public(self, price_list: PriceList) -> bool:
        """The default list, and a sale that has begun for everybody."""
        return price_list.is_default or price_list.public_since is not None


class PriceListChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of a price list."""

    name = CleanCharField(max_length=100, required=False)
    customer_group = serializers.SlugField(
        max_length=50, required=False, allow_blank=True, help_text="Code; blank for everybody"
    )
    market = serializers.SlugField(
        max_length=50, required=False, allow_blank=True, help_text="Code; blank for every market"
    )
    starts_at = ZonedDateTimeField(required=False, allow_null=True)
    ends_at = ZonedDateTimeField(
        required=False, allow_null=True, help_text="It applies no longer at this very moment"
    )
    priority = StrictIntegerField(
        min_value=-(2**31) + 1,
        max_value=2**31 - 1,
        required=False,
        help_text="Of several overrides the least decides, then the first code",
    )
    is_active = StrictBooleanField(required=False)


class PriceListInputSerializer(PriceListChangeSerializer):
    """A new price list."""

    code = serializers.SlugField(max_length=50)
    name = CleanCharField(max_length=100)
    kind = serializers.ChoiceField(
        choices=PriceListKind.choices, help_text="`sale` or `override`; there is one `default`"
    )


class ListPriceSerializer(serializers.ModelSerializer[Price]):
    """The price of one unit, from `min_quantity` units on."""

    sku = serializers.CharField(source="variant.sku")
    vendor_id = serializers.UUIDField(source="variant.vendor_id")
    product_id = serializers.UUIDField(source="variant.product_id")

    class Meta:
        model = Price
        fields = [
            *("sku", "vendor_id", "variant_id", "product_id", "currency", "amount_cents"),
            *("min_quantity", "updated_at"),
        ]
        read_only_fields = fields


class ListPriceFilter(django_filters.FilterSet):
    """By SKU and by currency."""

    sku = django_filters.CharFilter(field_name="variant__sku")

    class Meta:
        model = Price
        fields = ["sku", "currency"]


class ListPriceInputSerializer(serializers.Serializer[Any]):
    """A price to set."""

    sku = CleanCharField(max_length=64)
    vendor_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="Where several vendors have the SKU"
    )
    currency = CurrencyField(max_length=3)
    amount_cents = AmountField()
    min_quantity = StrictIntegerField(min_value=1, max_value=MOST_QUANTITY, required=False)


class ListPricesInputSerializer(serializers.Serializer[Any]):
    """Prices to set, all of them or none."""

    prices = ListPriceInputSerializer(many=True, allow_empty=False)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The rows. Raises ValidationError."""
        rows = data.get("prices") if isinstance(data, dict) else None
        if isinstance(rows, list) and len(rows) > MOST_ROWS:
            # Before each of too many is looked at.
            raise serializers.ValidationError({"prices": f"Send at most {MOST_ROWS:,} rows."})
        values: dict[str, Any] = super().to_internal_value(data)
        return values


class ListPricesSerializer(serializers.Serializer[Any]):
    """How many rows were sent, and how many of them changed something."""

    rows = serializers.IntegerField()
    changed = serializers.IntegerField()


class DeletedPricesSerializer(serializers.Serializer[Any]):
    """How many prices were taken away."""

    deleted = serializers.IntegerField()


class PastPriceSerializer(serializers.ModelSerializer[PastPrice]):
    """What one cost everybody from `since` on and no longer at `until`."""

    price_list = serializers.CharField(source="list_code")

    class Meta:
        model = PastPrice
        fields = ["variant_id", "price_list", "currency", "amount_cents", "since", "until"]
        read_only_fields = fields
