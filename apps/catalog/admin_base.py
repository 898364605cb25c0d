"""What the catalog's admin pages have in common."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from apps.common.admin_forms import ServiceAdmin


class KeptAdmin(ServiceAdmin):
    """What products refer to is not deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False
