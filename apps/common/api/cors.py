"""Which origins' pages may read a store's answers (TEN-07, API-11).

django-cors-headers does the protocol; it asks here, with the store entered and before anybody is
authenticated, for a preflight carries no credentials. No origin is allowed by the settings.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.http import HttpRequest

from apps.common.context import current
from apps.common.origins import normal_origin, normal_origins

Source = Callable[[], Collection[str]]
_sources: list[Source] = []


def register_origins(source: Source) -> None:
    """Have `source` name further origins of the current store; accounts: those of its keys."""
    _sources[:] = [source]


def allows(sender: Any, request: HttpRequest, **kwargs: Any) -> bool:
    """Whether the store lists the request's origin; the receiver of `check_request_enabled`."""
    store = current().store
    origin = normal_origin(request.headers.get("Origin"))
    if store is None or store.is_public or origin is None:
        return False
    if origin in normal_origins(store.settings.get("cors_origins") or ()):
        return True
    return any(origin in source() for source in _sources)
