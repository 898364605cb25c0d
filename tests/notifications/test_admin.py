"""The log of messages in the store's admin."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.common.context import StoreRef
from apps.notifications.models import Notification
from tests.support.people import make_user

LIST = "/admin/notifications/notification/"


@pytest.fixture
def client(store: StoreRef) -> Client:
    browser = Client(HTTP_HOST=store.domain)
    browser.force_login(make_user("support"))
    return browser


def make_row(**fields: Any) -> Notification:
    known = {"template_name": "welcome", "recipient": "ada@example.com", "delivery_id": uuid4()}
    return Notification.objects.create(**{**known, **fields})


@pytest.mark.covers("NTF-02")
def test_the_log_is_listed_and_searched_in_few_queries(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    make_row(status="failed", failure_reason="SMTP 550", subject="Welcome to Acme")
    make_row(recipient="bea@example.com")
    client.get(LIST)

    with django_assert_max_num_queries(15):
        page = client.get(LIST).content.decode()

    assert "ada@example.com" in page
    assert "Failed" in page
    found = client.get(LIST, {"q": "bea@example.com"}).content.decode()
    assert ("bea@example.com" in found, "ada@example.com" in found) == (True, False)


def test_a_message_shows_its_text_with_markup_as_text(client: Client) -> None:
    row = make_row(payload={"first_name": "<script>alert(1)</script>"})

    page = client.get(f"{LIST}{row.id}/change/").content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_a_message_whose_context_no_longer_fits_is_still_shown(client: Client) -> None:
    row = make_row(template_name="order_confirmation", payload={})

    assert client.get(f"{LIST}{row.id}/change/").status_code == 200


def test_nothing_in_the_log_is_changed_by_hand(client: Client) -> None:
    row = make_row()

    for path in (f"{LIST}add/", f"{LIST}{row.id}/delete/"):
        assert client.get(path).status_code == 403
    client.post(f"{LIST}{row.id}/change/", {"recipient": "x@example.com"})
    row.refresh_from_db()
    assert row.recipient == "ada@example.com"
