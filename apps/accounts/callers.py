"""Which API key a request carries, and whether it may."""

from __future__ import annotations

from django.http import HttpRequest

from apps.accounts.api_keys import KEY_FORMAT, KnownKey, find_key
from apps.accounts.errors import InvalidApiKey, OriginRefused, WrongMode
from apps.accounts.key_use import note_use
from apps.common.api.throttling import count_call
from apps.common.context import current_store, set_actor
from apps.common.origins import normal_origin

HEADER = "X-API-Key"
_BEGINNINGS = ("pk_", "sk_")


def presented_key(request: HttpRequest) -> str:
    """The key of `X-API-Key`, else of `Authorization: Bearer`; "" where none was sent."""
    text = str(request.META.get("HTTP_X_API_KEY", "")).strip()
    if text:
        return text
    scheme, _, token = str(request.META.get("HTTP_AUTHORIZATION", "")).partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and token.startswith(_BEGINNINGS) else ""


def check_key(request: HttpRequest) -> KnownKey | None:
    """The request's key, if it carries one; from memory, without a query.

    Names the actor of a secret key's call. Raises InvalidApiKey, WrongMode, OriginRefused.
    """
    text = presented_key(request)
    if not text:
        return None
    if not KEY_FORMAT.match(text):
        raise InvalidApiKey
    if (text[3:7] == "test") != current_store().is_sandbox:
        raise WrongMode
    key = find_key(text)
    if key is None:
        raise InvalidApiKey
    if key.principal is not None:
        set_actor(key.principal.actor, audited=True)
    else:
        _check_origin(request, key)
        # Read by the throttle, which counts a storefront by its key.
        request.publishable_key_id = key.id  # type: ignore[attr-defined]
    note_use(key.id)
    return key


def admit_guest(request: HttpRequest) -> None:
    """For a view that answers anybody without the framework: check the key, count the call.

    Raises InvalidApiKey, WrongMode, OriginRefused, TooManyRequests.
    """
    key = check_key(request)
    count_call(request, key.principal if key is not None else None)


def _check_origin(request: HttpRequest, key: KnownKey) -> None:
    if not key.origins:
        return
    if normal_origin(request.META.get("HTTP_ORIGIN")) not in key.origins:
        raise OriginRefused("The key names the origins of the pages that may use it.")
