"""Filters of the stock list."""

from __future__ import annotations

from django.db.models import F, QuerySet
from django_filters import rest_framework as filters

from apps.inventory.models import StockLevel


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
