"""What a token is worth, and where."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import CommandError, call_command

from apps.accounts import tokens
from apps.accounts.errors import InvalidToken
from apps.accounts.facade import issue_tokens
from apps.accounts.models import Session, SigningKey, User
from apps.accounts.services.change_status import change_status
from apps.accounts.services.change_user import change_user
from apps.accounts.services.rotate_signing_key import ensure_signing_keys, rotate_signing_key
from apps.accounts.services.rotate_tokens import rotate_tokens
from apps.accounts.tokens import keyring
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from tests.support.client import StoreClient, forget_tokens
from tests.support.people import make_user
from tests.support.work import at_once

VERIFY = "/api/v1/auth/verify"
JWKS = "/.well-known/jwks.json"


def verify(client: Any, token: str, **headers: str) -> Any:
    return client.get(VERIFY, HTTP_AUTHORIZATION=f"Bearer {token}", **headers)


def twin(user: User, session: Session, store: StoreRef) -> None:
    """The same user and session, by the same ids, in another schema."""
    with enter_store(store):
        role = "operator" if store.is_public else user.role
        copy = User.objects.create(id=user.id, email=user.email, role=role)
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
    assert {**claims, "jti": "", "iat": 0, "nbf": 0, "exp": 0} == {
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
            "promotions.read",
            "promotions.write",
            "vendors.review",
        ],
        "iat": 0,
        "nbf": 0,
        "exp": 0,
    }
    assert abs(claims["iat"] - time.time()) < 5
    assert claims["exp"] - claims["iat"] == 900
    assert claims["iat"] - claims["nbf"] == 5


@pytest.mark.covers("ACC-09", "SEC-04")
def test_a_token_names_a_vendors_vendor_and_nothing_personal(api: Any) -> None:
    vendor = uuid4()
    person = {"email": "zoe@example.com", "first_name": "Zoe", "phone": "+4930123"}
    user = make_user("vendor_owner", vendor_id=vendor, **person)

    pair = issue_tokens(user.id)

    assert verify(api(), pair.access).json()["vendor_id"] == str(vendor)
    for token in (pair.access, pair.refresh):
        text = json.dumps(jwt.decode(token, options={"verify_signature": False}))
        assert not any(word in text for word in ("zoe", "Zoe", "example.com", "+4930123"))


# --- Other stores (T2) --------------------------------------------------------------------------


@pytest.mark.covers("T2", "TEN-01", "ACC-09")
def test_a_token_of_one_store_is_refused_on_every_kind_of_host_with_the_same_ids(
    api: Any, acme: StoreRef, globex: StoreRef
) -> None:
    user = make_user("owner")
    pair = issue_tokens(user.id)
    for elsewhere in (globex, PUBLIC):
        twin(user, Session.objects.get(), elsewhere)
    own, other = api(), api(store=globex)

    assert verify(own, pair.access).status_code == 200
    for answer in (
        verify(other, pair.access),
        verify(own, pair.access, HTTP_HOST="globex.localhost"),
        verify(own, pair.access, HTTP_HOST="platform.localhost"),
        verify(own, pair.access, HTTP_HOST="localhost", HTTP_X_STORE="globex"),
        own.get(
            "/api/v1/stores/globex/auth/verify",
            HTTP_HOST="localhost",
            HTTP_AUTHORIZATION=f"Bearer {pair.access}",
        ),
        other.get("/api/v1/users", HTTP_AUTHORIZATION=f"Bearer {pair.access}"),
        other.get(VERIFY, HTTP_COOKIE=f"fusion_access={pair.access}"),
        other.post("/api/v1/auth/refresh", {"refresh": pair.refresh}),
        other.post("/api/v1/auth/logout", {"refresh": pair.refresh}),
    ):
        assert answer.status_code == 401
        assert answer.json()["code"] == "invalid_token"


@pytest.mark.covers("T2", "TEN-01")
def test_an_operators_token_opens_no_store(api: Any) -> None:
    with enter_store(PUBLIC):
        operator = issue_tokens(make_user("operator").id)
    platform = StoreClient(PUBLIC)

    home = verify(platform, operator.access, HTTP_HOST="platform.localhost")
    abroad = verify(api(), operator.access)

    assert (home.status_code, abroad.status_code) == (200, 401)


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


# --- Forgeries (T14) ----------------------------------------------------------------------------


def _part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unsigned(head: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{_part(head)}.{_part(claims)}."


def _hs256(head: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """By hand: libraries refuse to take a public key for a secret."""
    text = f"{_part({**head, 'alg': 'HS256'})}.{_part(claims)}"
    return f"{text}.{_part(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def _eddsa(head: dict[str, Any], claims: dict[str, Any], key: Any = None) -> str:
    """Signed with the store's own private key, unless with another one."""
    private = key or keyring.opened(keyring.read_ring().sealed)
    text = f"{_part(head)}.{_part(claims)}"
    return f"{text}.{_part(private.sign(text.encode()))}"


