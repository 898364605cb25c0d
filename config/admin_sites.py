"""The admin sites with everything the apps registered."""

from apps.accounts.admin_join import join
from apps.common.admin import platform_admin, store_admin

__all__ = ["join", "platform_admin", "store_admin"]
