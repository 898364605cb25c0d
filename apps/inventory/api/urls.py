"""Paths of this app, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from apps.inventory.api import backorders, documents, views

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
    path("transfers", documents.TransferListView.as_view()),
    path("transfers/<uuid:transfer_id>", documents.TransferView.as_view()),
    path("transfers/<uuid:transfer_id>/dispatch", documents.TransferDispatchView.as_view()),
    path("transfers/<uuid:transfer_id>/receive", documents.TransferReceiveView.as_view()),
    path("transfers/<uuid:transfer_id>/cancel", documents.TransferCancelView.as_view()),
    path("purchase-orders", documents.PurchaseOrderListView.as_view()),
    path(_ORDER, documents.PurchaseOrderView.as_view()),
    path(
        "purchase-orders/<uuid:purchase_order_id>/order", documents.PurchaseOrderOrderView.as_view()
    ),
    path(
        "purchase-orders/<uuid:purchase_order_id>/receive",
        documents.PurchaseOrderReceiveView.as_view(),
    ),
    path(
        "purchase-orders/<uuid:purchase_order_id>/cancel",
        documents.PurchaseOrderCancelView.as_view(),
    ),
    path("warehouses", views.WarehouseListView.as_view()),
    path("warehouses/<str:code>", views.WarehouseView.as_view()),
]
