"""The catalog's vendors, as accounts asks for them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from apps.catalog.models import Vendor


class CatalogVendors:
    """Knows the store's vendors by name."""

    def names(self, ids: Collection[UUID]) -> dict[UUID, str]:
        """The names of those that exist, in one query."""
        if not ids:
            return {}
        return dict(Vendor.objects.filter(pk__in=ids).order_by().values_list("pk", "name"))

    def choices(self) -> list[tuple[UUID, str]]:
        """Every vendor by name, in one query."""
        return list(Vendor.objects.order_by("name").values_list("pk", "name"))
