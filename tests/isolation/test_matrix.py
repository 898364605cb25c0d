"""Every endpoint, generated from the routes, with the wrong store's token and the wrong ids.

A new route is in here the moment it exists; nobody can forget it (T1, T2, T10).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.events.models import Event
from tests.isolation.world import Side, build
from tests.support.client import StoreClient
from tests.support.people import make_user

# What anybody may call; everything else must refuse a token that is not the store's.
PUBLIC = {
    ("get", "/api/v1/products"),
    ("get", "/api/v1/products/{id_or_slug}"),
    ("get", "/api/v1/products/{id_or_slug}/inventory"),
    ("get", "/api/v1/categories"),
    ("get", "/api/v1/vendors"),
    ("get", "/api/v1/campaigns"),
    ("get", "/api/v1/campaigns/{id}"),
    ("get", "/api/v1/tracking/{tracking_number}"),
    ("post", "/api/v1/auth/register"),
    ("post", "/api/v1/auth/login"),
    ("post", "/api/v1/auth/refresh"),
    ("post", "/api/v1/webhooks/stripe"),
    ("post", "/api/v1/webhooks/sandbox"),
}
_PARAMETER = re.compile(r"\{(\w+)\}")


def operations() -> list[tuple[str, str]]:
    """(method, path) of every operation of a store's API."""
    schema: dict[str, Any] = SchemaGenerator(urlconf="config.urls_store").get_schema(public=True)
    return [
        (method, path)
        for path, item in schema["paths"].items()
        if path.startswith("/api/v1/")
        for method in item
        if method in {"get", "post", "put", "patch", "delete"}
    ]


@pytest.fixture
def acme_side(acme: StoreRef) -> Side:
    return build(acme)


@pytest.fixture
def globex_side(globex: StoreRef) -> Side:
    return build(globex)


def _fillings(path: str, side: Side) -> Iterator[str]:
    """The path with every id of `side` in every place."""
    names = _PARAMETER.findall(path)
    if len(names) > 1:
        pairs = [(side.ids["user"], side.ids["address"])]
    else:
        pairs = [(value,) for value in side.ids.values()]
    for values in pairs[: 1 if not names else None]:
        filled = path
        for name, value in itertools.zip_longest(names, values, fillvalue="x"):
            filled = filled.replace(f"{{{name}}}", value)
        yield filled


def _send(client: StoreClient, method: str, path: str) -> Any:
    if method == "get":
        return client.get(path)
    return getattr(client, method)(path, {}, format="json")


@pytest.mark.covers("T1", "T2", "TEN-01", "TEN-02", "ORD-18", "INV-13")
def test_no_endpoint_takes_another_stores_token(acme_side: Side, globex_side: Side) -> None:
    with enter_store(acme_side.store):
        before = Event.objects.count()
    intruder = StoreClient(acme_side.store)
    with enter_store(globex_side.store):
        from apps.accounts.facade import issue_tokens

        token = issue_tokens(globex_side.owner.id).access
    intruder.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    answers = {
        (method, path): _send(intruder, method, next(_fillings(path, acme_side)))
        for method, path in operations()
    }

    assert len(answers) > 40
    for (method, path), response in answers.items():
        if (method, path) not in PUBLIC:
            assert response.status_code == 401, (method, path, response.content[:200])
        assert globex_side.canary not in response.content.decode(), (method, path)
    with enter_store(acme_side.store):
        assert Event.objects.count() == before


@pytest.mark.covers("T1", "T10", "I-40")
def test_another_stores_ids_are_unknown_here_even_to_the_owner(
    acme_side: Side, globex_side: Side
) -> None:
    owner = acme_side.client(acme_side.owner)

    for method, path in operations():
        if not _PARAMETER.search(path):
            continue
        for filled in _fillings(path, globex_side):
            response = _send(owner, method, filled)
            body = response.content.decode()
            assert globex_side.canary not in body, (method, filled)
            assert response.status_code < 500, (method, filled, body)
            shared = {globex_side.ids["number"], globex_side.ids["slug"], "SAME"}
            if not any(value in filled for value in shared):
                assert response.status_code in {400, 404, 405, 422}, (method, filled, body)


@pytest.mark.covers("T1", "TEN-01", "T8")
def test_every_list_shows_the_stores_own_rows_alone(acme_side: Side, globex_side: Side) -> None:
    for side, other in ((acme_side, globex_side), (globex_side, acme_side)):
        owner = side.client(side.owner)
        for method, path in operations():
            if method != "get" or _PARAMETER.search(path):
                continue
            # Twice: the second answer may come from the cache.
            for _ in range(2):
                response = owner.get(path)
                assert response.status_code == 200, (path, response.content[:200])
                assert other.canary not in response.content.decode(), path


@pytest.mark.covers("T10", "ACC-11")
def test_a_customer_finds_nothing_of_another_customer_in_the_same_store(acme_side: Side) -> None:
    with enter_store(acme_side.store):
        nosy = make_user("customer", email="nosy@example.com")
    client = acme_side.client(nosy)

    for method, path in operations():
        if (method, path) in PUBLIC or "/campaigns/" in path:
            continue
        for filled in _fillings(path, acme_side):
            response = _send(client, method, filled)
            assert acme_side.canary not in response.content.decode(), (method, filled)
            assert response.status_code < 500, (method, filled)
            if _PARAMETER.search(path):
                assert response.status_code in {400, 403, 404, 405, 422}, (method, filled)


@pytest.mark.covers("T12", "T1")
def test_without_a_token_only_what_is_public_answers(acme_side: Side) -> None:
    anonymous = acme_side.client()
    open_to_guests = {("post", "/api/v1/orders"), ("post", "/api/v1/payments")}

    for method, path in operations():
        response = _send(anonymous, method, next(_fillings(path, acme_side)))
        if (method, path) not in PUBLIC | open_to_guests:
            assert response.status_code == 401, (method, path)


@pytest.mark.covers("T1", "TEN-01")
def test_both_stores_hold_the_same_skus_mails_and_order_numbers(
    acme_side: Side, globex_side: Side
) -> None:
    assert acme_side.ids["number"] == globex_side.ids["number"]
    assert acme_side.customer.email == globex_side.customer.email
    assert acme_side.ids["order"] != globex_side.ids["order"]


@pytest.mark.covers("T2", "T8")
def test_an_admin_session_of_one_store_is_no_session_in_another(
    acme_side: Side, globex_side: Side
) -> None:
    client = acme_side.client()
    with enter_store(acme_side.store):
        client.force_login(acme_side.owner)

    own = client.get("/admin/", HTTP_HOST="acme.localhost")
    other = client.get("/admin/", HTTP_HOST="globex.localhost")
    platform = client.get("/admin/", HTTP_HOST="platform.localhost")

    assert own.status_code == 200
    assert (other.status_code, platform.status_code) == (302, 302)


@pytest.mark.covers("T8", "TEN-10")
def test_files_lie_under_their_stores_own_prefix(acme_side: Side, globex_side: Side) -> None:
    from apps.shipping.models import Shipment

    for side in (acme_side, globex_side):
        with enter_store(side.store):
            keys = list(Shipment.objects.values_list("label_key", flat=True))
        assert keys
        assert all(key.startswith(f"stores/{side.store.id}/") for key in keys)
