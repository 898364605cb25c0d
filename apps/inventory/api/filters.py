"""Filters of the lists of stock."""

from __future__ import annotations

from django.db.models import F, QuerySet
from django_filters import rest_framework as filters

from apps.inventory.models import (
    BackorderMode,
    BackorderPolicy,
    MovementKind,
    PurchaseOrder,
    PurchaseOrderStatus,
    StockLevel,
    StockMovement,
    Transfer,
    TransferStatus,
)


class LevelFilter(filters.FilterSet):
    """By SKU, product, warehouse, and what runs low."""

    sku = filters.CharFilter(field_name="variant__sku")
    product = filters.UUIDFilter(field_name="variant__product_id")
    warehouse = filters.CharFilter(field_name="warehouse__code")
    low_stock = filters.BooleanFilter(method="filter_low_stock")

    class Meta:
        model = StockLevel
        fields: list[str] = []

    def filter_low_stock(
        self, levels: QuerySet[StockLevel], name: str, value: bool
    ) -> QuerySet[StockLevel]:
        """Levels with at most their reorder threshold available, or the others."""
        low = {"on_hand__lte": F("reserved") + F("reorder_threshold")}
        return levels.filter(**low) if value else levels.exclude(**low)


class MovementFilter(filters.FilterSet):
    """By warehouse, kind and day (UTC, both ends included)."""

    warehouse = filters.CharFilter(field_name="warehouse__code")
    kind = filters.ChoiceFilter(choices=MovementKind.choices)
    since = filters.DateFilter(field_name="created_at", lookup_expr="date__gte")
    until = filters.DateFilter(field_name="created_at", lookup_expr="date__lte")

    class Meta:
        model = StockMovement
        fields: list[str] = []


class BackorderFilter(filters.FilterSet):
    """By SKU and mode."""

    sku = filters.CharFilter(field_name="variant__sku")
    mode = filters.ChoiceFilter(choices=BackorderMode.choices)

    class Meta:
        model = BackorderPolicy
        fields: list[str] = []


class TransferFilter(filters.FilterSet):
    """By status, number, warehouses and SKU."""

    status = filters.ChoiceFilter(choices=TransferStatus.choices)
    number = filters.CharFilter()
    source = filters.CharFilter(field_name="source__code")
    destination = filters.CharFilter(field_name="destination__code")
    sku = filters.CharFilter(field_name="lines__variant__sku", distinct=True)

    class Meta:
        model = Transfer
        fields: list[str] = []


class PurchaseOrderFilter(filters.FilterSet):
    """By status, number, supplier, warehouse, SKU and the day on which it is expected."""

    status = filters.ChoiceFilter(choices=PurchaseOrderStatus.choices)
    number = filters.CharFilter()
    supplier = filters.CharFilter()
    reference = filters.CharFilter()
    warehouse = filters.CharFilter(field_name="warehouse__code")
    sku = filters.CharFilter(field_name="lines__variant__sku", distinct=True)
    expected_until = filters.DateFilter(field_name="expected_on", lookup_expr="lte")

    class Meta:
        model = PurchaseOrder
        fields: list[str] = []
