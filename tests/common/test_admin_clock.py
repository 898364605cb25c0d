"""Times in a store's admin: read and typed as the store's clock shows them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.catalog.models import PriceList
from apps.common.context import StoreRef
from tests.support.people import make_user

LISTS = "/admin/catalog/pricelist/"


@pytest.mark.covers("UI-04")
def test_a_page_shows_and_takes_the_stores_own_time(
    store: StoreRef, api: Callable[..., Any]
) -> None:
    owner = make_user("owner")
    told = api(owner).patch("/api/v1/store", {"timezone": "Europe/Berlin"})
    assert told.status_code == 200, told.content
    client = Client(HTTP_HOST=store.domain)
    client.force_login(owner)
    form = {"name": "Summer", "code": "summer", "kind": "sale", "priority": "0"}
    starts = {"starts_at_0": "2026-07-01", "starts_at_1": "00:00"}

    assert client.post(f"{LISTS}add/", {**form, **starts}).status_code == 302

    row = PriceList.objects.get(code="summer")
    assert row.starts_at == datetime(2026, 6, 30, 22, tzinfo=UTC)
    shown = client.get(f"{LISTS}{row.pk}/change/").content.decode()
    assert 'value="2026-07-01"' in shown
    history = client.get(f"{LISTS}{row.pk}/history/").content.decode()
    assert any(f" {zone}" in history for zone in ("CET", "CEST"))
    # What runs after the page has the server's clock again.
    assert timezone.get_current_timezone_name() == "UTC"
