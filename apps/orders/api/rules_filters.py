"""What lists of rules can be narrowed by."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Exists, OuterRef, QuerySet

from apps.orders.models import (
    Coupon,
    Market,
    Promotion,
    PromotionKind,
    PromotionUse,
    ShippingMethod,
    ShippingZone,
    TaxRate,
)


class PromotionFilter(filters.FilterSet):
    """`?kind=percent&is_active=true&requires_coupon=true`."""

    kind = filters.MultipleChoiceFilter(choices=PromotionKind.choices)
    is_active = filters.BooleanFilter()
    requires_coupon = filters.BooleanFilter()

    class Meta:
        model = Promotion
        fields: list[str] = []


class CouponFilter(filters.FilterSet):
    """`?batch=…&used=true&is_active=true`."""

    batch = filters.CharFilter(max_length=50)
    used = filters.BooleanFilter(method="filter_used")
    is_active = filters.BooleanFilter()

    class Meta:
        model = Coupon
        fields: list[str] = []

    def filter_used(self, rows: QuerySet[Coupon], name: str, value: bool) -> QuerySet[Coupon]:
        """Those that an order uses, or those that none does."""
        uses = Exists(PromotionUse.objects.filter(coupon=OuterRef("pk"), released_at=None))
        return rows.filter(uses if value else ~uses)


class TaxRateFilter(filters.FilterSet):
    """`?country=US&state=CA&category=books&is_active=true`."""

    country = filters.CharFilter(max_length=2)
    state = filters.CharFilter(lookup_expr="iexact", max_length=100)
    category = filters.CharFilter(max_length=50)
    is_active = filters.BooleanFilter()

    class Meta:
        model = TaxRate
        fields: list[str] = []


class ZoneFilter(filters.FilterSet):
    """`?country=DE`."""

    country = filters.CharFilter(method="filter_country", max_length=2)

    class Meta:
        model = ShippingZone
        fields: list[str] = []

    def filter_country(
        self, rows: QuerySet[ShippingZone], name: str, value: str
    ) -> QuerySet[ShippingZone]:
        """Those that name the country."""
        return rows.filter(countries__contains=[value])


class MethodFilter(filters.FilterSet):
    """`?vendor_id=…&is_active=true`."""

    vendor_id = filters.UUIDFilter()
    is_active = filters.BooleanFilter()

    class Meta:
        model = ShippingMethod
        fields: list[str] = []


class MarketFilter(filters.FilterSet):
    """`?is_active=true`."""

    is_active = filters.BooleanFilter()

    class Meta:
        model = Market
        fields: list[str] = []