@pytest.mark.covers("T14", "ACC-06", "SEC-08")
def test_a_token_with_another_algorithm_key_or_header_is_refused(
    api: Any, globex: StoreRef
) -> None:
    good = issue_tokens(make_user("owner").id).access
    claims = jwt.decode(good, options={"verify_signature": False})
    head = jwt.get_unverified_header(good)
    public = keyring.known_ring().verifiers[head["kid"]]
    pem = public.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    mine = Ed25519PrivateKey.generate()
    my_ec = ec.generate_private_key(ec.SECP256R1())
    my_rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with enter_store(globex):
        foreign = keyring.read_ring()
        foreign_key = keyring.opened(foreign.sealed)
    own_jwk = {"kty": "OKP", "crv": "Ed25519", "x": _part(mine.public_key().public_bytes_raw())}
    start, body, signature = good.split(".")
    bad = {
        "none": _unsigned({**head, "alg": "none"}, claims),
        "None": _unsigned({**head, "alg": "None"}, claims),
        "no signature": f"{start}.{body}.",
        "another signature": f"{start}.{body}.{_part(bytes(64))}",
        "another body": f"{start}.{_part({**claims, 'role': 'admin'})}.{signature}",
        "HS256 with the public key's text": _hs256(head, claims, public.encoded.encode()),
        "HS256 with its bytes": _hs256(head, claims, public.key.public_bytes_raw()),
        "HS256 with its PEM": _hs256(head, claims, pem),
        "RS256": jwt.encode(claims, my_rsa, algorithm="RS256", headers={"kid": head["kid"]}),
        "ES256": jwt.encode(claims, my_ec, algorithm="ES256", headers={"kid": head["kid"]}),
        "alg in lower case": _eddsa({**head, "alg": "eddsa"}, claims),
        "alg a list": _eddsa({**head, "alg": ["EdDSA"]}, claims),
        "another key by our name": _eddsa(head, claims, mine),
        "another store's key": _eddsa({**head, "kid": foreign.signing_kid}, claims, foreign_key),
        "jwk": _eddsa({**head, "jwk": own_jwk}, claims, mine),
        "jku": _eddsa({**head, "jku": "https://evil.example/jwks.json"}, claims),
        "x5u": _eddsa({**head, "x5u": "https://evil.example/cert.pem"}, claims),
        "x5c": _eddsa({**head, "x5c": ["MIIB"]}, claims),
        "crit": _eddsa({**head, "crit": ["exp"]}, claims),
        "b64": _eddsa({**head, "b64": True}, claims),
        "no kid": _eddsa({"alg": "EdDSA", "typ": "JWT"}, claims),
        "kid a path": _eddsa({**head, "kid": "../../../../dev/null"}, claims),
        "kid in SQL": _eddsa({**head, "kid": "' OR 1=1 --"}, claims),
        "kid a list": _eddsa({**head, "kid": [head["kid"]]}, claims),
        "kid a dictionary": _eddsa({**head, "kid": {"kid": head["kid"]}}, claims),
        "kid null": _eddsa({**head, "kid": None}, claims),
        "kid in upper case": _eddsa({**head, "kid": head["kid"].upper()}, claims),
        "a header that is a list": f"{_part([head])}.{body}.{signature}",
        "a body that is a list": _eddsa(head, [claims]),  # type: ignore[arg-type]
        "empty": "",
        "dots": "a.b.c",
        "five parts": good + ".x.y",
        "long": good + "x" * 9_000,
    }

    assert verify(api(), _eddsa(head, claims)).status_code == 200
    for name, token in bad.items():
        answer = verify(api(), token)
        assert answer.status_code == 401, name
        assert answer.json()["code"] == "invalid_token", name
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.covers("T14", "ACC-05", "ACC-06")
def test_a_token_that_says_what_it_must_not_is_refused_whoever_signed_it(
    api: Any, globex: StoreRef
) -> None:
    pair = issue_tokens(make_user("owner").id)
    claims = jwt.decode(pair.access, options={"verify_signature": False})
    head = jwt.get_unverified_header(pair.access)
    now = int(time.time())
    changes: dict[str, dict[str, Any]] = {
        "expired a second ago": {"exp": now - 1},
        "valid from the future on": {"nbf": now + 60},
        "another audience": {"aud": str(globex.id)},
        "an audience among others": {"aud": [str(globex.id)]},
        "another issuer": {"iss": "somebody"},
        "another store": {"store_id": str(globex.id)},
        "a refresh token": {"typ": "refresh"},
        "another kind": {"typ": "mfa"},
        "nobody": {"sub": "nobody"},
        "no session": {"sid": None},
        "exp as text": {"exp": "tomorrow"},
        "permissions as a number": {"permissions": 7},
        "a vendor that is none": {"vendor_id": "northwind"},
    }

    assert verify(api(), _eddsa(head, claims)).status_code == 200
    for name, change in changes.items():
        assert verify(api(), _eddsa(head, {**claims, **change})).status_code == 401, name
    for name in ("sub", "sid", "jti", "typ", "iss", "aud", "iat", "nbf", "exp", "store_id"):
        rest = {key: value for key, value in claims.items() if key != name}
        assert verify(api(), _eddsa(head, rest)).status_code == 401, name
    assert verify(api(), pair.refresh).status_code == 401


