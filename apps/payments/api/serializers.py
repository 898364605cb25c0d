"""Shapes of the payment API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.common.api.fields import AmountField, CleanCharField
from apps.payments.models import CaptureMethod, Payment, Refund, RefundStatus
from apps.payments.states import PaymentState


class PaymentRequestSerializer(serializers.Serializer[Any]):
    """What to pay and how; the amount is the order's total."""

    order_id = serializers.UUIDField()
    payment_method = CleanCharField(
        max_length=120, help_text="The gateway's token, for example pm_card_visa."
    )
    capture = serializers.ChoiceField(CaptureMethod.choices, default=CaptureMethod.AUTOMATIC)
    email = serializers.EmailField(
        max_length=255, required=False, help_text="A guest's proof: the order's e-mail address."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A guest must name the order's e-mail address. Raises ValidationError."""
        if "email" not in attrs and not self.context["request"].user.is_authenticated:
            raise serializers.ValidationError(
                {"email": "Sign in, or send the order's e-mail address."}, code="required"
            )
        return attrs


class CaptureRequestSerializer(serializers.Serializer[Any]):
    """How much to take; without an amount, all that is authorised."""

    amount_cents = AmountField(min_value=1, required=False)


class RefundRequestSerializer(serializers.Serializer[Any]):
    """How much to give back; without an amount, all that is left."""

    amount_cents = AmountField(min_value=1, required=False)
    reason = CleanCharField(max_length=500, required=False, allow_blank=True, default="")


class RefundSerializer(serializers.ModelSerializer[Refund]):
    """A refund."""

    status = serializers.ChoiceField(RefundStatus.choices, read_only=True)
    currency = serializers.CharField(source="payment.currency", read_only=True)

    class Meta:
        model = Refund
        fields = [
            "id",
            "payment_id",
            "amount_cents",
            "currency",
            "status",
            "reason",
            "failure_message",
            "created_at",
            "processed_at",
        ]
        read_only_fields = fields


class PaymentStandingSerializer(serializers.ModelSerializer[Payment]):
    """Where a payment stands; `client_secret` only for the payer, while they must act."""

    status = serializers.ChoiceField(PaymentState.choices, read_only=True)
    client_secret = serializers.SerializerMethodField()

    class Meta:
        model = Payment
        fields = [
            "id",
            "status",
            "amount_cents",
            "currency",
            "gateway",
            "failure_code",
            "failure_message",
            "client_secret",
        ]
        read_only_fields = fields

    def get_client_secret(self, payment: Payment) -> str | None:
        """What the gateway's own form needs to go on."""
        if not self.context.get("is_payer") or payment.status != PaymentState.REQUIRES_ACTION:
            return None
        return payment.client_secret or None


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    """A payment; amounts are in the subunit of `currency`."""

    order_number = serializers.CharField(source="order.number", read_only=True)
    status = serializers.ChoiceField(PaymentState.choices, read_only=True)
    capture = serializers.ChoiceField(
        CaptureMethod.choices, source="capture_method", read_only=True
    )

    class Meta:
        model = Payment
        fields = [
            "id",
            "order_id",
            "order_number",
            "status",
            "amount_cents",
            "authorized_cents",
            "captured_cents",
            "refunded_cents",
            "currency",
            "gateway",
            "capture",
            "failure_code",
            "failure_message",
            "created_at",
            "authorized_at",
            "captured_at",
        ]
        read_only_fields = fields


class PaymentDetailSerializer(PaymentStandingSerializer, PaymentSerializer):
    """A payment with its refunds; `client_secret` only for the payer, while they must act."""

    refunds = RefundSerializer(many=True, read_only=True)

    class Meta(PaymentSerializer.Meta):
        fields = [*PaymentSerializer.Meta.fields, "client_secret", "refunds"]
        read_only_fields = fields


class ReceivedSerializer(serializers.Serializer[Any]):
    """The message is kept."""

    received = serializers.BooleanField()
