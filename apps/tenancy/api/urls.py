"""Paths of the operators' host, below /api/v1/."""

from django.urls import path

from apps.tenancy.api.views import StoreDetailView, StoreListView

urlpatterns = [
    path("stores", StoreListView.as_view(), name="store-list"),
    path("stores/<str:slug>", StoreDetailView.as_view(), name="store-detail"),
]
