"""What a token is worth, and where."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from uuid import uuid4

import jwt
import pytest

from apps.accounts import tokens
from apps.accounts.facade import issue_tokens
from apps.accounts.models import Session, User
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from tests.support.client import StoreClient
from tests.support.people import make_user

VERIFY = "/api/v1/auth/verify"


def verify(client: Any, token: str, **headers: str) -> Any:
    return client.get(VERIFY, HTTP_AUTHORIZATION=f"Bearer {token}", **headers)


def twin(user: User, session: Session, store: StoreRef) -> None:
    """The same user and session, by the same ids, in another schema."""
    with enter_store(store):
        copy = User.objects.create(id=user.id, email=user.email, role=user.role)
        Session.objects.create(
            id=session.id, user=copy, refresh_id=session.refresh_id, expires_at=session.expires_at
        )


@pytest.mark.covers("ACC-04", "ACC-09")
def test_verify_answers_the_claims_of_the_token(api: Any, acme: StoreRef) -> None:
    user = make_user("editor")

    answer = api(user).get(VERIFY)

    assert answer.status_code == 200
    claims = answer.json()
    session = Session.objects.get()
    assert {**claims, "jti": "", "iat": 0, "exp": 0} == {
        "sub": str(user.id),
        "sid": str(session.id),
        "jti": "",
        "typ": "access",
        "iss": "fusioncommerce",
        "aud": str(acme.id),
        "store": "acme",
        "store_id": str(acme.id),
        "role": "editor",
        "permissions": [
            "campaigns.write",
            "inventory.read",
            "inventory.write",
            "products.read",
            "products.write",
        ],
        "iat": 0,
        "exp": 0,
    }
    assert abs(claims["iat"] - time.time()) < 5
    assert claims["exp"] - claims["iat"] == 900


@pytest.mark.covers("TEN-01", "ACC-09")
def test_a_token_of_one_store_is_refused_in_another_with_the_same_ids(
    api: Any, acme: StoreRef, globex: StoreRef
) -> None:
    user = make_user("owner")
    pair = issue_tokens(user.id)
    twin(user, Session.objects.get(), globex)

    assert verify(api(), pair.access).status_code == 200
    for answer in (
        verify(api(store=globex), pair.access),
        api(store=globex).get("/api/v1/users", HTTP_AUTHORIZATION=f"Bearer {pair.access}"),
        api(store=globex).post("/api/v1/auth/refresh", {"refresh": pair.refresh}),
    ):
        assert answer.status_code == 401
        assert answer.json()["code"] == "invalid_token"


@pytest.mark.covers("TEN-01")
def test_a_token_of_a_store_is_refused_at_the_platform_and_the_other_way_round(
    api: Any, acme: StoreRef
) -> None:
    user = make_user("owner")
    pair = issue_tokens(user.id)
    with enter_store(PUBLIC):
        operator = make_user("operator")
        operators = issue_tokens(operator.id)
        copy = User.objects.create(id=user.id, email="twin@example.com", role="operator")
        Session.objects.create(
            user=copy, refresh_id=uuid4(), expires_at=Session.objects.get().expires_at
        )
    platform = StoreClient(PUBLIC)

    there = verify(platform, pair.access, HTTP_HOST="platform.localhost")
    home = verify(platform, operators.access, HTTP_HOST="platform.localhost")
    abroad = verify(api(), operators.access)

    assert (there.status_code, home.status_code, abroad.status_code) == (401, 200, 401)


@pytest.mark.covers("TEN-01", "TEN-04")
def test_without_a_host_of_its_own_the_token_names_the_store(
    api: Any, acme: StoreRef, globex: StoreRef
) -> None:
    pair = issue_tokens(make_user().id)

    routed = verify(api(), pair.access, HTTP_HOST="localhost")
    contradicted = verify(api(), pair.access, HTTP_HOST="localhost", HTTP_X_STORE="globex")

    assert routed.status_code == 200
    assert routed.json()["store"] == "acme"
    assert contradicted.status_code == 401


def _forged(claims: dict[str, Any], algorithm: str) -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims)}."


@pytest.mark.covers("ACC-06", "SEC-08")
def test_unsigned_and_foreign_tokens_are_refused(api: Any) -> None:
    good = issue_tokens(make_user("owner").id).access
    claims = jwt.decode(good, options={"verify_signature": False})
    head, body, signature = good.split(".")
    bad = [
        _forged(claims, "none"),
        _forged(claims, "None"),
        _forged(claims, "RS256"),
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        jwt.encode(claims, "k" * 64, algorithm="HS256"),
        jwt.encode(claims, "k" * 64, algorithm="HS512"),
        jwt.encode(claims, "k" * 64, algorithm="HS256", headers={"kid": "../../dev/null"}),
        "",
        "a.b.c",
        good + "x" * 9_000,
    ]

    assert verify(api(), good).status_code == 200
    for token in bad:
        answer = verify(api(), token)
        assert answer.status_code == 401, token[:80]
        assert answer.json()["code"] == "invalid_token"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.covers("ACC-05")
def test_an_expired_token_is_refused(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()
    real = time.time
    monkeypatch.setattr(tokens.time, "time", lambda: real() - 15 * 60 - 1)
    access = issue_tokens(user.id).access
    monkeypatch.undo()

    assert verify(api(), access).status_code == 401


@pytest.mark.covers("ACC-06")
def test_a_refresh_token_opens_nothing(api: Any) -> None:
    assert verify(api(), issue_tokens(make_user().id).refresh).status_code == 401


@pytest.mark.covers("ACC-16", "ACC-22")
@pytest.mark.parametrize("status", ["suspended", "deactivated"])
def test_who_may_not_sign_in_any_more_is_out_with_the_next_request(api: Any, status: str) -> None:
    user = make_user()
    client = api(user)
    assert client.get(VERIFY).status_code == 200

    User.objects.filter(pk=user.pk).update(status=status)

    assert client.get(VERIFY).status_code == 401


@pytest.mark.covers("ACC-22")
@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic YTpi", "Token abc", "bearer a b"])
def test_a_missing_or_wrong_header_is_a_401_that_says_how(api: Any, header: str | None) -> None:
    headers = {} if header is None else {"HTTP_AUTHORIZATION": header}

    answer = api().get(VERIFY, **headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.covers("ACC-10", "ACC-22")
def test_a_changed_role_counts_at_once_whatever_the_token_says(api: Any) -> None:
    user = make_user("owner")
    client = api(user)
    assert client.get("/api/v1/users").status_code == 200

    User.objects.filter(pk=user.pk).update(role="customer")

    assert client.get("/api/v1/users").status_code == 403


@pytest.mark.covers("ACC-22")
def test_authentication_costs_one_query(api: Any, django_assert_max_num_queries: Any) -> None:
    client = api(make_user())
    client.get(VERIFY)

    with django_assert_max_num_queries(2):
        client.get(VERIFY)


@pytest.mark.covers("SEC-11", "TEN-01")
def test_every_store_signs_with_a_key_of_its_own(acme: StoreRef, globex: StoreRef) -> None:
    secret = "s" * 50

    keys = {
        tokens._backend(acme.id, secret).signing_key,
        tokens._backend(globex.id, secret).signing_key,
        tokens._backend(acme.id, "t" * 50).signing_key,
    }

    assert len(keys) == 3
    assert secret not in keys
