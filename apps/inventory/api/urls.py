"""Paths of this app, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from apps.inventory.api import backorders, purchase_orders, transfers, views

_ORDER = "purchase-orders/<uuid:purchase_order_id>"
urlpatterns = [
    path("inventory", views.InventoryView.as_view()),
    path("inventory/bulk", views.BulkStockView.as_view()),
    path("inventory/adjustments", views.AdjustmentView.as_view()),
    path("inventory/counts", backorders.CountView.as_view()),
    path("inventory/backorders", backorders.BackorderListView.as_view()),
    # `path:` because a SKU may contain anything printable, slashes too.
    path("inventory/<path:sku>/movements", views.MovementListView.as_view()),
    path("inventory/backorders/<path:sku>", backorders.BackorderView.as_view()),
    path("transfers", transfers.TransferListView.as_view()),
    path("transfers/<uuid:transfer_id>", transfers.TransferView.as_view()),
    path("transfers/<uuid:transfer_id>/dispatch", transfers.TransferDispatchView.as_view()),
    path("transfers/<uuid:transfer_id>/receive", transfers.TransferReceiveView.as_view()),
    path("transfers/<uuid:transfer_id>/cancel", transfers.TransferCancelView.as_view()),
    path("purchase-orders", purchase_orders.PurchaseOrderListView.as_view()),
    path(_ORDER, purchase_orders.PurchaseOrderView.as_view()),
    path(
        "purchase-orders/<uuid:purchase_order_id>/order",
        purchase_orders.PurchaseOrderOrderView.as_view(),
    ),
    path(
        "purchase-orders/<uuid:purchase_order_id>/receive",
        purchase_orders.PurchaseOrderReceiveView.as_view(),
    ),
    path(
        "purchase-orders/<uuid:purchase_order_id>/cancel",
        purchase_orders.PurchaseOrderCancelView.as_view(),
    ),
    path("warehouses", views.WarehouseListView.as_view()),
    path("warehouses/<str:code>", views.WarehouseView.as_view()),
]
