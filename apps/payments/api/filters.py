"""Filters of the payment list."""

from __future__ import annotations

from django_filters import rest_framework as filters

from apps.payments.models import Payment
from apps.payments.states import PaymentState


class PaymentFilter(filters.FilterSet):
    """By order, status, gateway and time."""

    order_id = filters.UUIDFilter(field_name="order_id")
    status = filters.ChoiceFilter(choices=PaymentState.choices)
    gateway = filters.CharFilter(max_length=20)
    created_after = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Payment
        fields = ["order_id", "status", "gateway"]
