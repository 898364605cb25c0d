"""Rate limits per caller (API-10): who is counted, against which rate, and how it is told.

The counts are kept by `apps/common/rates` and shared by all processes. A view may set
`rate_scope` (`auth`, `upload`, `webhook`); otherwise the caller decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apps.common import rates
from apps.common.client_address import counted_address
from apps.common.context import current
from apps.common.errors import DomainError
from apps.common.limits import rate_of

if TYPE_CHECKING:
    # DRF's views load this module while they are themselves being loaded.
    from rest_framework.views import APIView

_COUNTED = "_fusion_window"


class TooManyRequests(DomainError):
    """The caller's window is used up; `Retry-After` says when the next one begins."""

    code = "too_many_requests"
    status = 429
    title = "Too many requests"


class CallerThrottle(BaseThrottle):
    """Counts a call before the view does its work."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """True, or TooManyRequests, which says more than False could."""
        scope = getattr(view, "rate_scope", "")
        count_call(cast(Any, request)._request, request.user, scope, type(view).__name__)
        return True


def count_call(request: HttpRequest, user: Any, scope: str = "", endpoint: str = "") -> None:
    """Count one call, once per request. Raises TooManyRequests.

    scope: of the view, where it has one. endpoint: sign-in and the like are counted one by one.
    """
    if hasattr(request, _COUNTED):
        return
    kind, who = _caller(request, user)
    if scope in {"auth", "webhook"}:
        who = counted_address(current().address)
    parts = (endpoint, who) if scope == "auth" else (who,)
    own, whole = rates.hit_all(
        # What a gateway could not tell us in time it tells again, later each time by itself.
        rates.Count(_rate(scope or kind), scope or kind, parts, backs_off=scope != "webhook"),
        rates.Count(_rate("store"), "store"),
    )
    window = own if whole.allowed or not own.allowed else whole
    setattr(request, _COUNTED, window)
    if not window.allowed:
        detail = f"At most {window.limit} calls in {window.seconds} seconds; wait, then go on."
        raise TooManyRequests(detail, retry_after=window.reset_after)


def window_of(request: HttpRequest) -> rates.Window | None:
    """How the call's count stands; None where it was not counted."""
    return getattr(request, _COUNTED, None)


def _caller(request: HttpRequest, user: Any) -> tuple[str, str]:
    """The scope of whoever calls, and under what they are counted."""
    if getattr(user, "is_authenticated", False):
        # A principal says it; Django's own user, in admin's session, is staff.
        return getattr(user, "rate_scope", "staff"), str(user.pk)
    address = counted_address(current().address)
    key_id = getattr(request, "publishable_key_id", None)
    return ("publishable", f"{key_id}:{address}") if key_id else ("public", address)


def _rate(scope: str) -> str:
    store = current().store
    own = store.settings.get("rate_limits") or {} if store is not None else {}
    return rate_of(scope, of_store=own, of_platform=settings.RATE_LIMITS)
