"""API2:2023 Broken authentication: forged tokens, replayed links, guesses, codes used twice."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import TestCase

from apps.accounts import mfa
from apps.accounts.facade import issue_tokens
from apps.accounts.models import Session
from apps.accounts.services.turn_on_mfa import confirm_totp, enrol_totp
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from tests.accounts.mailbox import token
from tests.flows.owasp import API, operations, path_of, send
from tests.isolation.world import Side, build
from tests.support.client import StoreClient
from tests.support.people import PASSWORD, make_user
from tests.support.work import drain_all

AUTH = f"{API}/auth"
NEW = "Another-fine-8-password"


@pytest.fixture
def side(acme: StoreRef) -> Side:
    """A store with a row of everything."""
    return build(acme)


def _part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def forged(kind: str, good: str, jwks: Any) -> str:
    """A token that says what `good` says, made without the store's private key."""
    claims = jwt.decode(good, options={"verify_signature": False})
    head = jwt.get_unverified_header(good)
    body, mine = _part(claims), Ed25519PrivateKey.generate()
    if kind.startswith("none"):
        return f"{_part({**head, 'alg': kind.partition(' ')[2] or 'none'})}.{body}."
    if kind == "HS256 with the published key":
        key = base64.urlsafe_b64decode(jwks["keys"][0]["x"] + "=")
        text = f"{_part({**head, 'alg': 'HS256'})}.{body}"
        return f"{text}.{_part(hmac.new(key, text.encode(), hashlib.sha256).digest())}"
    extra = {
        "own key by jku": {"jku": "https://evil.example/jwks.json"},
        "own key by jwk": {
            "jwk": {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": _part(mine.public_key().public_bytes_raw()),
            }
        },
        "kid a path": {"kid": "../../../../dev/null"},
        "own key": {},
    }[kind]
    text = f"{_part({**head, **extra})}.{body}"
    return f"{text}.{_part(mine.sign(text.encode()))}"


FORGERIES = [
    "none",
    "none NONE",
    "none nOnE",
    "HS256 with the published key",
    "own key by jku",
    "own key by jwk",
    "own key",
    "kid a path",
]


@pytest.mark.covers("T14", "ACC-06", "SEC-08")
@pytest.mark.parametrize("kind", FORGERIES)
def test_api2_a_forged_token_opens_no_operation(side: Side, kind: str) -> None:
    with enter_store(side.store):
        good = issue_tokens(side.owner.id).access
    jwks = side.client().get("/.well-known/jwks.json").json()
    client = side.client()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {forged(kind, good, jwks)}")

    for operation in operations():
        if operation.is_open:
            continue
        answer = send(client, operation.method, path_of(operation, side))
        where = (operation.method, operation.path, answer.content[:200])
        assert answer.status_code == 401, where
        assert side.canary not in answer.content.decode(), where
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {good}")
    assert client.get(f"{AUTH}/verify").status_code == 200


@pytest.mark.covers("T2", "T14", "TEN-01")
def test_api2_a_stores_token_is_nothing_at_another_store_nor_at_the_platform_host(
    side: Side, globex: StoreRef
) -> None:
    """Also where the user's id, session and role are the same over there (T2)."""
    with enter_store(side.store):
        pair = issue_tokens(side.owner.id)
        claims = jwt.decode(pair.access, options={"verify_signature": False})
        session = Session.objects.get(pk=claims["sid"])
    for elsewhere in (globex, PUBLIC):
        with enter_store(elsewhere):
            twin = make_user("owner" if elsewhere is globex else "operator", id=side.owner.id)
            Session.objects.create(
                pk=session.pk,
                user=twin,
                refresh_id=session.refresh_id,
                expires_at=session.expires_at,
            )
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {pair.access}"}

    for host in (globex.domain, "platform.localhost"):
        for path in ("auth/verify", "users/me", "auth/sessions", "stores", "users"):
            answer = StoreClient(side.store).get(f"{API}/{path}", HTTP_HOST=host, **bearer)
            assert answer.status_code in {401, 404}, (host, path)
            assert side.canary not in answer.content.decode()
        refreshed = StoreClient(side.store).post(
            f"{AUTH}/refresh", {"refresh": pair.refresh}, format="json", HTTP_HOST=host
        )
        assert refreshed.status_code == 401, host
        admin = StoreClient(side.store).get("/admin/", HTTP_HOST=host, **bearer)
        assert admin.status_code == 302, host
    here = StoreClient(side.store).get(f"{AUTH}/verify", **bearer)
    assert here.status_code == 200


