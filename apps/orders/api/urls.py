"""Paths of this app, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from apps.orders.api import changes, views

urlpatterns = [
    path("orders", views.OrdersView.as_view(), name="orders"),
    path("orders/<uuid:order_id>", views.OrderView.as_view(), name="order"),
    path("orders/<uuid:order_id>/cancel", changes.CancelOrderView.as_view(), name="order-cancel"),
    path("orders/<uuid:order_id>/status", changes.OrderStatusView.as_view(), name="order-status"),
    path("orders/<uuid:order_id>/history", views.OrderHistoryView.as_view(), name="order-history"),
    path("users/<str:user_id>/orders", views.UserOrdersView.as_view(), name="user-orders"),
    path("vendor-orders", views.VendorOrdersView.as_view(), name="vendor-orders"),
]
