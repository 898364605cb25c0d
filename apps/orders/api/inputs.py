"""What the API takes for an order."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.accounts.facade import normalized_email
from apps.common.api.fields import (
    AddressSerializer,
    AmountField,
    CleanCharField,
    CurrencyField,
    QuantityField,
)
from apps.common.errors import ValidationFailed
from apps.common.money import MoneyError, parse_amount
from apps.orders.parties import check_parties
from apps.orders.ports import PaymentWish
from apps.orders.states import OrderStatus
from apps.orders.types import LineRequest

TOTAL_HELP = "The total that the buyer saw; any other is refused with `total_changed`."
CURRENCY_HELP = "The currency that total was in; any other is refused with `total_changed`."


@extend_schema_field(OpenApiTypes.NUMBER)
class PriceField(serializers.Field[Any, Any, Any, Any]):
    """A decimal amount as the first documents send it: a JSON number or its text."""

    default_error_messages = {"invalid": "Send a plain decimal such as 12.50."}

    def to_internal_value(self, data: Any) -> str:
        """The decimal as text; read when the currency is known. Raises ValidationError."""
        if isinstance(data, bool) or not isinstance(data, (int, float, str)):
            self.fail("invalid")
        return str(data)[:60]

    def to_representation(self, value: Any) -> Any:
        """As it is."""
        return value


class OrderItemInputSerializer(serializers.Serializer[Any]):
    """A line to buy: `sku`, or `variant_id` where several vendors have the SKU.

    `expected_price_cents`, or `price` as a decimal, is what the buyer saw. It decides nothing:
    when the catalog says otherwise, the order is refused with `price_changed`.
    """

    sku = CleanCharField(max_length=64, required=False)
    variant_id = serializers.UUIDField(required=False)
    quantity = QuantityField()
    expected_price_cents = AmountField(required=False, allow_null=True)
    price = PriceField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A line names its variant. Raises ValidationError."""
        if not attrs.get("sku") and not attrs.get("variant_id"):
            raise serializers.ValidationError(
                {"sku": "Send the SKU or the variant_id."}, code="required"
            )
        return attrs


def is_buyer(user: Any) -> bool:
    """Whether the caller is a person with an account; an API key orders for guests."""
    return bool(user.is_authenticated) and user.kind == "user"


class OrderInputSerializer(serializers.Serializer[Any]):
    """What a buyer sends. Amounts and states of an order are never taken from here."""

    email = serializers.EmailField(max_length=255, required=False)
    items = OrderItemInputSerializer(many=True, allow_empty=False)
    currency = CurrencyField()
    shipping_address = AddressSerializer(required=False, allow_null=True)
    shipping_address_id = serializers.UUIDField(required=False, allow_null=True)
    shipping_method = CleanCharField(max_length=50, required=False, allow_blank=True, default="")
    notes = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    organization_id = CleanCharField(max_length=64, required=False, allow_blank=True, default="")
    purchase_order_number = CleanCharField(
        max_length=64, required=False, allow_blank=True, default=""
    )
    billing_address = AddressSerializer(required=False, allow_null=True)
    vat_id = CleanCharField(max_length=20, required=False, allow_blank=True, default="")
    coupon_codes = serializers.ListField(
        child=CleanCharField(max_length=40), required=False, default=list, max_length=10
    )
    market = CleanCharField(max_length=50, required=False, allow_blank=True, default="")
    expected_total_cents = AmountField(required=False, allow_null=True, help_text=TOTAL_HELP)
    expected_currency = CurrencyField(required=False, allow_null=True, help_text=CURRENCY_HELP)

    def validate_email(self, email: str) -> str:
        """The spelling that accounts keep: one person is one address, and no look-alike of it
        (T15). Raises ValidationError.
        """
        return normal_email(email)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What is bought, and where it is sent. Raises ValidationError."""
        if attrs.get("shipping_address") and attrs.get("shipping_address_id"):
            raise serializers.ValidationError(
                {"shipping_address_id": "Send the address or its id, not both."}, code="conflict"
            )
        attrs["lines"] = _line_requests(attrs["items"], attrs["currency"])
        check_parties(attrs)
        return attrs


def normal_email(email: str) -> str:
    """The spelling that accounts keep. Raises ValidationError."""
    try:
        return normalized_email(email)
    except ValidationFailed as error:
        raise serializers.ValidationError(error.detail, code=error.errors[0].code) from error


def _line_requests(items: list[dict[str, Any]], currency: str) -> list[LineRequest]:
    errors: list[dict[str, Any]] = [{} for _ in items]
    requests = []
    for index, item in enumerate(items):
        expected = item.get("expected_price_cents")
        if expected is None and item.get("price") is not None:
            try:
                expected = parse_amount(item["price"], currency)
            except MoneyError as error:
                errors[index]["price"] = [serializers.ErrorDetail(error.detail, error.code)]
        requests.append(
            LineRequest(
                sku=item.get("sku", ""),
                variant_id=item.get("variant_id"),
                quantity=item["quantity"],
                expected_price_cents=expected,
            )
        )
    if any(errors):
        raise serializers.ValidationError({"items": errors})
    return requests


class PaymentWishSerializer(serializers.Serializer[Any]):
    """How the buyer pays; the amount is the order's total."""

    payment_method = CleanCharField(
        max_length=120, help_text="The gateway's token, for example pm_card_visa."
    )
    capture = serializers.ChoiceField(
        [("automatic", "Automatic"), ("manual", "Manual")], default="automatic"
    )


