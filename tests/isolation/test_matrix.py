"""Every endpoint of both hosts, generated from the routes, with wrong tokens and wrong ids.

A new route is in here the moment it exists; nobody can forget it (T1, T2, T10).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.test import TestCase, override_settings
from drf_spectacular.generators import SchemaGenerator

from apps.accounts.facade import issue_tokens
from apps.accounts.services.change_status import change_status
from apps.accounts.services.revoke_sessions import revoke_sessions
from apps.common.stores import PUBLIC as PLATFORM
from apps.common.stores import enter_store
from apps.events.models import Event
from tests.isolation.world import Side
from tests.support.client import StoreClient
from tests.support.people import make_user

# What anybody may call without a token, by design (DESIGN 7).
PUBLIC = {
    ("get", "/api/v1/products"),
    ("get", "/api/v1/products/{key}"),
    ("get", "/api/v1/products/{key}/inventory"),
    ("get", "/api/v1/categories"),
    ("get", "/api/v1/vendors"),
    ("get", "/api/v1/campaigns"),
    ("get", "/api/v1/campaigns/{campaign_id}"),
    ("get", "/api/v1/tracking/{tracking_number}"),
    ("post", "/api/v1/auth/register"),
    ("post", "/api/v1/auth/login"),
    ("post", "/api/v1/auth/email/verify"),
    ("post", "/api/v1/auth/password/reset"),
    ("post", "/api/v1/auth/password/confirm"),
    ("post", "/api/v1/auth/refresh"),
    ("post", "/api/v1/auth/logout"),
    ("post", "/api/v1/auth/invitations/accept"),
    ("post", "/api/v1/auth/mfa/send"),
    ("post", "/api/v1/auth/mfa/verify"),
    ("post", "/api/v1/orders"),
    ("post", "/api/v1/payments"),
    ("post", "/api/v1/webhooks/stripe"),
    ("post", "/api/v1/webhooks/sandbox"),
}
# Of these, the ones that never look at a token: their answer is the same bytes for everybody.
BLIND = PUBLIC - {
    ("get", "/api/v1/campaigns"),
    ("get", "/api/v1/campaigns/{campaign_id}"),
    ("post", "/api/v1/auth/logout"),
    ("post", "/api/v1/orders"),
    ("post", "/api/v1/payments"),
}
_PARAMETER = re.compile(r"\{(\w+)\}")


@cache
def operations(urlconf: str = "config.urls_store") -> list[tuple[str, str]]:
    """(method, path) of every operation of a host's API."""
    schema: dict[str, Any] = SchemaGenerator(urlconf=urlconf).get_schema(public=True)
    return [
        (method, path)
        for path, item in schema["paths"].items()
        if path.startswith("/api/v1/")
        for method in item
        if method in {"get", "post", "put", "patch", "delete"}
    ]


def fillings(path: str, side: Side) -> Iterator[str]:
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


def send(client: StoreClient, method: str, path: str) -> Any:
    if method == "get":
        return client.get(path)
    return getattr(client, method)(path, {}, format="json")


def wrong_token(kind: str, acme_side: Side, globex_side: Side) -> str:
    """A bearer token that acme must not take, however real it looks."""
    if kind == "of another store":
        with enter_store(globex_side.store):
            return issue_tokens(globex_side.owner.id).access
    if kind == "of the platform":
        with enter_store(PLATFORM):
            return issue_tokens(make_user("operator").id).access
    lifetime = {"ACCESS_TOKEN_MINUTES": -1} if kind == "expired" else {}
    with enter_store(acme_side.store), override_settings(**lifetime):
        owner = make_user("owner")
        pair = issue_tokens(owner.id)
        if kind == "of a suspended user":
            with TestCase.captureOnCommitCallbacks(execute=True):
                change_status(user_id=owner.pk, status="suspended")
        if kind == "of an ended session":
            with TestCase.captureOnCommitCallbacks(execute=True):
                revoke_sessions(user_id=owner.pk)
    return {"for refreshing": pair.refresh, "malformed": f"{pair.access}x"}.get(kind, pair.access)


WRONG_TOKENS = [
    "of another store",
    "of the platform",
    "of a suspended user",
    "of an ended session",
    "expired",
    "for refreshing",
    "malformed",
]


@pytest.mark.covers("T1", "T2", "T14", "T16", "TEN-01", "TEN-02", "ORD-18", "INV-13")
@pytest.mark.parametrize("kind", WRONG_TOKENS)
def test_every_endpoint_answers_401_to_a_token(
    kind: str, acme_side: Side, globex_side: Side
) -> None:
    token = wrong_token(kind, acme_side, globex_side)
    with enter_store(acme_side.store):
        before = Event.objects.count()
    intruder = acme_side.client()
    intruder.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    answers = {
        (method, path): send(intruder, method, next(fillings(path, acme_side)))
        for method, path in operations()
    }

    assert len(answers) > 60
    for (method, path), response in answers.items():
        assert globex_side.canary not in response.content.decode(), (method, path)
        if (method, path) not in BLIND:
            assert response.status_code == 401, (method, path, response.content[:200])
            assert response.json()["status"] == 401
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
        for filled in fillings(path, globex_side):
            response = send(owner, method, filled)
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
        for filled in fillings(path, acme_side):
            response = send(client, method, filled)
            assert acme_side.canary not in response.content.decode(), (method, filled)
            assert response.status_code < 500, (method, filled)
            if _PARAMETER.search(path):
                assert response.status_code in {400, 403, 404, 405, 422}, (method, filled)


@pytest.mark.covers("T12", "T1")
def test_without_a_token_only_what_is_public_answers(acme_side: Side) -> None:
    anonymous = acme_side.client()

    for method, path in operations():
        response = send(anonymous, method, next(fillings(path, acme_side)))
        if (method, path) not in PUBLIC:
            assert response.status_code == 401, (method, path)


@pytest.mark.covers("T1", "TEN-01")
def test_both_stores_hold_the_same_names_for_different_things(
    acme_side: Side, globex_side: Side
) -> None:
    assert acme_side.customer.email == globex_side.customer.email
    assert acme_side.ids["order"] != globex_side.ids["order"]
