"""What the API takes and shows of drafts and quotes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from apps.common.api.fields import (
    AddressSerializer,
    AmountField,
    CleanCharField,
    CurrencyField,
    LinesField,
    QuantityField,
)
from apps.common.api.schema import ProblemFieldSerializer
from apps.common.errors import FieldError
from apps.orders.api.inputs import CURRENCY_HELP, TOTAL_HELP, normal_email
from apps.orders.models import DraftOrder, DraftStatus
from apps.orders.parties import check_parties
from apps.orders.quoting import Quote
from apps.orders.types import LineRequest


class DraftItemInputSerializer(serializers.Serializer[Any]):
    """A line; `unit_price_cents` is a price by hand, without it the catalog's."""

    sku = CleanCharField(max_length=64, required=False)
    variant_id = serializers.UUIDField(required=False)
    quantity = QuantityField()
    unit_price_cents = AmountField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A line names its variant. Raises ValidationError."""
        if not attrs.get("sku") and not attrs.get("variant_id"):
            raise serializers.ValidationError(
                {"sku": "Send the SKU or the variant_id."}, code="required"
            )
        return attrs


class DraftChangeSerializer(serializers.Serializer[Any]):
    """What of a draft is to change; `items` replaces all lines."""

    items = DraftItemInputSerializer(many=True, required=False)
    customer_id = serializers.UUIDField(required=False, allow_null=True)
    email = serializers.EmailField(max_length=255, required=False, allow_blank=True)
    market = CleanCharField(max_length=50, required=False, allow_blank=True)
    coupon_codes = serializers.ListField(
        child=CleanCharField(max_length=40), required=False, max_length=10
    )
    shipping_address = AddressSerializer(required=False, allow_null=True)
    billing_address = AddressSerializer(required=False, allow_null=True)
    shipping_method = CleanCharField(max_length=50, required=False, allow_blank=True)
    vat_id = CleanCharField(max_length=20, required=False, allow_blank=True)
    discount_cents = AmountField(required=False)
    notes = LinesField(max_length=2000, required=False, allow_blank=True)
    message = LinesField(max_length=2000, required=False, allow_blank=True)
    organization_id = CleanCharField(max_length=64, required=False, allow_blank=True)
    purchase_order_number = CleanCharField(max_length=64, required=False, allow_blank=True)

    def validate_email(self, email: str) -> str:
        """The spelling that accounts keep. Raises ValidationError."""
        return normal_email(email) if email else email

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What an order would take. Raises ValidationFailed."""
        check_parties(attrs)
        return attrs


class DraftInputSerializer(DraftChangeSerializer):
    """A new draft."""

    items = DraftItemInputSerializer(many=True)
    currency = CurrencyField()


def requests_of(items: list[dict[str, Any]] | None) -> list[LineRequest] | None:
    """The lines as the services take them."""
    if items is None:
        return None
    return [
        LineRequest(
            sku=row.get("sku", ""),
            variant_id=row.get("variant_id"),
            quantity=row["quantity"],
            unit_price_cents=row.get("unit_price_cents"),
        )
        for row in items
    ]


class SendInputSerializer(serializers.Serializer[Any]):
    """Until when the quote holds (two weeks unless said), and what is written above it."""

    valid_until = serializers.DateTimeField(required=False)
    message = LinesField(max_length=2000, required=False, allow_blank=True)


class AcceptInputSerializer(serializers.Serializer[Any]):
    """Where it goes, for a quote without an address; and the total that the buyer saw."""

    shipping_address = AddressSerializer(required=False)
    expected_total_cents = AmountField(required=False, help_text=TOTAL_HELP)
    expected_currency = CurrencyField(required=False, help_text=CURRENCY_HELP)


class DraftSummarySerializer(serializers.ModelSerializer[DraftOrder]):
    """A draft in a list."""

    currency = serializers.CharField(source="cart.currency", read_only=True)
    email = serializers.CharField(source="cart.email", read_only=True)
    customer_id = serializers.UUIDField(source="cart.customer_id", read_only=True, allow_null=True)
    order_id = serializers.UUIDField(source="cart.order_id", read_only=True, allow_null=True)
    line_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = DraftOrder
        fields = [
            "id",
            "number",
            "status",
            "currency",
            "email",
            "customer_id",
            "order_id",
            "line_count",
            "discount_cents",
            "sent_at",
            "valid_until",
            "created_at",
        ]
        read_only_fields = fields


