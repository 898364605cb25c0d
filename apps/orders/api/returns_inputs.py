"""What the API takes for a return."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.common.api.fields import AmountField, CleanCharField, QuantityField
from apps.orders.models import ReturnKind, ReturnReason
from apps.orders.return_types import ReceivedUnits, ReturnLineRequest

_MOST_LINES = 200


class ReturnLineInputSerializer(serializers.Serializer[Any]):
    """So many units of an order's line, and why; for an exchange what is wanted instead."""

    line_id = serializers.UUIDField()
    quantity = QuantityField()
    reason = serializers.ChoiceField(choices=ReturnReason.choices)
    comment = CleanCharField(max_length=500, required=False, allow_blank=True, default="")
    exchange_variant = serializers.UUIDField(required=False, allow_null=True, default=None)


class ReturnInputSerializer(serializers.Serializer[Any]):
    """What somebody wants to give back. `kind`: return (the default), exchange or claim."""

    kind = serializers.ChoiceField(choices=ReturnKind.choices, default=ReturnKind.RETURN)
    lines = serializers.ListField(
        child=ReturnLineInputSerializer(), allow_empty=False, max_length=_MOST_LINES
    )
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")

    def requests(self) -> list[ReturnLineRequest]:
        """The lines as the service takes them, once they are valid."""
        return [
            ReturnLineRequest(
                line_id=row["line_id"],
                quantity=row["quantity"],
                reason=row["reason"],
                comment=row["comment"],
                exchange_variant_id=row["exchange_variant"],
            )
            for row in self.validated_data["lines"]
        ]


class ReturnNoteSerializer(serializers.Serializer[Any]):
    """A note that stays within the store."""

    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class ReturnReasonSerializer(serializers.Serializer[Any]):
    """Why not; the buyer reads it."""

    reason = CleanCharField(max_length=200)


class ReturnCancelSerializer(serializers.Serializer[Any]):
    """Why it is called off, if anybody says; the buyer can read it in the order's history."""

    reason = CleanCharField(max_length=200, required=False, allow_blank=True, default="")


class ReceivedLineSerializer(serializers.Serializer[Any]):
    """Units that came. `restock`: they can be sold again."""

    line_id = serializers.UUIDField()
    quantity = QuantityField()
    restock = serializers.BooleanField(default=True)


class ReceiptSerializer(serializers.Serializer[Any]):
    """A parcel of a return. `warehouse`: the code of where it is now, else the default one."""

    lines = serializers.ListField(
        child=ReceivedLineSerializer(), allow_empty=False, max_length=2 * _MOST_LINES
    )
    warehouse = CleanCharField(max_length=50, required=False, allow_blank=True, default="")

    def units(self) -> list[ReceivedUnits]:
        """The lines as the service takes them, once they are valid."""
        return [ReceivedUnits(**row) for row in self.validated_data["lines"]]


class CompletionSerializer(serializers.Serializer[Any]):
    """What goes back, in the order's subunit. Without `refund_cents` all that the units are worth,
    and the shipping; `refund_shipping_cents` is part of it.
    """

    refund_cents = AmountField(required=False, allow_null=True, default=None)
    refund_shipping_cents = AmountField(required=False, default=0)
