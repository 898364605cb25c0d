"""The admin sites with everything the apps registered."""

from apps.common.admin import platform_admin, store_admin

__all__ = ["platform_admin", "store_admin"]
