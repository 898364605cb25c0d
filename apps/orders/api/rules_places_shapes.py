"""What is sent and answered about taxes, shipping and markets. The services know the rules."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.common.api.fields import CleanCharField, CurrencyField, StrictIntegerField
from apps.orders.api.rules_shapes import AmountsField, CodeField, StrictFlagField
from apps.orders.models import Market, RateBasis, ShippingMethod, ShippingZone, TaxRate
from apps.orders.rule_checks import MOST_PLACES, MOST_ROWS
from apps.orders.services.put_tax_rates import MOST_RATES


class TaxRateInputSerializer(serializers.Serializer[Any]):
    """A rate: of a country, of a state of it, or where postal codes begin so."""

    name = CleanCharField(max_length=60)
    country = CleanCharField(max_length=2)
    state = CleanCharField(max_length=100, required=False, allow_blank=True)
    postal_prefix = CleanCharField(max_length=20, required=False, allow_blank=True)
    category = CleanCharField(
        max_length=50,
        required=False,
        allow_blank=True,
        help_text="A product's tax category; empty is the standard rate, `shipping` is shipping's",
    )
    percent = serializers.DecimalField(max_digits=20, decimal_places=12)
    is_active = StrictFlagField(required=False)


class TaxRatesInputSerializer(serializers.Serializer[Any]):
    """Many rates at once."""

    rates = serializers.ListField(child=TaxRateInputSerializer(), max_length=MOST_RATES)
    replace_countries = StrictFlagField(
        required=False, help_text="Delete what else there is of the countries that occur"
    )


class RatesPutSerializer(serializers.Serializer[Any]):
    """What became of them."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    deleted = serializers.IntegerField()


class TaxRateSerializer(serializers.ModelSerializer[TaxRate]):
    """A tax rate. `category`: a slug; empty for goods of any."""

    category = serializers.CharField()
    percent = serializers.SerializerMethodField()

    class Meta:
        model = TaxRate
        fields = [
            "id",
            "name",
            "country",
            "state",
            "postal_prefix",
            "category",
            "percent",
            "is_active",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_percent(self, row: TaxRate) -> str:
        """As text without needless zeros."""
        return f"{row.percent.normalize():f}"


class RateRowSerializer(serializers.Serializer[Any]):
    """From so many grams, or so many of the smallest unit of the goods' price, this price."""

    currency = CurrencyField()
    amount_cents = StrictIntegerField()

    def get_fields(self) -> dict[str, Any]:
        """With `from`, which Python keeps for itself."""
        start = StrictIntegerField(help_text="Grams, or the price of the goods; 0 for one price")
        return {"from": start, **super().get_fields()}


class MethodChangeSerializer(serializers.Serializer[Any]):
    """What may change of a shipping method; its zone and its owner may not."""

    code = CodeField()
    name = CleanCharField(max_length=100)
    description = CleanCharField(max_length=300, required=False, allow_blank=True)
    basis = serializers.ChoiceField(choices=RateBasis.choices, required=False)
    rates = serializers.ListField(child=RateRowSerializer(), max_length=MOST_ROWS)
    free_from = AmountsField(required=False)
    max_weight_grams = StrictIntegerField(required=False, allow_null=True)
    min_days = StrictIntegerField(required=False, allow_null=True)
    max_days = StrictIntegerField(required=False, allow_null=True)
    position = StrictIntegerField(required=False)
    is_active = StrictFlagField(required=False)


class MethodInputSerializer(MethodChangeSerializer):
    """A new shipping method."""

    vendor_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="Whose goods alone it carries; of a vendor's people always their own",
    )


class MethodSerializer(serializers.ModelSerializer[ShippingMethod]):
    """A shipping method with its rate table."""

    zone_id = serializers.UUIDField(read_only=True)
    vendor_id = serializers.UUIDField(read_only=True, allow_null=True)
    rates = RateRowSerializer(many=True, read_only=True)
    free_from = AmountsField(read_only=True)

    class Meta:
        model = ShippingMethod
        fields = [
            "id",
            "zone_id",
            "vendor_id",
            "code",
            "name",
            "description",
            "basis",
            "rates",
            "free_from",
            "max_weight_grams",
            "min_days",
            "max_days",
            "position",
            "is_active",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class ZoneInputSerializer(serializers.Serializer[Any]):
    """A shipping zone; without a country it is everywhere else."""

    name = CleanCharField(max_length=100)
    countries = serializers.ListField(
        child=CleanCharField(max_length=2), required=False, max_length=MOST_PLACES
    )
    states = serializers.ListField(
        child=CleanCharField(max_length=100), required=False, max_length=MOST_PLACES
    )
    postal_prefixes = serializers.ListField(
        child=CleanCharField(max_length=20), required=False, max_length=MOST_PLACES
    )


class ZoneSerializer(serializers.ModelSerializer[ShippingZone]):
    """A shipping zone with its methods: to a vendor's people only their own."""

    methods = MethodSerializer(many=True, read_only=True)

    class Meta:
        model = ShippingZone
        fields = [
            "id",
            "name",
            "countries",
            "states",
            "postal_prefixes",
            "methods",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class MarketChangeSerializer(serializers.Serializer[Any]):
    """What may change of a market; its code may not."""

    name = CleanCharField(max_length=100)
    countries = serializers.ListField(
        child=CleanCharField(max_length=2), required=False, max_length=300
    )
    currencies = serializers.ListField(
        child=CurrencyField(), max_length=50, help_text="A cart begins with the first"
    )
    prices_include_tax = StrictFlagField(required=False)
    is_default = StrictFlagField(required=False, help_text="It takes everybody else")
    is_active = StrictFlagField(required=False)


class MarketInputSerializer(MarketChangeSerializer):
    """A new market."""

    code = CodeField()


class MarketSerializer(serializers.ModelSerializer[Market]):
    """A market."""

    class Meta:
        model = Market
        fields = [
            "id",
            "code",
            "name",
            "countries",
            "currencies",
            "prices_include_tax",
            "is_default",
            "is_active",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields
