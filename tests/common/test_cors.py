"""Whose pages may read a store's answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings

from apps.accounts import api_keys
from apps.accounts.api.cookies import CSRF_HEADER, MODE_HEADER
from apps.accounts.callers import HEADER as API_KEY_HEADER
from apps.common.context import StoreRef
from apps.common.origins import MOST_ORIGINS, normal_origin, wrong_origins
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy import directory
from apps.tenancy.models import Store
from tests.support.client import StoreClient
from tests.support.people import make_user

SHOP = "https://shop.example.com"
KEYED = "https://app.example.com"
PRODUCTS = "/api/v1/products"


@pytest.fixture(autouse=True)
def _no_known_keys() -> Iterator[None]:
    yield
    api_keys._rings.clear()


@pytest.fixture
def listed(store: StoreRef) -> StoreRef:
    """The store, which lists SHOP."""
    with enter_store(PUBLIC):
        Store.objects.filter(slug="acme").update(settings={"cors_origins": [SHOP]})
    directory._known.clear()
    return store


def preflight(client: StoreClient, path: str, origin: str, method: str = "POST") -> Any:
    return client.options(
        path,
        HTTP_ORIGIN=origin,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD=method,
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,x-api-key,idempotency-key",
    )


def cors_of(answer: Any) -> dict[str, str]:
    return {
        name: value
        for name, value in answer.headers.items()
        if name.lower().startswith("access-control")
    }


@pytest.mark.covers("TEN-07", "API-11")
def test_a_listed_origin_reads_answers_with_credentials(api: Any, listed: StoreRef) -> None:
    answer = api().get(PRODUCTS, HTTP_ORIGIN=SHOP)

    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == SHOP
    assert answer["Access-Control-Allow-Credentials"] == "true"
    assert "origin" in answer["Vary"].lower()
    exposed = answer["Access-Control-Expose-Headers"].split(", ")
    rates = {f"RateLimit-{name}" for name in ("Limit", "Remaining", "Reset", "Policy")}
    assert set(exposed) == rates | {
        "ETag",
        "Idempotent-Replayed",
        "Location",
        "Retry-After",
        "X-Cart-Token",
        "X-Order-Token",
        "X-Request-ID",
    }


@pytest.mark.covers("TEN-07", "API-11")
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.com",
        "null",
        "*",
        f"{SHOP}.evil.com",
        "http://shop.example.com",
        f"{SHOP}:8443",
        "https://SHOP.example.com@evil.com",
        "https://xshop.example.com",
        "x" * 5_000,
        "https://shop.example.com\x00",
        "https://[",
    ],
)
def test_any_other_origin_is_told_nothing(api: Any, listed: StoreRef, origin: str) -> None:
    for answer in (api().get(PRODUCTS, HTTP_ORIGIN=origin), preflight(api(), PRODUCTS, origin)):
        assert cors_of(answer) == {}
        assert "origin" in answer["Vary"].lower()


@pytest.mark.covers("TEN-07", "API-11")
def test_a_preflight_is_answered_before_anybody_is_asked_who_they_are(
    api: Any, listed: StoreRef
) -> None:
    answer = preflight(api(), "/api/v1/orders", SHOP)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Access-Control-Allow-Origin"] == SHOP
    allowed = answer["Access-Control-Allow-Headers"].split(", ")
    assert {
        "authorization",
        "content-type",
        "idempotency-key",
        "if-match",
        "x-api-key",
        "x-auth-mode",
        "x-cart-token",
        "x-csrf-token",
    } <= set(allowed)
    assert "PATCH" in answer["Access-Control-Allow-Methods"]
    assert answer["Access-Control-Max-Age"] == "600"


@pytest.mark.covers("TEN-07", "API-11", "ACC-07")
def test_a_page_that_leaves_its_tokens_to_the_browser_may_send_what_that_takes() -> None:
    allowed = django_settings.CORS_ALLOW_HEADERS

    assert {MODE_HEADER.lower(), CSRF_HEADER.lower(), API_KEY_HEADER.lower()} <= set(allowed)


@pytest.mark.covers("TEN-07", "API-11")
def test_an_origin_may_read_errors_too(api: Any, listed: StoreRef, settings: Any) -> None:
    settings.RATE_LIMITS = {"public": "3/minute"}
    answers = [
        api().get("/api/v1/orders", HTTP_ORIGIN=SHOP),
        api().get("/api/v1/nothing", HTTP_ORIGIN=SHOP),
        api().generic("POST", "/api/v1/orders", b"{", HTTP_ORIGIN=SHOP),
        api().get(PRODUCTS, HTTP_ORIGIN=SHOP),
    ]

    assert [answer.status_code for answer in answers] == [401, 404, 415, 429]
    for answer in answers:
        assert answer["Access-Control-Allow-Origin"] == SHOP


@pytest.mark.covers("TEN-07", "T2")
def test_one_stores_origins_are_not_anothers(api: Any, listed: StoreRef, globex: StoreRef) -> None:
    assert cors_of(api(store=globex).get(PRODUCTS, HTTP_ORIGIN=SHOP)) == {}
    assert cors_of(api().get(PRODUCTS, HTTP_ORIGIN=SHOP, HTTP_HOST="platform.localhost")) == {}


@pytest.mark.covers("TEN-07", "PEER-54")
def test_a_publishable_keys_origins_count_until_it_is_revoked(api: Any, listed: StoreRef) -> None:
    owner = api(make_user("owner"))
    assert cors_of(api().get(PRODUCTS, HTTP_ORIGIN=KEYED)) == {}
    body = {"name": "K", "kind": "publishable", "origins": [KEYED]}
    key = owner.post("/api/v1/api-keys", body, format="json").json()

    assert preflight(api(), PRODUCTS, KEYED)["Access-Control-Allow-Origin"] == KEYED
    with_key = api().get(PRODUCTS, HTTP_ORIGIN=KEYED, HTTP_X_API_KEY=key["key"])
    assert with_key["Access-Control-Allow-Origin"] == KEYED
    # The store lists this page; the key does not.
    elsewhere = api().get(PRODUCTS, HTTP_ORIGIN=SHOP, HTTP_X_API_KEY=key["key"])
    assert elsewhere.status_code == 403

    owner.delete(f"/api/v1/api-keys/{key['id']}")
    assert cors_of(preflight(api(), PRODUCTS, KEYED)) == {}


@pytest.mark.covers("TEN-07")
def test_admin_and_health_are_for_no_other_origin(api: Any, store: StoreRef) -> None:
    for path in ("/admin/login/", "/health", "/api/docs"):
        assert cors_of(api().get(path, HTTP_ORIGIN="https://evil.com")) == {}


@pytest.mark.covers("TEN-07")
@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (SHOP, SHOP),
        ("https://Shop.Example.com:443/", SHOP),
        (f"{SHOP}:8443", f"{SHOP}:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://acme.localhost:3000", "http://acme.localhost:3000"),
        ("http://shop.example.com", None),
        ("https://shop.example.com/cart", None),
        ("https://user@shop.example.com", None),
        ("https://shop.example.com?x", None),
        ("https://", None),
        ("https://-shop.example.com", None),
        ("https://shöp.example.com", None),
        ("https://shop.example.com:99999", None),
        ("ftp://shop.example.com", None),
        ("shop.example.com", None),
        ("null", None),
        ("*", None),
        ("", None),
        (None, None),
        (1, None),
    ],
)
def test_what_an_origin_is(text: object, origin: str | None) -> None:
    assert normal_origin(text) == origin


@pytest.mark.covers("TEN-07")
def test_a_list_of_origins_is_checked() -> None:
    assert wrong_origins([SHOP, KEYED]) == ""
    assert "no origin" in wrong_origins([SHOP, "*"])
    assert "list" in wrong_origins(SHOP)
    assert "at most" in wrong_origins([SHOP] * (MOST_ORIGINS + 1))
