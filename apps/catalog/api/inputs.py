"""What a client sends to make or change products, categories and vendors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.catalog.api.media_shapes import ImageAddressField
from apps.catalog.attributes import check_variant_count
from apps.catalog.limits import MAX_TYPE_FIELDS, MAX_VARIANTS
from apps.common.api.fields import (
    AmountField,
    CleanCharField,
    CurrencyField,
    StrictIntegerField,
)
from apps.common.context import current_store
from apps.common.money import MoneyError, parse_amount

# What belongs to a variant and may stand beside the product's own fields where it has just one.
FLAT = [
    "sku",
    "price",
    "price_cents",
    "currency",
    "compare_at_price_cents",
    "inventory",
    "barcode",
    "weight_grams",
    "requires_shipping",
    "track_inventory",
    "cost_cents",
]
_SMALL = 2**31 - 1


@extend_schema_field(
    {"oneOf": [{"type": "string"}, {"type": "number"}], "description": "In the main unit: 19.99"}
)
class DecimalAmountField(serializers.Field[Any, Any, Any, Any]):
    """A plain decimal, as text or as a number; its currency is applied later."""

    default_error_messages = {"invalid": "Send a decimal such as 19.99."}

    def to_internal_value(self, data: Any) -> str:
        """The digits as they were sent. Raises ValidationError."""
        if isinstance(data, bool) or not isinstance(data, (str, int, float)):
            self.fail("invalid")
        return data if isinstance(data, str) else repr(data)

    def to_representation(self, value: Any) -> Any:
        """As it is."""
        return value


class StrictBooleanField(serializers.BooleanField):
    """true or false, and no word for it."""

    def to_internal_value(self, data: Any) -> bool:
        """The flag. Raises ValidationError."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return bool(data)


class ZonedDateTimeField(serializers.DateTimeField):
    """A moment with its time zone, such as 2026-11-27T09:00:00Z; never a local one."""

    default_error_messages = {"zone": "Send the time zone too, such as 2026-11-27T09:00:00Z."}

    def enforce_timezone(self, value: datetime) -> datetime:
        """As it is. Raises ValidationError(`zone`)."""
        if timezone.is_naive(value):
            self.fail("zone")
        return value


class ValuesField(serializers.DictField):
    """Typed values by code; null takes one away. What each may be, its definition says."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The object as it was sent. Raises ValidationError."""
        if not isinstance(data, dict):
            self.fail("not_a_dict", input_type=type(data).__name__)
        if len(data) > MAX_TYPE_FIELDS * 2:
            raise serializers.ValidationError(f"Send at most {MAX_TYPE_FIELDS * 2} values.")
        return dict(data)


