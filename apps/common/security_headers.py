"""The headers that tell a browser what an answer may do (SEC-07).

Fixed texts, chosen by what is answered. There are no nonces, because no page of ours has a script
of its own in it: the admin's and the docs' scripts are files.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def _policy(**directives: str) -> str:
    return "; ".join(f"{name.replace('_', '-')} {value}" for name, value in directives.items())


# JSON, files, labels: nothing that a browser would have to load something for.
_NOTHING = _policy(
    default_src="'none'", base_uri="'none'", form_action="'none'", frame_ancestors="'none'"
)
_PAGE = {
    "default_src": "'self'",
    "script_src": "'self'",
    # Both pages bring styles of their own in the page.
    "style_src": "'self' 'unsafe-inline'",
    "img_src": "'self' data:",
    "object_src": "'none'",
    "base_uri": "'none'",
    "form_action": "'self'",
    "frame_ancestors": "'none'",
}
_DOCS = _policy(**_PAGE)


@functools.cache
def _admin(media: str) -> str:
    """Unfold's pages are driven by Alpine, which compiles the expressions in their attributes.

    media: where the pictures of products are answered; a path, or the address of another host.
    """
    parts = urlsplit(media)
    host = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    pictures = f"'self' data: blob:{host}"
    return _policy(**{**_PAGE, "script_src": "'self' 'unsafe-eval'", "img_src": pictures})


_PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
_HSTS = "max-age=31536000; includeSubDomains"


class SecurityHeadersMiddleware:
    """Adds to every answer, of the views, of other middleware and of static files.

    Django's own add nosniff, Referrer-Policy, the opener policy and X-Frame-Options.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the headers; a view's own policy stays."""
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _policy_for(request, response))
        headers.setdefault("Permissions-Policy", _PERMISSIONS)
        headers.setdefault("Cross-Origin-Resource-Policy", _resource_policy(request))
        if request.path_info.startswith("/api/v1/"):
            # Personal unless the view knows better, as the shop window does.
            headers.setdefault("Cache-Control", "private, no-store")
        if settings.SESSION_COOKIE_SECURE:
            # Whoever terminates HTTPS stands in front of us, so the request does not tell.
            headers.setdefault("Strict-Transport-Security", _HSTS)
        return response


def _policy_for(request: HttpRequest, response: HttpResponse) -> str:
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return _NOTHING
    if request.path_info.startswith("/admin"):
        return _admin(settings.MEDIA_PUBLIC_URL)
    return _DOCS if request.path_info.startswith("/api/docs") else _NOTHING


def _resource_policy(request: HttpRequest) -> str:
    # What a storefront on another origin may read is decided by CORS.
    return "cross-origin" if request.path_info.startswith("/api/") else "same-origin"
