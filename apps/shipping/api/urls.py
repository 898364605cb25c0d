"""Paths of this app, below /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.shipping.api import returns, views

urlpatterns: list[URLPattern] = [
    path("shipments", views.ShipmentListView.as_view(), name="shipments"),
    path("shipments/<uuid:shipment_id>", views.ShipmentView.as_view(), name="shipment"),
    path("shipments/<uuid:shipment_id>/label.pdf", views.LabelView.as_view(), name="label"),
    path("shipments/<uuid:shipment_id>/ship", views.ShipView.as_view()),
    path("shipments/<uuid:shipment_id>/deliver", views.DeliverView.as_view()),
    path("shipments/<uuid:shipment_id>/cancel", views.CancelView.as_view()),
    path(
        "returns/<uuid:return_id>/label",
        returns.ReturnLabelView.as_view(),
        name="return-label",
    ),
    path(
        "returns/<uuid:return_id>/label.pdf",
        returns.ReturnLabelFileView.as_view(),
        name="return-label-file",
    ),
    path("tracking/<str:tracking_number>", views.TrackingView.as_view(), name="tracking"),
]
