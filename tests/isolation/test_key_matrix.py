"""Every endpoint of a store with API keys that must not open it, generated from the routes (T1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apps.accounts import api_keys
from apps.common.stores import enter_store
from apps.events.models import Event
from tests.isolation.test_matrix import BLIND, PUBLIC, fillings, operations, send
from tests.isolation.world import Side
from tests.support.client import StoreClient

SHOP = "https://shop.example.com"
STOREFRONT = ("/api/v1/products", "/api/v1/categories", "/api/v1/vendors")


def looks_at_keys(method: str, path: str) -> bool:
    """What is open to all looks at no credentials; but a storefront's reads look at its key."""
    return (method, path) not in BLIND or (method == "get" and path.startswith(STOREFRONT))


@pytest.fixture(autouse=True)
def _no_known_keys() -> Iterator[None]:
    yield
    api_keys._rings.clear()


def new_key(side: Side, **body: Any) -> dict[str, Any]:
    body = {"name": "K", **body}
    answer = side.client(side.owner).post("/api/v1/api-keys", body, format="json")
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def with_key(side: Side, key: str, **headers: str) -> StoreClient:
    client = side.client()
    client.credentials(HTTP_X_API_KEY=key, **headers)
    return client


def answers(client: StoreClient, side: Side) -> dict[tuple[str, str], Any]:
    """One call of every operation; nothing may come of any of them."""
    with enter_store(side.store):
        before = Event.objects.count()
    found = {
        (method, path): send(client, method, next(fillings(path, side)))
        for method, path in operations()
    }
    with enter_store(side.store):
        assert Event.objects.count() == before
    assert len(found) > 60
    return found


@pytest.mark.covers("T1", "T2", "T14", "PEER-54")
@pytest.mark.parametrize("kind", ["of another store", "revoked", "of a sandbox", "invented"])
def test_no_endpoint_takes_a_key(kind: str, acme_side: Side, globex_side: Side) -> None:
    side = globex_side if kind == "of another store" else acme_side
    made = new_key(side, kind="secret", scopes=["*"])
    key = made["key"]
    if kind == "revoked":
        acme_side.client(acme_side.owner).delete(f"/api/v1/api-keys/{made['id']}")
    if kind == "of a sandbox":
        key = key.replace("live", "test")
    if kind == "invented":
        key = f"sk_live_{'0' * 64}"

    for (method, path), answer in answers(with_key(acme_side, key), acme_side).items():
        if looks_at_keys(method, path):
            assert answer.status_code == 401, (method, path, answer.content[:200])
            assert acme_side.canary not in answer.content.decode()


@pytest.mark.covers("T1", "T12", "PEER-54")
def test_a_publishable_key_opens_nothing_that_is_not_open(acme_side: Side) -> None:
    key = new_key(acme_side, kind="publishable")["key"]

    for operation, answer in answers(with_key(acme_side, key), acme_side).items():
        if operation not in PUBLIC:
            assert answer.status_code == 401, (operation, answer.content[:200])


@pytest.mark.covers("T1", "TEN-07", "PEER-54")
@pytest.mark.parametrize("origin", ["https://evil.com", "null", ""])
def test_a_publishable_key_at_a_wrong_origin_opens_nothing_at_all(
    acme_side: Side, origin: str
) -> None:
    key = new_key(acme_side, kind="publishable", origins=[SHOP])["key"]
    headers = {"HTTP_ORIGIN": origin} if origin else {}
    client = with_key(acme_side, key, **headers)

    for (method, path), answer in answers(client, acme_side).items():
        if looks_at_keys(method, path):
            assert answer.status_code == 403, (method, path, answer.content[:200])
            assert answer.json()["code"] == "origin_refused"


@pytest.mark.covers("T12", "PEER-54")
def test_a_secret_key_without_a_fitting_scope_is_a_403(acme_side: Side) -> None:
    key = new_key(acme_side, kind="secret", scopes=["analytics.read"])["key"]

    for operation, answer in answers(with_key(acme_side, key), acme_side).items():
        if operation not in PUBLIC:
            assert answer.status_code == 403, (operation, answer.content[:200])


@pytest.mark.covers("PEER-54", "API-03")
def test_a_key_that_may_do_everything_makes_no_endpoint_fail(acme_side: Side) -> None:
    key = new_key(acme_side, kind="secret", scopes=["*"])["key"]
    client = with_key(acme_side, key)

    for method, path in operations():
        for filled in fillings(path, acme_side):
            answer = send(client, method, filled)
            assert answer.status_code < 500, (method, filled, answer.content[:300])
