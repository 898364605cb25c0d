"""What anybody may know of the store itself: its name, its ways and its logo (DIG-10, TEN-02)."""

from __future__ import annotations

import json
from typing import Any

from apps.catalog.models import MediaFile, Vendor
from apps.catalog.vendor_reads import picture_of
from apps.common.context import current_store

# Of the branding, what a shopper needs to see and to ask for help; the rest is for papers.
_SHOWN = ("primary_color", "support_email", "support_phone", "logo_url")


def store_facts() -> dict[str, str]:
    """What the store says of itself in its row, without a query; blank where it says nothing."""
    store = current_store()
    return {
        "name": store.name,
        "default_currency": store.default_currency,
        "locale": store.locale,
        "timezone": store.timezone,
        **{name: str(store.branding.get(name, "")) for name in _SHOWN},
    }


def store_profile() -> bytes:
    """The facts and the logo, as JSON: one query."""
    facts: dict[str, Any] = store_facts()
    del facts["logo_url"]
    return json.dumps({**facts, "logo": store_logo()}).encode()


def store_logo() -> dict[str, Any] | None:
    """The logo that was uploaded, else the one that the branding names by its address, else None.

    One query. Of an address elsewhere neither width nor height is known, and it has no copies.
    """
    shown = picture_of(logo_file())
    if shown is None and (address := store_facts()["logo_url"]):
        return {"url": address, "width": None, "height": None, "sizes": {}}
    return shown


def logo_file() -> MediaFile | None:
    """The picture that was uploaded as the store's logo: that of the store as a vendor."""
    return Vendor.objects.select_related("logo").get(is_default=True).logo
