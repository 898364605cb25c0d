"""The store as its own people see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.events.models import Event
from apps.tenancy.models import Store
from tests.support.people import make_user

STORE = "/api/v1/store"


@pytest.fixture
def owner(api: Callable[..., Any]) -> Any:
    """A client of acme's owner."""
    return api(make_user("owner"))


@pytest.mark.covers("TEN-02", "TEN-09")
def test_an_owner_names_brands_and_sets_up_the_store(owner: Any, store: StoreRef) -> None:
    etag = owner.get(STORE).headers["ETag"]
    body = {
        "name": "Acme & Sons",
        "branding": {"primary_color": "#112233"},
        "settings": {"registration": "closed", "mfa_required_roles": ["owner", "admin"]},
        "locale": "de",
        "timezone": "Europe/Berlin",
    }

    changed = owner.patch(STORE, body, format="json", HTTP_IF_MATCH=etag)
    stale = owner.patch(STORE, {"name": "Other"}, format="json", HTTP_IF_MATCH=etag)

    assert changed.status_code == 200, changed.content
    assert {name: changed.json()[name] for name in body} == body
    assert stale.status_code == 412
    assert owner.get(STORE).json() == changed.json()
    with enter_store(PUBLIC):
        event = Event.objects.get(topic="store.updated")
        assert event.payload["changed"] == ["branding", "locale", "name", "settings", "timezone"]
        assert event.actor.startswith("user:")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"slug": "other"}, "slug"),
        ({"status": "active"}, "status"),
        ({"domains": ["evil.example"]}, "domains"),
        ({"default_currency": "EUR"}, "default_currency"),
        ({"stripe_account_id": "acct_1Mine"}, "stripe_account_id"),
        ({"is_sandbox": True}, "is_sandbox"),
        ({"delete_after": None}, "delete_after"),
        ({"schema_name": "store_globex"}, "schema_name"),
        ({"settings": {"rate_limits": {"api": "1000000/second"}}}, "settings.rate_limits"),
        ({"settings": {"price_of_everything": 0}}, "settings.price_of_everything"),
        ({"name": ""}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"name": "x", "status": "active"}, "status"),
    ],
)
@pytest.mark.covers("T11", "TEN-02")
def test_what_is_the_operators_an_owner_cannot_set(
    owner: Any, store: StoreRef, body: dict[str, Any], named: str
) -> None:
    with enter_store(PUBLIC):
        before = Store.objects.filter(slug="acme").values().get()

    refused = owner.patch(STORE, body, format="json")

    assert refused.status_code in {400, 422}, refused.content
    assert refused.json()["errors"][0]["field"] == named
    with enter_store(PUBLIC):
        assert Store.objects.filter(slug="acme").values().get() == before


@pytest.mark.covers("T12", "ACC-10")
@pytest.mark.parametrize("role", ["admin", "editor", "support", "finance", "vendor_owner"])
def test_others_of_the_store_do_not_see_its_settings(
    api: Callable[..., Any], store: StoreRef, role: str
) -> None:
    client = api(make_user(role))

    assert client.get(STORE).status_code == 403
    assert client.patch(STORE, {"name": "Mine"}, format="json").status_code == 403


@pytest.mark.covers("TEN-01", "T2")
def test_an_owner_changes_no_other_store(owner: Any, store: StoreRef, globex: StoreRef) -> None:
    answer = owner.patch(STORE, {"name": "Taken"}, format="json", HTTP_HOST=globex.domain)

    assert answer.status_code == 401
    with enter_store(PUBLIC):
        assert Store.objects.get(slug="globex").name == "Globex"
