"""Two admin sites: a store's own, and the operators'. Apps register with the one they belong to."""

from __future__ import annotations

from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite


class StoreAdminSite(UnfoldAdminSite):
    """A store's host: products, stock, orders, payments, people."""

    site_title = "FusionCommerce store"
    index_title = "Store"

    def has_permission(self, request: HttpRequest) -> bool:
        """Active staff of this store."""
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))


class PlatformAdminSite(StoreAdminSite):
    """The public host: stores, domains, operators."""

    site_title = "FusionCommerce platform"
    index_title = "Platform"


store_admin = StoreAdminSite(name="store_admin")
platform_admin = PlatformAdminSite(name="platform_admin")
