"""Paths of this app, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from apps.inventory.api import views

urlpatterns = [
    path("inventory", views.InventoryView.as_view()),
    path("inventory/bulk", views.BulkStockView.as_view()),
    path("inventory/adjustments", views.AdjustmentView.as_view()),
    # `path:` because a SKU may contain anything printable, slashes too.
    path("inventory/<path:sku>/movements", views.MovementListView.as_view()),
    path("warehouses", views.WarehouseListView.as_view()),
    path("warehouses/<str:code>", views.WarehouseView.as_view()),
]
