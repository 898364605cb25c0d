"""One permission class: the view says per method which code of the catalogue it needs (ACC-10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:
    # DRF's views load this module while they are themselves being loaded.
    from rest_framework.views import APIView

PUBLIC = "public"


class HasPermission(BasePermission):
    """Reads `required_permissions` of the view: method → permission code.

    `None` means any signed-in person, `"public"` anyone. A method that is not listed is denied, so
    a forgotten line closes a door instead of opening one (T12). An API key is no person: where a
    person needs nothing, it needs what `key_permissions` says, and where that says nothing, the
    door is closed to it.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the caller may use this method of this view."""
        required: dict[str, str | None] = getattr(view, "required_permissions", {})
        method = "GET" if request.method in {"HEAD", "OPTIONS"} else str(request.method)
        if method not in required:
            # A method that the view does not have at all is left to DRF, which answers 405.
            return not hasattr(view, method.lower())
        code = required[method]
        if code == PUBLIC:
            return True
        user: Any = request.user
        if not (user and user.is_authenticated):
            return False
        if code is None and getattr(user, "kind", "user") == "api_key":
            code = getattr(view, "key_permissions", {}).get(method, "")
        return code is None or (bool(code) and code in user.permissions)
