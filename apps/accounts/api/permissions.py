"""Who may call what: the one permission class, under the name that other apps know."""

from apps.common.api.permissions import HasPermission

__all__ = ["HasPermission"]