@pytest.mark.covers("ACC-05")
def test_a_token_that_was_valid_stops_when_it_expires(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = issue_tokens(make_user().id).access
    assert verify(api(), access).status_code == 200
    real = time.time

    monkeypatch.setattr(time, "time", lambda: real() + 15 * 60 + 1)

    assert verify(api(), access).status_code == 401


@pytest.mark.covers("ACC-22")
@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic YTpi", "Token abc", "bearer a b"])
def test_a_missing_or_wrong_header_is_a_401_that_says_how(api: Any, header: str | None) -> None:
    headers = {} if header is None else {"HTTP_AUTHORIZATION": header}

    answer = api().get(VERIFY, **headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.headers["Content-Type"] == "application/problem+json"


# --- Rights that changed (T14, T16) -------------------------------------------------------------


@pytest.mark.covers("ACC-16", "ACC-22", "T14", "T16")
@pytest.mark.parametrize(
    "change",
    [
        lambda user: change_status(user_id=user.pk, status="suspended"),
        lambda user: change_status(user_id=user.pk, status="deactivated"),
        lambda user: change_user(user_id=user.pk, values={"role": "customer"}),
        lambda user: change_user(user_id=user.pk, values={"role": "owner"}),
    ],
    ids=["suspended", "deactivated", "fewer rights", "more rights"],
)
def test_changed_rights_end_the_session_with_the_next_request(
    api: Any, change: Callable[[Any], Any], django_capture_on_commit_callbacks: Any
) -> None:
    user = make_user("editor")
    pair = issue_tokens(user.id)
    assert verify(api(), pair.access).status_code == 200

    with django_capture_on_commit_callbacks(execute=True):
        change(user)
    refused = verify(api(), pair.access)

    assert refused.status_code == 401
    assert refused.json()["code"] == "invalid_token"
    refreshed = api().post("/api/v1/auth/refresh", {"refresh": pair.refresh})
    assert refreshed.status_code == 401


@pytest.mark.covers("ACC-16")
def test_a_change_that_is_rolled_back_ends_nothing(
    api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    from django.db import transaction

    user = make_user("editor")
    access = issue_tokens(user.id).access

    with django_capture_on_commit_callbacks(execute=True):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            change_status(user_id=user.pk, status="suspended")
            raise ZeroDivisionError

    assert verify(api(), access).status_code == 200


# --- Keys (ACC-04, SEC-11) ----------------------------------------------------------------------


def keys_of(client: Any) -> list[dict[str, str]]:
    return list(client.get(JWKS).json()["keys"])


def verified_outside(token: str, keys: list[dict[str, str]], store: StoreRef) -> dict[str, Any]:
    """As somebody does who has nothing but the published keys."""
    chosen = {key["kid"]: key for key in keys}[jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, Any] = jwt.decode(
        token, jwt.PyJWK(chosen), algorithms=["EdDSA"], audience=str(store.id)
    )
    return claims


@pytest.mark.covers("ACC-04", "TEN-01")
def test_each_host_publishes_the_keys_of_its_own_store(
    api: Any, acme: StoreRef, globex: StoreRef
) -> None:
    user = make_user()
    access = issue_tokens(user.id).access

    answer = api().get(JWKS)
    others = keys_of(api(store=globex))

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    keys = answer.json()["keys"]
    assert len(keys) == 2
    assert all(
        {**key, "x": "", "kid": ""}
        == {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "x": "", "kid": ""}
        for key in keys
    )
    assert verified_outside(access, keys, acme)["sub"] == str(user.id)
    assert {key["x"] for key in keys}.isdisjoint(key["x"] for key in others)
    assert len(others) == 2


@pytest.mark.covers("ACC-04", "TEN-03")
def test_the_platform_has_keys_of_its_own_from_the_first_sign_in_on(db: None) -> None:
    platform = StoreClient(PUBLIC)
    platform.defaults["HTTP_HOST"] = "platform.localhost"
    with enter_store(PUBLIC):
        access = issue_tokens(make_user("operator").id).access

    keys = keys_of(platform)

    assert len(keys) == 2
    assert verified_outside(access, keys, PUBLIC)["store"] == "platform"


@pytest.mark.covers("SEC-03", "SEC-11")
def test_private_keys_are_encrypted_and_open_in_their_own_store_alone(
    store: StoreRef, globex: StoreRef
) -> None:
    from apps.common.crypto import DecryptionError

    row = SigningKey.objects.get(stage="active")

    raw = keyring.opened(row.private_key).private_bytes_raw()
    assert base64.urlsafe_b64encode(raw).decode().rstrip("=") not in row.private_key
    with enter_store(globex), pytest.raises(DecryptionError):
        keyring.opened(row.private_key)


@pytest.mark.covers("ACC-04", "SEC-11", "MOON-10")
def test_rotation_goes_unnoticed_and_a_retired_key_ends_with_its_last_token(
    api: Any,
    acme: StoreRef,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    before = keys_of(api())
    old = issue_tokens(make_user().id)
    first = keyring.read_ring().signing_kid

    with django_capture_on_commit_callbacks(execute=True):
        second = rotate_signing_key()
    new = issue_tokens(make_user().id)

    after = keys_of(api())
    assert second in {key["kid"] for key in before}
    assert first in {key["kid"] for key in after}
    assert len(after) == 3
    assert jwt.get_unverified_header(new.access)["kid"] == second
    assert verified_outside(new.access, before, acme)
    assert verify(api(), old.access).status_code == 200
    assert verify(api(), new.access).status_code == 200
    retired = SigningKey.objects.get(stage="retired")
    assert (retired.kid, retired.private_key) == (first, "")
    assert rotate_tokens(refresh=old.refresh)

    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 7 * 86_400 + 3_601)
    assert first not in {key["kid"] for key in keys_of(api())}
    # The library's own clock has not moved: it is the key that has stopped.
    with pytest.raises(InvalidToken):
        tokens.read(old.access, kind=tokens.ACCESS)
    assert tokens.read(new.access, kind=tokens.ACCESS)


@pytest.mark.covers("SEC-11")
def test_retired_keys_are_deleted_once_they_verify_nothing(store: StoreRef) -> None:
    from datetime import timedelta

    from django.utils import timezone

    rotate_signing_key()
    SigningKey.objects.filter(stage="retired").update(
        verifies_until=timezone.now() - timedelta(seconds=1)
    )

    rotate_signing_key()

    stages = sorted(SigningKey.objects.values_list("stage", flat=True))
    assert stages == ["active", "next", "retired"]


@pytest.mark.covers("SEC-11", "T14")
def test_a_compromised_key_stops_every_token_at_once(
    api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    user = make_user()
    old = issue_tokens(user.id)
    assert verify(api(), old.access).status_code == 200
    published = {key["kid"] for key in keys_of(api())}

    with django_capture_on_commit_callbacks(execute=True):
        rotate_signing_key(compromised=True)

    assert verify(api(), old.access).status_code == 401
    assert api().post("/api/v1/auth/refresh", {"refresh": old.refresh}).status_code == 401
    assert published.isdisjoint(key["kid"] for key in keys_of(api()))
    assert verify(api(), issue_tokens(user.id).access).status_code == 200


@pytest.mark.covers("SEC-11", "T14")
def test_a_process_that_still_holds_a_compromised_key_learns_of_it_by_redis(
    api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = api(make_user())
    assert client.get(VERIFY).status_code == 200
    stale = dict(keyring._rings)

    with django_capture_on_commit_callbacks(execute=True):
        rotate_signing_key(compromised=True)
    # As in another process, which nobody told.
    keyring._rings.update(stale)

    assert client.get(VERIFY).status_code == 401


@pytest.mark.covers("ACC-04")
def test_two_at_once_make_one_pair_of_keys(live_store: StoreRef) -> None:
    SigningKey.objects.all().delete()

    assert at_once(live_store, [ensure_signing_keys] * 4) == [None] * 4

    assert sorted(SigningKey.objects.values_list("stage", flat=True)) == ["active", "next"]


@pytest.mark.covers("ACC-04")
def test_a_store_without_keys_gets_them_with_the_first_token(api: Any, store: StoreRef) -> None:
    SigningKey.objects.all().delete()
    forget_tokens()
    assert keys_of(api()) == []
    keyring.forget_ring()

    access = issue_tokens(make_user().id).access

    assert verify(api(), access).status_code == 200
    assert len(keys_of(api())) == 2


@pytest.mark.covers("SEC-11")
def test_a_next_key_that_cannot_be_read_is_replaced(store: StoreRef) -> None:
    unreadable = SigningKey.objects.get(stage="next")
    SigningKey.objects.filter(pk=unreadable.pk).update(private_key="00000000.AAAA")

    kid = rotate_signing_key()

    assert kid != unreadable.kid
    assert sorted(SigningKey.objects.values_list("stage", flat=True)) == [
        "active",
        "next",
        "retired",
    ]


@pytest.mark.covers("SEC-11", "ACC-04")
def test_the_command_rotates_one_store_or_all(acme: StoreRef, globex: StoreRef) -> None:
    def active(store: StoreRef) -> UUID | None:
        with enter_store(store):
            return SigningKey.objects.filter(stage="active").values_list("pk", flat=True).first()

    everywhere = (acme, globex, PUBLIC)
    start = [active(store) for store in everywhere]
    out = StringIO()

    call_command("rotate_signing_key", store="acme", stdout=out)
    one = [active(store) for store in everywhere]
    call_command("rotate_signing_key", "--all", stdout=out)
    rest = [active(store) for store in everywhere]
    call_command("rotate_signing_key", store="platform", stdout=out)

    assert [a == b for a, b in zip(start, one, strict=True)] == [False, True, True]
    assert all(a != b for a, b in zip(one, rest, strict=True))
    assert active(PUBLIC) != rest[2]
    assert [line.split()[0] for line in out.getvalue().splitlines()] == [
        "acme",
        "platform",
        "acme",
        "globex",
        "platform",
    ]
    with pytest.raises(CommandError, match="no store 'nowhere'"):
        call_command("rotate_signing_key", store="nowhere")
    with pytest.raises(CommandError):
        call_command("rotate_signing_key")
