"""Tokens in cookies, for browsers: scripts never see them, other sites never send them (ACC-07).

Asked for by `X-Auth-Mode: cookie`, a header that another site's form cannot send. The browser
keeps access and refresh tokens where no script reads them, and a CSRF token where the store's own
pages do; they send it back as `X-CSRF-Token` with everything that changes something.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils.crypto import constant_time_compare
from rest_framework.request import Request

from apps.accounts.csrf import is_csrf_token, make_csrf_token
from apps.accounts.errors import CsrfFailed
from apps.accounts.types import TokenPair
from apps.common.api.cors import allows

MODE_HEADER = "X-Auth-Mode"
CSRF_HEADER = "X-CSRF-Token"
_SAFE = {"GET", "HEAD", "OPTIONS"}


def wants_cookies(request: Request) -> bool:
    """Whether the caller is a page that leaves its tokens to the browser."""
    return request.headers.get(MODE_HEADER, "").strip().lower() == "cookie"


def access_cookie(request: Request) -> str:
    """The access token that the browser holds, or ""."""
    return request.COOKIES.get(_name("access"), "")


def refresh_cookie(request: Request) -> str:
    """The refresh token that the browser holds, or ""."""
    return request.COOKIES.get(_name("refresh"), "")


def check_csrf(request: Request, session_id: UUID | str | None) -> None:
    """Cookies count for the store's own pages alone, and those of the origins that it lists.

    SameSite does not say so: stores below one domain are one site to a browser. Where something
    would change, the page must show the token of its session besides: the header must be the
    cookie's own text, and made for this session. Raises CsrfFailed.
    """
    if _is_foreign(request):
        raise CsrfFailed("The page that sent this is of another origin.")
    if request.method in _SAFE:
        return
    sent = request.headers.get(CSRF_HEADER, "")
    held = request.COOKIES.get(_name("csrf"), "")
    if not sent or not constant_time_compare(sent, held):
        raise CsrfFailed
    if session_id is None or not is_csrf_token(sent, UUID(str(session_id))):
        raise CsrfFailed


def give_cookies(response: HttpResponse, request: Request, pair: TokenPair) -> str:
    """Put the pair into cookies; returns the CSRF token, which is in a readable one too."""
    csrf = make_csrf_token(pair.session_id)
    _set(response, "access", pair.access, seconds=settings.ACCESS_TOKEN_MINUTES * 60)
    _set(response, "refresh", pair.refresh, seconds=pair.lifetime, path=_auth_path(request))
    _set(response, "csrf", csrf, seconds=pair.lifetime, httponly=False)
    return csrf


def take_cookies(response: HttpResponse, request: Request) -> None:
    """Have the browser forget what it holds."""
    for kind, path in (("access", "/"), ("refresh", _auth_path(request)), ("csrf", "/")):
        if _name(kind) in request.COOKIES:
            # Not delete_cookie, which forgets that a __Host- cookie must be Secure to be taken.
            _set(response, kind, "", seconds=0, path=path, httponly=kind != "csrf")


def _is_foreign(request: Request) -> bool:
    """Whether a page sent it that is of another origin than this host, and not one of the list."""
    origin = request.headers.get("Origin")
    if origin is None or origin.partition("://")[2].lower() == request.get_host().lower():
        return False
    return not allows(None, cast("Any", request)._request)


def _set(response: HttpResponse, kind: str, value: str, *, seconds: int, **options: Any) -> None:
    response.set_cookie(
        _name(kind),
        value,
        max_age=seconds,
        secure=settings.COOKIES_SECURE,
        samesite="Strict",
        **{"httponly": True, "path": "/", **options},
    )


def _name(kind: str) -> str:
    """Browsers take a name with a prefix only as strictly as the prefix says."""
    if not settings.COOKIES_SECURE:
        return f"fusion_{kind}"
    # __Host- would mean the path "/", and the refresh token goes to its own endpoints alone.
    return f"__Secure-fusion_{kind}" if kind == "refresh" else f"__Host-fusion_{kind}"


def _auth_path(request: Request) -> str:
    """Where signing in, refreshing and out lie, also below `/api/v1/stores/<store>/`."""
    return request.path.rpartition("/auth/")[0] + "/auth"
