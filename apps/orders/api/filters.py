"""What lists of orders can be narrowed by."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.common.money import MAX_AMOUNT_CENTS
from apps.orders.models import HoldKind, Order, OrderLine, VendorOrder
from apps.orders.selectors import is_staff, vendor_of
from apps.orders.states import SETTLED, FulfillmentStatus, OrderStatus, PaymentStatus

_MOST_CENTS = MAX_AMOUNT_CENTS
_STAFF_LOOKUPS = {
    "tag": "tags__contains",
    "hold_kind": "hold_kind__in",
    "organization_id": "organization_id",
    "total_min": "total_cents__gte",
    "total_max": "total_cents__lte",
}


class OrderFilter(filters.FilterSet):
    """`?status=paid&payment_status=paid&email=a@b.c&number=ORD-…&created_after=…`.

    For the store's staff also `?tag=gift&hold_kind=fraud&vendor_id=…&organization_id=…` and
    `total_min`, `total_max` in the subunit; nobody else finds anything by those. A vendor finds by
    `sku` what is its own.
    """

    status = filters.MultipleChoiceFilter(choices=OrderStatus.choices)
    payment_status = filters.MultipleChoiceFilter(choices=PaymentStatus.choices)
    fulfillment_status = filters.MultipleChoiceFilter(choices=FulfillmentStatus.choices)
    email = filters.CharFilter(lookup_expr="iexact", max_length=255)
    number = filters.CharFilter(lookup_expr="iexact", max_length=32)
    created_after = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    held = filters.BooleanFilter(field_name="held_at", lookup_expr="isnull", exclude=True)
    sku = filters.CharFilter(method="with_sku", max_length=64)
    tag = filters.CharFilter(method="for_staff", max_length=50)
    hold_kind = filters.MultipleChoiceFilter(method="for_staff", choices=HoldKind.choices)
    vendor_id = filters.UUIDFilter(method="for_staff")
    organization_id = filters.CharFilter(method="for_staff", max_length=64)
    total_min = filters.NumberFilter(method="for_staff", min_value=0, max_value=_MOST_CENTS)
    total_max = filters.NumberFilter(method="for_staff", min_value=0, max_value=_MOST_CENTS)
    currency = filters.CharFilter(max_length=3)
    payment_overdue = filters.BooleanFilter(method="with_overdue")

    class Meta:
        model = Order
        fields: list[str] = []

    def with_overdue(self, orders: QuerySet[Order], name: str, value: bool) -> QuerySet[Order]:
        """Those on account whose day of payment has passed, or all the others (PEER-25)."""
        late = Q(payment_due_at__lt=timezone.now()) & ~Q(status=OrderStatus.CANCELLED)
        late &= ~Q(payment_status__in=SETTLED)
        return orders.filter(late) if value else orders.exclude(late)

    def with_sku(self, orders: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        """Those with a line of the SKU, of a vendor's own for a vendor."""
        lines = OrderLine.objects.filter(order=OuterRef("pk"), sku=value)
        user: Any = self.request.user
        if not is_staff(user):
            vendor_id = vendor_of(user)
            mine = Q(order__customer_id=user.pk)
            lines = lines.filter(mine | Q(vendor_order__vendor_id=vendor_id) if vendor_id else mine)
        return orders.filter(Exists(lines))

    def for_staff(self, orders: QuerySet[Order], name: str, value: Any) -> QuerySet[Order]:
        """Narrowed for the store's staff; empty for everybody else, who must not learn by it."""
        if not is_staff(self.request.user):
            return orders.none()
        if name == "vendor_id":
            parts = VendorOrder.objects.filter(order=OuterRef("pk"), vendor_id=value)
            return orders.filter(Exists(parts))
        return orders.filter(**{_STAFF_LOOKUPS[name]: _wanted(name, value)})


def _wanted(name: str, value: Any) -> Any:
    return [value.strip().lower()] if name == "tag" else value


class VendorOrderFilter(filters.FilterSet):
    """`?status=paid&fulfillment_status=unfulfilled&vendor_id=…&order_id=…`."""

    status = filters.MultipleChoiceFilter(field_name="order__status", choices=OrderStatus.choices)
    fulfillment_status = filters.MultipleChoiceFilter(choices=FulfillmentStatus.choices)
    vendor_id = filters.UUIDFilter()
    order_id = filters.UUIDFilter()

    class Meta:
        model = VendorOrder
        fields: list[str] = []
