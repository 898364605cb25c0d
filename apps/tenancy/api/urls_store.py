"""Paths of a store's host, below /api/v1/."""

from django.urls import path

from apps.tenancy.api.own_views import OwnStoreView

urlpatterns = [path("store", OwnStoreView.as_view())]