class ExternalIdField(CleanCharField):
    """The id that another system knows the thing by."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 120, "required": False, "allow_blank": True, **kwargs})


class PriceInputSerializer(serializers.Serializer[Any]):
    """A price in one currency."""

    currency = CurrencyField(max_length=3)
    amount_cents = AmountField()
    compare_at_cents = AmountField(required=False, allow_null=True)


class _VariantFields(serializers.Serializer[Any]):
    sku = CleanCharField(max_length=64, required=False)
    price = DecimalAmountField(required=False)
    price_cents = AmountField(required=False)
    currency = CurrencyField(max_length=3, required=False)
    compare_at_price_cents = AmountField(required=False, allow_null=True)
    inventory = StrictIntegerField(
        min_value=0,
        max_value=_SMALL,
        required=False,
        allow_null=True,
        help_text="Units to start with; of a variant that exists, change stock by `inventory`.",
    )
    barcode = CleanCharField(max_length=64, required=False, allow_blank=True)
    weight_grams = StrictIntegerField(
        min_value=0, max_value=_SMALL, required=False, allow_null=True
    )
    requires_shipping = StrictBooleanField(required=False)
    track_inventory = StrictBooleanField(required=False)
    cost_cents = AmountField(
        required=False, allow_null=True, help_text="What it costs you; shoppers never see it."
    )


class VariantInputSerializer(_VariantFields):
    """A variant; `id`, else `external_id`, else `sku`, says which one a change means."""

    id = serializers.UUIDField(required=False)
    options = serializers.DictField(
        child=CleanCharField(max_length=100), required=False, help_text='{"Size": "M"}'
    )
    prices = PriceInputSerializer(many=True, required=False)
    is_active = StrictBooleanField(required=False)
    external_id = ExternalIdField()
    custom_fields = ValuesField(required=False)

    def validate_options(self, options: dict[str, str]) -> dict[str, str]:
        """Names are text too. Raises ValidationError."""
        name = CleanCharField(max_length=50)
        return {name.run_validation(key): value for key, value in options.items()}


class ProductInputSerializer(_VariantFields):
    """A product: with `variants`, or flat with the fields of its only variant."""

    name = CleanCharField(max_length=255)
    slug = serializers.SlugField(max_length=255, required=False)
    description = serializers.CharField(max_length=100_000, required=False, allow_blank=True)
    brand = CleanCharField(max_length=100, required=False, allow_blank=True)
    vendor = serializers.SlugField(required=False, help_text="Slug; the store itself if not given")
    categories = serializers.ListField(
        child=serializers.SlugField(max_length=255), required=False, max_length=100
    )
    tags = serializers.ListField(
        child=CleanCharField(max_length=50), required=False, max_length=250
    )
    images = serializers.ListField(
        child=ImageAddressField(max_length=1000), required=False, max_length=250
    )
    is_active = StrictBooleanField(required=False)
    is_featured = StrictBooleanField(required=False)
    product_type = serializers.SlugField(
        max_length=50, required=False, allow_blank=True, help_text="Code; blank for none"
    )
    attributes = ValuesField(required=False, help_text="Values of the type's attributes by code")
    custom_fields = ValuesField(required=False, help_text="Values of the store's own fields")
    external_id = ExternalIdField()
    tax_category = CleanCharField(
        max_length=50,
        required=False,
        allow_blank=True,
        help_text="How it is taxed; blank for the standard way. For the store's own staff.",
    )
    publish_at = ZonedDateTimeField(required=False, allow_null=True)
    unpublish_at = ZonedDateTimeField(required=False, allow_null=True)
    variants = VariantInputSerializer(
        many=True,
        required=False,
        max_length=MAX_VARIANTS,  # type: ignore[call-arg]  # the list serializer's own
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The values. Raises ValidationError, ValidationFailed."""
        rows = data.get("variants") if isinstance(data, Mapping) else None
        if isinstance(rows, list):
            # Before each of too many is looked at.
            check_variant_count(len(rows))
        values: dict[str, Any] = super().to_internal_value(data)
        return values

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Bring both forms to one: `variants` holds them all. Raises ValidationError."""
        flat = {name: attrs.pop(name) for name in FLAT if name in attrs}
        if "variants" in attrs:
            if flat:
                detail = "Send it inside `variants`, or send no variants."
                raise serializers.ValidationError(dict.fromkeys(flat, detail))
            if not attrs["variants"]:
                raise serializers.ValidationError({"variants": "Send at least one variant."})
            # `required` cannot see a change's variants: a merge may leave the SKU to the id.
            attrs["variants"] = [
                _settled(row, f"variants.{index}.", partial=self.partial)
                for index, row in enumerate(attrs["variants"])
            ]
        elif flat or not self.partial:
            attrs["variants"] = [_settled(flat, "", partial=self.partial)]
            attrs["flat"] = True
        return attrs


def _settled(row: Mapping[str, Any], where: str, *, partial: bool) -> dict[str, Any]:
    """A variant's fields with its price in subunits. Raises ValidationError."""
    settled = dict(row)
    price = settled.pop("price", None)
    compare_at = settled.pop("compare_at_price_cents", None)
    given = [price is not None, "price_cents" in row, "prices" in row]
    if sum(given) > 1 or (not any(given) and not partial):
        raise serializers.ValidationError(
            {f"{where}price": "Send exactly one of price and price_cents."}
        )
    if "sku" not in row and (not partial or (where and "id" not in row)):
        raise serializers.ValidationError({f"{where}sku": ["This field is required."]})
    if price is not None:
        currency = row.get("currency") or current_store().default_currency
        try:
            settled["price_cents"] = parse_amount(price, currency)
        except MoneyError as error:
            raise serializers.ValidationError(
                {f"{where}price": serializers.ErrorDetail(error.detail, error.code)}
            ) from error
    if compare_at is not None:
        if "price_cents" not in settled:
            raise serializers.ValidationError({f"{where}compare_at_price_cents": "Send a price."})
        settled["compare_at_cents"] = compare_at
    if "prices" in settled:
        codes = [item["currency"] for item in settled["prices"]]
        if len(set(codes)) < len(codes) or not codes:
            raise serializers.ValidationError({f"{where}prices": "Send each currency once."})
    return settled


class CategoryInputSerializer(serializers.Serializer[Any]):
    """A category; `parent` is a slug, blank for the root."""

    name = CleanCharField(max_length=100)
    slug = serializers.SlugField(max_length=255, required=False)
    parent: Any = serializers.SlugField(
        max_length=255, required=False, allow_blank=True, allow_null=True
    )
    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    sort_order = StrictIntegerField(min_value=-_SMALL, max_value=_SMALL, required=False)
    external_id = ExternalIdField()
    image = serializers.UUIDField(
        required=False, allow_null=True, help_text="A public picture of the store's own"
    )
    custom_fields = ValuesField(required=False)
