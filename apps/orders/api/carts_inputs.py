"""What the API takes for a cart."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.common.api.fields import (
    COUNTRY,
    AddressSerializer,
    AmountField,
    CleanCharField,
    CurrencyField,
    QuantityField,
    known_state,
)
from apps.orders.api.inputs import normal_email
from apps.orders.parties import check_parties
from apps.orders.resolving import MOST_LINES
from apps.orders.types import LineRequest


class _GoodsSerializer(serializers.Serializer[Any]):
    """Goods by SKU, or by `variant_id` where several vendors have the SKU.

    `expected_price_cents` is what the buyer saw; another price is refused with `price_changed`.
    """

    sku = CleanCharField(max_length=64, required=False)
    variant_id = serializers.UUIDField(required=False)
    expected_price_cents = AmountField(required=False, allow_null=True)


class CartItemInputSerializer(_GoodsSerializer):
    """One of several goods to put in."""

    quantity = QuantityField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """It names its variant. Raises ValidationError."""
        return _named(attrs)


class CartItemsInputSerializer(_GoodsSerializer):
    """Goods to put in: one of them, or several at once as `items`."""

    quantity = QuantityField(required=False)
    items = serializers.ListField(
        child=CartItemInputSerializer(),
        required=False,
        min_length=1,
        max_length=MOST_LINES,
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Either one or several. Raises ValidationError."""
        if "items" in attrs:
            if {"sku", "variant_id", "quantity"} & attrs.keys():
                raise serializers.ValidationError(
                    {"items": "Send one of the goods, or several as items, not both."},
                    code="conflict",
                )
            return attrs
        if "quantity" not in attrs:
            raise serializers.ValidationError({"quantity": "Say how many."}, code="required")
        return _named(attrs)


def _named(attrs: dict[str, Any]) -> dict[str, Any]:
    if not attrs.get("sku") and not attrs.get("variant_id"):
        raise serializers.ValidationError(
            {"sku": "Send the SKU or the variant_id."}, code="required"
        )
    return attrs


def line_requests(data: dict[str, Any]) -> list[LineRequest]:
    """What the accepted body asks for, one or several."""
    return [
        LineRequest(
            sku=row.get("sku", ""),
            variant_id=row.get("variant_id"),
            quantity=row["quantity"],
            expected_price_cents=row.get("expected_price_cents"),
        )
        for row in data.get("items") or [data]
    ]


class CartLineInputSerializer(serializers.Serializer[Any]):
    """How many, and whether it waits for later. An empty body says: the price was seen."""

    quantity = QuantityField(required=False)
    saved_for_later = serializers.BooleanField(required=False)


class CartInputSerializer(serializers.Serializer[Any]):
    """What is known beside the goods. Prices and sums are never taken from here.

    A customer's e-mail address is that of the account; `email` is for guests.
    """

    email = serializers.EmailField(max_length=255, required=False, allow_blank=True)
    currency = CurrencyField(required=False)
    market = CleanCharField(max_length=50, required=False, allow_blank=True)
    shipping_address = AddressSerializer(required=False, allow_null=True)
    shipping_address_id = serializers.UUIDField(required=False)
    billing_address = AddressSerializer(required=False, allow_null=True)
    shipping_method = CleanCharField(max_length=50, required=False, allow_blank=True)
    vat_id = CleanCharField(max_length=20, required=False, allow_blank=True)
    notes = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    organization_id = CleanCharField(max_length=64, required=False, allow_blank=True)
    purchase_order_number = CleanCharField(max_length=64, required=False, allow_blank=True)

    def validate_email(self, email: str) -> str:
        """The spelling that accounts keep (T15). Raises ValidationError."""
        return normal_email(email) if email else email

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One address, not two, and what an order would take. Raises ValidationError."""
        if attrs.get("shipping_address") and "shipping_address_id" in attrs:
            raise serializers.ValidationError(
                {"shipping_address_id": "Send the address or its id, not both."}, code="conflict"
            )
        check_parties(attrs)
        return attrs


class CouponInputSerializer(serializers.Serializer[Any]):
    """A coupon's code, in any case."""

    code = CleanCharField(max_length=40)


class PlaceQuerySerializer(serializers.Serializer[Any]):
    """A place to send to; without one the cart's address is meant."""

    country = serializers.RegexField(
        COUNTRY,
        required=False,
        allow_blank=True,
        error_messages={"invalid": "Send a two-letter ISO 3166 code such as DE."},
    )
    state = CleanCharField(max_length=100, required=False, default="", allow_blank=True)
    postal_code = CleanCharField(max_length=20, required=False, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The state as an address keeps it. Raises ValidationError."""
        return {**attrs, "state": known_state(attrs.get("country", ""), attrs["state"])}