class PricedItemSerializer(serializers.Serializer[Any]):
    """A line with its price now. `problem` is empty for one that can be bought."""

    variant_id = serializers.UUIDField(allow_null=True)
    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price_cents = serializers.IntegerField()
    by_hand = serializers.BooleanField()
    problem = serializers.CharField(allow_blank=True)


class PricedSerializer(serializers.Serializer[Any]):
    """What a draft comes to now."""

    currency = serializers.CharField()
    items = PricedItemSerializer(many=True)
    subtotal_cents = serializers.IntegerField()
    discount_cents = serializers.IntegerField()
    tax_cents = serializers.IntegerField()
    shipping_cents = serializers.IntegerField()
    total_cents = serializers.IntegerField()
    shipping_address = AddressSerializer(allow_null=True)
    shipping_method = serializers.CharField(allow_blank=True)
    needs_address = serializers.BooleanField()
    problems = ProblemFieldSerializer(
        many=True,
        help_text="What the store's rules do not take any more, and is left out of the price.",
    )


class DraftSerializer(PricedSerializer):
    """A draft, as staff see it."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=DraftStatus.choices)
    customer_id = serializers.UUIDField(allow_null=True)
    email = serializers.CharField(allow_blank=True)
    market = serializers.CharField(allow_blank=True)
    coupon_codes = serializers.ListField(child=serializers.CharField())
    by_hand_cents = serializers.IntegerField(help_text="What staff take off.")
    billing_address = AddressSerializer(allow_null=True)
    vat_id = serializers.CharField(allow_blank=True)
    notes = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)
    organization_id = serializers.CharField(allow_blank=True)
    purchase_order_number = serializers.CharField(allow_blank=True)
    order_id = serializers.UUIDField(allow_null=True)
    sent_at = serializers.DateTimeField(allow_null=True)
    valid_until = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class SentDraftSerializer(DraftSerializer):
    """A draft that has just been sent, with its link's token: told this once."""

    token = serializers.CharField()


class QuoteSerializer(PricedSerializer):
    """A quote, as the holder of its link sees it."""

    number = serializers.CharField()
    status = serializers.ChoiceField(choices=DraftStatus.choices)
    message = serializers.CharField(allow_blank=True)
    valid_until = serializers.DateTimeField(allow_null=True)
    order_id = serializers.UUIDField(allow_null=True)


def priced_data(
    draft: DraftOrder, priced: Quote, problems: Sequence[FieldError] = ()
) -> dict[str, Any]:
    """What both sides see."""
    pricing = priced.pricing
    return {
        "number": draft.number,
        "status": draft.status,
        "message": draft.message,
        "valid_until": draft.valid_until,
        "order_id": draft.cart.order_id,
        "currency": priced.currency,
        "items": [
            {
                "variant_id": line.request.variant_id,
                "sku": line.variant.sku if line.variant else "",
                "name": line.variant.product_name if line.variant else "",
                "quantity": line.quantity,
                "unit_price_cents": line.unit_price_cents,
                "by_hand": line.request.unit_price_cents is not None,
                "problem": line.refusal,
            }
            for line in priced.lines
        ],
        "subtotal_cents": pricing.subtotal_cents,
        "discount_cents": pricing.discount_cents,
        "tax_cents": pricing.tax_cents,
        "shipping_cents": pricing.shipping_cents,
        "total_cents": pricing.total_cents,
        "shipping_address": draft.cart.shipping_address,
        "shipping_method": pricing.option.code if pricing.option else draft.cart.shipping_method,
        "needs_address": priced.needs_shipping and not draft.cart.shipping_address,
        "problems": problems,
    }


def draft_data(
    draft: DraftOrder, priced: Quote, problems: Sequence[FieldError] = ()
) -> dict[str, Any]:
    """What staff see."""
    cart = draft.cart
    return {
        **priced_data(draft, priced, problems),
        "id": draft.pk,
        "customer_id": cart.customer_id,
        "email": cart.email,
        "market": cart.market,
        "coupon_codes": cart.coupon_codes,
        "by_hand_cents": draft.discount_cents,
        "billing_address": cart.billing_address,
        "vat_id": cart.vat_id,
        "notes": cart.notes,
        "organization_id": cart.organization_id,
        "purchase_order_number": cart.purchase_order_number,
        "sent_at": draft.sent_at,
        "created_at": draft.created_at,
    }
