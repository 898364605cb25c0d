"""Stores on the operators' admin site."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.common.context import StoreRef
from apps.tenancy.models import Store
from tests.support.people import make_user

LIST = "/admin/tenancy/store/"
MOST_QUERIES = 15
# What Django's and unfold's forms send besides the fields.
_NO_DOMAINS = {
    "domains-TOTAL_FORMS": "0",
    "domains-INITIAL_FORMS": "0",
    "domains-MIN_NUM_FORMS": "0",
    "domains-MAX_NUM_FORMS": "1000",
}
_FRESH = {
    "name": "Fresh",
    "slug": "fresh",
    "default_currency": "JPY",
    "locale": "ja-JP",
    "timezone": "Asia/Tokyo",
    "stripe_account_id": "acct_1Abc",
    "is_sandbox": "on",
    "registration": "invitation",
    "cors_origins": "https://a.example\nhttps://b.example",
    "mfa_required_roles": ["owner"],
    "rate_limits": '{"public": "9/minute"}',
    "custom": "",
    "legal_name": "Fresh KK",
    **_NO_DOMAINS,
}


@pytest.fixture
def browser(public: StoreRef) -> Client:
    """An operator's, signed in."""
    client = Client(HTTP_HOST="platform.localhost")
    client.force_login(make_user("operator", email="op@example.com"))
    return client


def row(slug: str = "acme") -> Store:
    return Store.objects.prefetch_related("domains").get(slug=slug)


def page(store: Store, step: str = "change") -> str:
    return f"{LIST}{store.pk}/{step}/"


def step(browser: Client, store: Store, name: str, **fields: str) -> Any:
    return browser.post(page(store, name), {"_form_submitted": "on", **fields})


def text(browser: Client, path: str) -> str:
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(path)
    assert answer.status_code == 200
    assert len(queries) <= MOST_QUERIES
    return answer.content.decode()


@pytest.mark.covers("TEN-02", "TEN-03", "UI-04")
def test_a_store_is_created_with_everything_it_can_have(browser: Client) -> None:
    domains = {
        **_NO_DOMAINS,
        "domains-TOTAL_FORMS": "1",
        "domains-0-domain": "shop.fresh.example",
    }

    created = browser.post(f"{LIST}add/", {**_FRESH, **domains})

    assert created.status_code == 302, created.content.decode()[:2000]
    store = row("fresh")
    assert (store.default_currency, store.locale, store.timezone) == ("JPY", "ja-JP", "Asia/Tokyo")
    assert (store.stripe_account_id, store.is_sandbox) == ("acct_1Abc", True)
    assert store.settings == {
        "registration": "invitation",
        "cors_origins": ["https://a.example", "https://b.example"],
        "mfa_required_roles": ["owner"],
        "rate_limits": {"public": "9/minute"},
    }
    assert store.branding == {"legal_name": "Fresh KK"}
    assert {domain.domain for domain in store.domains.all()} == {
        "fresh.localhost",
        "shop.fresh.example",
    }


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("slug", "Upper", "Use lower-case letters"),
        ("slug", "platform", "is reserved"),
        ("slug", "acme", "already exists"),
        ("name", "", "This field is required"),
        ("default_currency", "XYZ", "Select a valid choice"),
        ("locale", "e n", "language tag"),
        ("timezone", "Mars/Olympus", "zone such as"),
        ("stripe_account_id", "sk_live_x", "begins with acct_"),
        ("cors_origins", "*", "origin"),
        ("rate_limits", '{"public": "often"}', "often"),
        ("rate_limits", "{", "Enter a valid JSON"),
        ("mfa_required_roles", "emperor", "Select a valid choice"),
        ("logo_url", "javascript:alert(1)", "begins with https"),
    ],
)
@pytest.mark.covers("TEN-02", "TEN-03")
def test_bad_input_is_told_on_the_page_and_creates_nothing(
    browser: Client, field: str, value: str, told: str
) -> None:
    before = Store.objects.count()

    refused = browser.post(f"{LIST}add/", {**_FRESH, field: value})

    assert refused.status_code == 200
    shown = refused.content.decode()
    assert told in shown
    # What was typed into the other fields is still there.
    assert 'value="Fresh KK"' in shown
    assert Store.objects.count() == before


@pytest.mark.covers("TEN-03", "T16", "UI-04")
def test_a_store_is_suspended_reactivated_deleted_and_had_back(browser: Client) -> None:
    step(browser, row(), "suspend_one", reason="Chargebacks")
    suspended = row()
    step(browser, row(), "reactivate_one")
    active = row()
    wrong = step(browser, row(), "delete_one", slug="globex")
    kept = row()
    step(browser, row(), "delete_one", slug="acme")
    deleted = row()
    step(browser, row(), "undelete_one")

    assert (suspended.status, suspended.suspended_reason) == ("suspended", "Chargebacks")
    assert (active.status, kept.status, deleted.status) == ("active", "active", "deleting")
    assert "not the slug of this store" in wrong.content.decode()
    assert deleted.delete_after is not None
    assert deleted.delete_after - timezone.now() > timedelta(days=29)
    assert (row().status, row().delete_after) == ("active", None)


@pytest.mark.covers("TEN-03", "UI-04")
@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("active", {"suspend_one", "delete_one"}),
        ("suspended", {"reactivate_one", "delete_one"}),
        ("deleting", {"undelete_one"}),
    ],
)
def test_only_the_steps_that_can_be_taken_are_offered(
    browser: Client, status: str, offered: set[str]
) -> None:
    Store.objects.filter(slug="acme").update(status=status, suspended_reason="Why")

    shown = text(browser, page(row()))

    steps = {"suspend_one", "reactivate_one", "delete_one", "undelete_one", "download_export"}
    assert {name for name in steps if f"/{name}/" in shown} == offered
    assert "/export_one/" in shown
    # Nothing that was left empty reads as a word.
    assert ">null<" not in shown


@pytest.mark.covers("TEN-03", "UI-04", "TEN-09")
def test_the_list_counts_by_status_and_finds_by_host(browser: Client) -> None:
    Store.objects.filter(slug="globex").update(status="suspended", suspended_reason="Why")

    shown = text(browser, LIST)
    found = text(browser, f"{LIST}?q=acme.localhost")

    for told in ("Active stores", "Suspended stores", "Deleting stores"):
        assert told in shown
    assert "globex.localhost" in shown
    assert "acme.localhost" in found
    assert "globex.localhost" not in found


@pytest.mark.covers("T12", "TEN-03")
def test_support_looks_and_changes_nothing(public: StoreRef) -> None:
    client = Client(HTTP_HOST="platform.localhost")
    client.force_login(make_user("platform_support", email="s@example.com"))

    shown = text(client, page(row()))
    answers = [
        client.post(page(row()), _FRESH),
        client.post(f"{LIST}add/", _FRESH),
        *(step(client, row(), name) for name in ("suspend_one", "delete_one", "export_one")),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert "/suspend_one/" not in shown
    assert "/export_one/" not in shown
    assert row().status == "active"