def payment_wish(data: dict[str, Any]) -> PaymentWish | None:
    """How the accepted body wants to pay, None where it pays later."""
    wish = data.get("payment")
    return PaymentWish(**wish) if wish else None


class CheckoutInputSerializer(OrderInputSerializer):
    """An order and how it is paid, in one call."""

    payment = PaymentWishSerializer(required=False, allow_null=True)


class CartCheckoutInputSerializer(serializers.Serializer[Any]):
    """What the checkout says beside its cart; what is not sent stays as the cart has it."""

    email = serializers.EmailField(max_length=255, required=False)
    shipping_address = AddressSerializer(required=False, allow_null=True)
    shipping_address_id = serializers.UUIDField(required=False, allow_null=True)
    billing_address = AddressSerializer(required=False, allow_null=True)
    shipping_method = CleanCharField(max_length=50, required=False, allow_blank=True)
    notes = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    purchase_order_number = CleanCharField(max_length=64, required=False, allow_blank=True)
    vat_id = CleanCharField(max_length=20, required=False, allow_blank=True)
    expected_total_cents = AmountField(required=False, allow_null=True, help_text=TOTAL_HELP)
    expected_currency = CurrencyField(required=False, allow_null=True, help_text=CURRENCY_HELP)
    payment = PaymentWishSerializer(required=False, allow_null=True)

    def validate_email(self, email: str) -> str:
        """The spelling that accounts keep. Raises ValidationError."""
        return normal_email(email)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Where it is sent. Raises ValidationError."""
        if attrs.get("shipping_address") and attrs.get("shipping_address_id"):
            raise serializers.ValidationError(
                {"shipping_address_id": "Send the address or its id, not both."}, code="conflict"
            )
        check_parties(attrs)
        return attrs


class LookupSerializer(serializers.Serializer[Any]):
    """What a guest knows of their order."""

    email = serializers.EmailField(max_length=255)
    number = CleanCharField(max_length=32)


class CancelSerializer(serializers.Serializer[Any]):
    """Why an order is off; `customer` or `staff` unless said."""

    reason = CleanCharField(max_length=200, required=False, allow_blank=True, default="")


class StatusInputSerializer(CancelSerializer):
    """The status to take an order to."""

    status = serializers.ChoiceField(choices=OrderStatus.choices)
