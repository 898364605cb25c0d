"""Paths of this app, below /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.catalog.api import bulk, imports, views, views_places

urlpatterns: list[URLPattern] = [
    path("products", views.ProductsView.as_view()),
    path("products/<str:key>", views.ProductView.as_view()),
    path("products/<str:key>/inventory", views.ProductInventoryView.as_view()),
    path("bulk-edits", bulk.BulkEditsView.as_view()),
    path("bulk-edits/<uuid:edit_id>", bulk.BulkEditView.as_view()),
    path("bulk-edits/<uuid:edit_id>/undo", bulk.BulkEditUndoView.as_view()),
    path("imports", imports.ImportsView.as_view()),
    path("imports/<uuid:key>", imports.ImportView.as_view()),
    path("categories", views_places.CategoriesView.as_view()),
    path("categories/<str:slug>", views_places.CategoryView.as_view()),
    path("vendors", views_places.VendorsView.as_view()),
]
