"""What lists of orders can be narrowed by."""

from __future__ import annotations

import django_filters as filters

from apps.orders.models import Order, VendorOrder
from apps.orders.states import FulfillmentStatus, OrderStatus, PaymentStatus


class OrderFilter(filters.FilterSet):
    """`?status=paid&payment_status=paid&email=a@b.c&number=ORD-…&created_after=…`."""

    status = filters.MultipleChoiceFilter(choices=OrderStatus.choices)
    payment_status = filters.MultipleChoiceFilter(choices=PaymentStatus.choices)
    email = filters.CharFilter(lookup_expr="iexact", max_length=255)
    number = filters.CharFilter(lookup_expr="iexact", max_length=32)
    created_after = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Order
        fields: list[str] = []


class VendorOrderFilter(filters.FilterSet):
    """`?status=paid&fulfillment_status=unfulfilled&vendor_id=…&order_id=…`."""

    status = filters.MultipleChoiceFilter(field_name="order__status", choices=OrderStatus.choices)
    fulfillment_status = filters.MultipleChoiceFilter(choices=FulfillmentStatus.choices)
    vendor_id = filters.UUIDFilter()
    order_id = filters.UUIDFilter()

    class Meta:
        model = VendorOrder
        fields: list[str] = []
