"""Paths of the operators' host, below /api/v1/."""

from django.urls import path

from apps.tenancy.api.export_views import StoreExportFileView, StoreExportView
from apps.tenancy.api.views import (
    DomainDetailView,
    DomainListView,
    StoreDetailView,
    StoreListView,
    UndeleteStoreView,
)

urlpatterns = [
    path("stores", StoreListView.as_view(), name="store-list"),
    path("stores/<str:slug>", StoreDetailView.as_view(), name="store-detail"),
    path("stores/<str:slug>/undelete", UndeleteStoreView.as_view()),
    path("stores/<str:slug>/export", StoreExportView.as_view()),
    path("stores/<str:slug>/export/file", StoreExportFileView.as_view()),
    path("stores/<str:slug>/domains", DomainListView.as_view()),
    path("stores/<str:slug>/domains/<str:domain>", DomainDetailView.as_view()),
]
