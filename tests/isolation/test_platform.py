"""The operators' host: nobody of a store gets in, and no operator's token opens a store."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.facade import issue_tokens
from apps.common.stores import PUBLIC, enter_store
from tests.isolation.test_matrix import fillings, operations, send
from tests.isolation.world import Side
from tests.support.client import StoreClient
from tests.support.people import make_user

URLCONF = "config.urls_platform"
OPEN = {("post", f"/api/v1/auth/{name}") for name in ("login", "refresh", "mfa/verify")}


def platform_client(token: str | None = None) -> StoreClient:
    client = StoreClient(PUBLIC)
    client.defaults["HTTP_HOST"] = "platform.localhost"
    if token is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def answers(client: StoreClient, side: Side) -> dict[tuple[str, str], Any]:
    return {
        (method, path): send(client, method, next(fillings(path, side)))
        for method, path in operations(URLCONF)
    }


@pytest.mark.covers("T1", "T2", "TEN-01", "TEN-03")
@pytest.mark.parametrize("role", ["owner", "admin", "customer"])
def test_a_stores_people_are_strangers_on_the_platform(acme_side: Side, role: str) -> None:
    with enter_store(acme_side.store):
        token = issue_tokens(make_user(role).id).access

    found = answers(platform_client(token), acme_side)

    assert len(found) > 20
    for operation, response in found.items():
        assert acme_side.canary not in response.content.decode(), operation
        if operation not in OPEN:
            assert response.status_code == 401, (operation, response.content)


@pytest.mark.covers("T1", "T12", "TEN-03")
def test_the_platform_answers_nobody_who_has_no_token(acme_side: Side) -> None:
    for operation, response in answers(platform_client(), acme_side).items():
        if operation in OPEN:
            assert response.status_code == 400, operation
        elif operation != ("post", "/api/v1/auth/logout"):
            assert response.status_code == 401, operation


@pytest.mark.covers("T12", "ACC-10", "TEN-03")
def test_platform_support_sees_stores_and_changes_none(acme_side: Side) -> None:
    with enter_store(PUBLIC):
        token = issue_tokens(make_user("platform_support").id).access
    client = platform_client(token)

    assert client.get("/api/v1/stores").status_code == 200
    created = client.post("/api/v1/stores", {"slug": "new", "name": "New"})
    assert created.status_code == 403
    assert client.patch("/api/v1/stores/acme", {"name": "Mine"}).status_code == 403


@pytest.mark.covers("T1", "TEN-03")
def test_the_stores_own_paths_do_not_exist_on_the_platform(acme_side: Side) -> None:
    with enter_store(PUBLIC):
        token = issue_tokens(make_user("operator").id).access
    client = platform_client(token)
    own = {path for _, path in operations(URLCONF)}

    for method, path in operations():
        if path not in own and not path.startswith("/api/v1/stores"):
            response = send(client, method, next(fillings(path, acme_side)))
            assert response.status_code == 404 or path.startswith("/api/v1/users/"), (method, path)
            assert acme_side.canary not in response.content.decode()