@pytest.mark.covers("T14", "ACC-03", "C-13")
def test_api2_a_replayed_refresh_token_ends_the_whole_family(api: Any) -> None:
    user = make_user(email="ada@example.com")
    first = api().post(f"{AUTH}/login", {"email": user.email, "password": PASSWORD}).json()
    second = api().post(f"{AUTH}/refresh", {"refresh": first["refresh"]}).json()
    thiefs = StoreClient(api().store)
    thiefs.credentials(HTTP_AUTHORIZATION=f"Bearer {second['access']}")
    assert thiefs.get(f"{AUTH}/verify").status_code == 200

    replayed = api().post(f"{AUTH}/refresh", {"refresh": first["refresh"]})

    assert replayed.status_code == 401
    assert api().post(f"{AUTH}/refresh", {"refresh": second["refresh"]}).status_code == 401
    assert thiefs.get(f"{AUTH}/verify").status_code == 401
    assert not Session.objects.filter(revoked_at=None).exists()


@pytest.mark.covers("T15", "ACC-23", "C-13")
def test_api2_a_replayed_reset_link_changes_nothing(api: Any) -> None:
    user = make_user(email="ada@example.com")
    api().post(f"{AUTH}/password/reset", {"email": user.email})
    drain_all()
    link = token("reset_password")
    used = api().post(f"{AUTH}/password/confirm", {"token": link, "password": NEW})

    replayed = api().post(f"{AUTH}/password/confirm", {"token": link, "password": PASSWORD})

    assert (used.status_code, replayed.status_code) == (204, 422)
    assert replayed.json()["code"] == "invalid_link"
    signed_in = [
        api().post(f"{AUTH}/login", {"email": user.email, "password": word}).status_code
        for word in (NEW, PASSWORD)
    ]
    assert signed_in == [200, 401]


@pytest.mark.covers("ACC-20", "C-13")
def test_api2_a_code_of_the_second_step_is_taken_once(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 60_000_000
    monkeypatch.setattr(mfa, "present_step", lambda: now)
    user = make_user(email="ada@example.com")
    secret = enrol_totp(user_id=user.pk).secret
    backups = confirm_totp(user_id=user.pk, code=pyotp.TOTP(secret).generate_otp(now - 1))
    code = pyotp.TOTP(secret).generate_otp(now)

    def enter(method: str, code: str) -> int:
        """Sign in from the beginning: another challenge each time."""
        asked = api().post(f"{AUTH}/login", {"email": user.email, "password": PASSWORD}).json()
        body = {"mfa_token": asked["mfa_token"], "method": method, "code": code}
        return int(api().post(f"{AUTH}/mfa/verify", body).status_code)

    assert [enter("totp", code), enter("totp", code)] == [200, 401]
    assert [enter("backup", backups[0]), enter("backup", backups[0])] == [200, 401]


@pytest.mark.covers("T15", "ACC-21")
def test_api2_guessing_a_password_is_stopped_by_the_tenth_try(api: Any) -> None:
    user = make_user(email="ada@example.com")

    def guess(number: int) -> int:
        # Each from another address: the account itself is what is guarded.
        body = {"email": user.email, "password": f"Guess-{number}-x"}
        address = f"203.0.113.{number}"
        return int(api().post(f"{AUTH}/login", body, REMOTE_ADDR=address).status_code)

    answers = [guess(number) for number in range(1, 101)]

    assert answers[:10] == [401] * 10
    assert set(answers[10:]) == {429}


@pytest.mark.covers("T14", "T16", "ACC-08")
@pytest.mark.parametrize("end", ["logout", "password", "suspended", "role"])
def test_api2_a_token_whose_rights_ended_is_refused_by_the_very_next_call(
    api: Any, end: str
) -> None:
    from apps.accounts.services.change_member import change_member
    from apps.accounts.services.change_status import change_status

    user = make_user("support", email="ada@example.com")
    owner = make_user("owner")
    client = api(user)
    assert client.get(f"{AUTH}/verify").status_code == 200

    with TestCase.captureOnCommitCallbacks(execute=True):
        if end == "logout":
            assert client.post(f"{AUTH}/logout", {}).status_code == 204
        if end == "password":
            body = {"current": PASSWORD, "new": NEW}
            assert client.post(f"{AUTH}/password/change", body).status_code == 204
        if end == "suspended":
            change_status(user_id=user.pk, status="suspended")
        if end == "role":
            change_member(by=owner, user_id=user.pk, role="analyst")

    assert client.get(f"{AUTH}/verify").status_code == 401
