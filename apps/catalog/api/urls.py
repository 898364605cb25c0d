"""Paths of this app, below /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.catalog.api import views

urlpatterns: list[URLPattern] = [
    path("products", views.ProductsView.as_view()),
    path("products/<str:key>", views.ProductView.as_view()),
    path("products/<str:key>/inventory", views.ProductInventoryView.as_view()),
    path("categories", views.CategoriesView.as_view()),
    path("categories/<str:slug>", views.CategoryView.as_view()),
    path("vendors", views.VendorsView.as_view()),
]
