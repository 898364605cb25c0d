"""Links that work in a mail: absolute, on the store's own host."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings

from apps.common.context import current_store


def mail_domain() -> str:
    """The store's host, or a made-up one that no other store has."""
    store = current_store()
    return store.domain or f"{store.slug}.fusioncommerce"


def store_url(path: str = "/") -> str:
    """The address of a path on the store's host."""
    store = current_store()
    host = store.domain or f"{store.slug}.{settings.STORE_BASE_DOMAIN}"
    usual = {"http": "80", "https": "443"}.get(settings.PUBLIC_SCHEME)
    port = settings.PUBLIC_PORT
    place = f"{host}:{port}" if port and port != usual else host
    return f"{settings.PUBLIC_SCHEME}://{place}{quote(path)}"


def tracking_url(tracking_number: str) -> str:
    """Where anybody may follow a parcel."""
    return store_url(f"/api/v1/tracking/{tracking_number}")
