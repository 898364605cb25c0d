"""Paths of this app, below /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.catalog.api import (
    bulk,
    collections_views,
    exports,
    feeds,
    imports,
    masters_views,
    media_views,
    price_lists,
    store_views,
    types_views,
    upload_views,
    vendors_applications,
    vendors_views,
    views,
    views_places,
)
from apps.catalog.api.review_urls import urlpatterns as of_review
from apps.catalog.api.search_urls import urlpatterns as of_search

urlpatterns: list[URLPattern] = [
    # Django asks one after the other: what shoppers read most comes first.
    path("products", views.ProductsView.as_view()),
    path("products/<str:key>", views.ProductView.as_view()),
    path("products/<str:key>/inventory", views.ProductInventoryView.as_view()),
    path("products/<str:key>/media", media_views.ProductMediaView.as_view()),
    path("products/<str:key>/media/order", media_views.ProductMediaOrderView.as_view()),
    path("products/<str:key>/files", media_views.ProductFilesView.as_view()),
    path("products/<str:key>/files/<uuid:file_id>", media_views.ProductFileView.as_view()),
    path("media/<uuid:media_id>", media_views.MediaView.as_view()),
    path("uploads", upload_views.UploadsView.as_view()),
    path("uploads/content/<str:token>", upload_views.UploadContentView.as_view()),
    path("uploads/<uuid:upload_id>/complete", upload_views.UploadCompleteView.as_view()),
    path("products/<str:key>/price-history", price_lists.PriceHistoryView.as_view()),
    path("price-lists", price_lists.PriceListsView.as_view()),
    path("price-lists/<str:code>", price_lists.PriceListView.as_view()),
    path("price-lists/<str:code>/prices", price_lists.ListPricesView.as_view()),
    path("bulk-edits", bulk.BulkEditsView.as_view()),
    path("bulk-edits/<uuid:edit_id>", bulk.BulkEditView.as_view()),
    path("bulk-edits/<uuid:edit_id>/undo", bulk.BulkEditUndoView.as_view()),
    path("imports", imports.ImportsView.as_view()),
    path("imports/<uuid:key>", imports.ImportView.as_view()),
    path("imports/<uuid:key>/cancel", imports.ImportCancelView.as_view()),
    path("imports/<uuid:key>/failed.csv", imports.ImportFailedView.as_view()),
    path("exports/products.csv", exports.CsvExportView.as_view()),
    path("feeds/google.xml", feeds.GoogleFeedView.as_view()),
    path("feeds/sitemap.xml", feeds.SitemapIndexView.as_view()),
    path("feeds/sitemap-<int:part>.xml", feeds.SitemapPartView.as_view()),
    path("products/<str:key>/json-ld", feeds.JsonLdView.as_view()),
    path("exports/products.jsonl", exports.JsonLinesExportView.as_view()),
    path("attributes", types_views.AttributesView.as_view()),
    path("attributes/<uuid:attribute_id>", types_views.AttributeView.as_view()),
    path("product-types", types_views.ProductTypesView.as_view()),
    path("product-types/<str:type_code>", types_views.ProductTypeView.as_view()),
    path("collections", collections_views.CollectionsView.as_view()),
    path("collections/<str:collection>", collections_views.CollectionView.as_view()),
    path(
        "collections/<str:collection>/products", collections_views.CollectionProductsView.as_view()
    ),
    path("categories", views_places.CategoriesView.as_view()),
    path("categories/<str:slug>", views_places.CategoryView.as_view()),
    path("store/profile", store_views.StoreProfileView.as_view()),
    path("store/logo", store_views.StoreLogoView.as_view()),
    path("vendors", views_places.VendorsView.as_view()),
    path("vendors/me", vendors_views.OwnVendorView.as_view()),
    path("vendors/applications", vendors_applications.ApplicationsView.as_view()),
    path("vendors/applications/me", vendors_applications.OwnApplicationView.as_view()),
    path("vendors/applications/me/papers", vendors_applications.OwnPapersView.as_view()),
    path("vendors/<str:slug>", vendors_views.VendorView.as_view()),
    path("vendors/<str:slug>/record", vendors_views.VendorRecordView.as_view()),
    path("vendors/<str:slug>/approve", vendors_views.ApproveVendorView.as_view()),
    path("vendors/<str:slug>/reject", vendors_views.RejectVendorView.as_view()),
    path("vendors/<str:slug>/suspend", vendors_views.SuspendVendorView.as_view()),
    path("vendors/<str:slug>/reactivate", vendors_views.ReactivateVendorView.as_view()),
    path(
        "vendors/<str:slug>/papers/<uuid:paper_id>", vendors_applications.VendorPaperView.as_view()
    ),
    path(
        "vendors/<str:slug>/papers/<uuid:paper_id>/file",
        vendors_applications.VendorPaperFileView.as_view(),
    ),
    path("masters", masters_views.MastersView.as_view()),
    path("masters/<str:key>", masters_views.MasterView.as_view()),
    path("masters/<str:key>/products", masters_views.MasterProductsView.as_view()),
    path("masters/<str:key>/products/<uuid:product_id>", masters_views.MasterProductView.as_view()),
    *of_review,
    *of_search,
]
