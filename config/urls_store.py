"""Paths of a store's host."""

from django.urls import include, path

from config.admin_sites import join, store_admin
from config.routing import by_segment

# Django asks one after the other, so what shoppers read comes first.
STORE_APPS = [
    "catalog",
    "events",
    "accounts",
    "inventory",
    "orders",
    "payments",
    "shipping",
    "group_commerce",
    "notifications",
]

urlpatterns = [
    path("", include("config.urls_common")),
    path("api/v1/", include(by_segment(*(f"apps.{app}.api.urls" for app in STORE_APPS)))),
    path("media/", include("apps.catalog.api.media_urls")),
    path("account/", include("apps.accounts.pages")),
    path("admin/join/", join),
    path("api/v1/", include("apps.tenancy.api.urls_store")),
    path("admin/", store_admin.urls),
]
handler400 = "apps.common.api.problems.bad_request"
handler404 = "apps.common.api.problems.not_found"
handler500 = "apps.common.api.problems.server_error"
