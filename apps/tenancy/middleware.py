"""Find the request's store and enter it (DESIGN 4, C-08, TEN-04).

Host name first; where the host says nothing definite, the `X-Store` header, then the path
`/api/v1/stores/<slug>/…`, then the token. Two that disagree are an error, never a choice.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.urls import set_urlconf

from apps.common.api.problems import problem_response
from apps.common.context import StoreRef
from apps.common.errors import DomainError
from apps.common.stores import PUBLIC, enter_store
from apps.common.streaming import stay_in_context
from apps.tenancy.directory import Entry, find_by_host, find_by_slug
from apps.tenancy.errors import StoreConflict, StoreNotFound, StoreSuspended

_STORE_PATH = re.compile(r"\A/api/v1/stores/(?P<slug>[^/]{1,40})/(?P<rest>.+)\Z")
_HOST_FREE_PATHS = frozenset(["/health", "/health/ready", "/api/health", "/metrics"])

GetResponse = Callable[[HttpRequest], HttpResponse]


class StoreMiddleware:
    """Runs the rest of the request inside its store."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer inside the store, or with the problem that kept it from being found."""
        try:
            store = resolve_store(request)
        except DomainError as error:
            return problem_response(error, request=request)
        request.store = store  # type: ignore[attr-defined]
        if store.is_public:
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
        # What `reverse` uses outside the handler too, for example in admin's templates.
        set_urlconf(getattr(request, "urlconf", settings.ROOT_URLCONF))
        with enter_store(store, actor="anonymous"):
            return cast("HttpResponse", stay_in_context(self.get_response(request)))


def resolve_store(request: HttpRequest) -> StoreRef:
    """Which store the request means. Rewrites the path when the path names it.

    Raises StoreNotFound, StoreConflict, StoreSuspended.
    """
    if request.path_info in _HOST_FREE_PATHS:
        return PUBLIC
    host = _host(request)
    if host in settings.PLATFORM_HOSTS:
        return PUBLIC
    by_host = find_by_host(host)
    named = _named(request)
    definite = by_host.ref is not None and host not in settings.FALLBACK_HOSTS
    if definite:
        named.insert(0, by_host)
    elif not named and by_host.ref is not None:
        named = [by_host]
    elif not named:
        named = _by_token(request)
    return _agree(named)


def _host(request: HttpRequest) -> str:
    try:
        host = request.get_host()
    except DisallowedHost as error:
        raise StoreNotFound("The Host header is not a host name.") from error
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return name.lower().removesuffix(".")


def _named(request: HttpRequest) -> list[Entry]:
    """What header and path say, in this order."""
    named = []
    if "X-Store" in request.headers:
        named.append(find_by_slug(request.headers["X-Store"].strip().lower()[:40]))
    match = _STORE_PATH.match(request.path_info)
    if match:
        named.append(find_by_slug(match["slug"].lower()))
        request.path_info = f"/api/v1/{match['rest']}"
    return named


def _by_token(request: HttpRequest) -> list[Entry]:
    """The store that an access token names. Read only to route: signature and store are checked
    by authentication, which accepts the token in no other store.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    parts = token.split(".")
    if scheme.lower() != "bearer" or len(parts) != 3 or len(token) > 8_192:
        return []
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        slug = claims["store"]
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        return []
    return [find_by_slug(slug)] if isinstance(slug, str) else []


def _agree(named: list[Entry]) -> StoreRef:
    refs = {entry.ref for entry in named}
    if not refs or None in refs:
        raise StoreNotFound(
            "No store answers here: use its host name, X-Store or /api/v1/stores/<store>/."
        )
    if len(refs) > 1:
        raise StoreConflict("Host name, X-Store and path must name the same store.")
    if any(entry.suspended for entry in named):
        raise StoreSuspended()
    (ref,) = refs
    assert ref is not None
    return ref
