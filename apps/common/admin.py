"""Two admin sites: a store's own, and the operators'. Apps register with the one they belong to."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite

from apps.common.context import current_store

_DAILY_ORDER = (
    "orders",
    "catalog",
    "inventory",
    "shipping",
    "payments",
    "group_commerce",
    "accounts",
    "notifications",
    "events",
)


class ReadOnly:
    """Mixed into an admin or inline of rows that services write: seen, and changed by actions."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing here is typed by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Traces stay."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What happened has happened."""
        return False


def site_header(request: HttpRequest) -> str:
    """The store's name, or the platform's."""
    return current_store().name


def site_subheader(request: HttpRequest) -> str:
    """The host name that the page belongs to."""
    return request.get_host().partition(":")[0]


class StoreAdminSite(UnfoldAdminSite):
    """A store's host: products, stock, orders, payments, people."""

    site_title = "FusionCommerce store"
    index_title = "Store"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The apps in the order of a day's work; what is not named here comes last."""
        apps: list[Any] = super().get_app_list(request, app_label)
        last = len(_DAILY_ORDER)
        places = {label: place for place, label in enumerate(_DAILY_ORDER)}
        return sorted(apps, key=lambda app: places.get(app["app_label"], last))

    def has_permission(self, request: HttpRequest) -> bool:
        """Active staff of this store."""
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))


class PlatformAdminSite(StoreAdminSite):
    """The public host: stores, domains, operators."""

    site_title = "FusionCommerce platform"
    index_title = "Platform"


store_admin = StoreAdminSite(name="store_admin")
platform_admin = PlatformAdminSite(name="platform_admin")
