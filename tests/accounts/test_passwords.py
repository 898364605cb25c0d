"""What a password must be, how it is kept, and changing it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import (
    BCryptSHA256PasswordHasher,
    PBKDF2PasswordHasher,
    make_password,
)

from apps.accounts.models import Session, User
from apps.accounts.rules import check_password
from apps.common.errors import ValidationFailed
from apps.events.models import Event
from tests.support.people import PASSWORD, make_user

CHANGE = "/api/v1/auth/password/change"
NEW = "Another-fine-8-password"


def login(client: Any, email: str, password: str = PASSWORD) -> Any:
    return client.post("/api/v1/auth/login", {"email": email, "password": password})


@pytest.mark.covers("ACC-19")
@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("Ab1!xyz", {"password_too_short"}),
        ("tr0ub4dor&3x", {"password_no_upper"}),
        ("Troubador&xy", {"password_no_digit"}),
        ("Tr0ub4dor3xy", {"password_no_special"}),
        ("x", {f"password_{reason}" for reason in ("too_short", "no_upper", "no_digit")}),
        ("P@ssw0rd", {"password_too_common"}),
        ("Password1!", {"password_too_common"}),
        ("!!Dragon12", {"password_too_common"}),
        ("Lovelace-1843", {"password_too_similar"}),
        ("Ada.Byron@example.com1", {"password_too_similar"}),
        ("Aa1!" + "x" * 125, {"password_too_long"}),
    ],
)
def test_every_reason_against_a_password_is_named(api: Any, password: str, codes: set[str]) -> None:
    body = {
        "email": "ada.byron@example.com",
        "password": password,
        "first_name": "Ada",
        "last_name": "Lovelace",
    }

    answer = api().post("/api/v1/auth/register", body)

    assert answer.status_code == 400
    rows = answer.json()["errors"]
    assert {row["field"] for row in rows} == {"password"}
    # The longest is refused by the shape of the input already, before the rules.
    assert codes <= {row["code"].replace("max_length", "password_too_long") for row in rows}
    assert all(row["detail"] for row in rows)
    assert not User.objects.exists()


@pytest.mark.covers("ACC-19")
@pytest.mark.parametrize(
    "password", [PASSWORD, "Zwölf-Boxkämpfer-7", "Ab1! 8 c", "1-Xq" + "ü" * 124]
)
def test_good_passwords_are_let_through(store: Any, password: str) -> None:
    check_password(password, User(email="ada@example.com", first_name="Ada"))


@pytest.mark.covers("ACC-19")
def test_the_rules_hold_the_length_themselves(store: Any) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        check_password("Aa1!" + "xyz" * 42, User(email="ada@example.com"))

    assert [row.code for row in refusal.value.errors] == ["password_too_long"]


@pytest.mark.covers("ACC-19", "ACC-12")
@pytest.mark.usefixtures("real_hashing")
@pytest.mark.parametrize("weak", ["pbkdf2", "bcrypt at cost 4"])
def test_a_weaker_hash_becomes_bcrypt_of_cost_12_with_the_next_right_password(
    api: Any, weak: str
) -> None:
    user = make_user(email="ada@example.com")
    user.password = _weak_hash(weak)
    user.save()

    wrong = login(api(), user.email, "Wrong-pass-77-x")
    user.refresh_from_db()
    kept_after_wrong = user.password
    right = login(api(), user.email)

    assert (wrong.status_code, right.status_code) == (401, 200)
    assert kept_after_wrong == _weak_hash(weak)
    user.refresh_from_db()
    assert user.password.startswith("bcrypt_sha256$$2b$12$")
    assert login(api(), user.email).status_code == 200


def _weak_hash(kind: str) -> str:
    if kind == "pbkdf2":
        return str(PBKDF2PasswordHasher().encode(PASSWORD, "saltsaltsaltsalt", 1_000))
    hasher: Any = BCryptSHA256PasswordHasher()
    return str(hasher.encode(PASSWORD, b"$2b$04$abcdefghijklmnopqrstuu"))


@pytest.mark.covers("ACC-19")
def test_what_comes_after_72_bytes_counts(api: Any) -> None:
    base = "Aa1!" + "x-y" * 30
    user = make_user(email="ada@example.com")
    user.password = make_password(base + "1")
    user.save()

    assert login(api(), user.email, base + "2").status_code == 401
    assert login(api(), user.email, base + "1").status_code == 200


@pytest.mark.covers("ACC-19", "ACC-08", "T16")
def test_a_new_password_ends_every_session_and_is_told_to_the_owner(api: Any) -> None:
    user = make_user(email="ada@example.com")
    phone, laptop = api(user), api(user)

    answer = phone.post(CHANGE, {"current": PASSWORD, "new": NEW})

    assert answer.status_code == 204
    assert [client.get("/api/v1/users/me").status_code for client in (phone, laptop)] == [401, 401]
    assert not Session.objects.filter(revoked_at=None).exists()
    assert login(api(), user.email).status_code == 401
    assert login(api(), user.email, NEW).status_code == 200
    event = Event.objects.get(topic="user.updated")
    assert event.payload["changed"] == ["password"]
    assert NEW not in str(event.payload)


@pytest.mark.covers("ACC-19", "API-09")
@pytest.mark.parametrize(
    ("body", "status", "field", "code"),
    [
        ({"current": "Wrong-pass-77-x", "new": NEW}, 422, "current", "wrong_password"),
        ({"current": PASSWORD, "new": PASSWORD}, 422, "new", "unchanged"),
        ({"current": PASSWORD, "new": "nodigits-or-upper"}, 422, "new", "password_no_upper"),
        ({"current": PASSWORD}, 400, "new", "required"),
        ({"new": NEW}, 400, "current", "required"),
        ({"current": PASSWORD, "new": 12345678}, 400, "new", "invalid"),
        ({"current": PASSWORD, "new": "Aa1!" + "x" * 200}, 400, "new", "max_length"),
    ],
)
def test_a_change_that_does_not_do_says_why(
    api: Any, body: dict[str, Any], status: int, field: str, code: str
) -> None:
    user = make_user()
    kept = user.password

    answer = api(user).post(CHANGE, body)

    assert answer.status_code == status
    first = answer.json()["errors"][0]
    assert (first["field"], first["code"]) == (field, code)
    user.refresh_from_db()
    assert user.password == kept


@pytest.mark.covers("T15")
def test_a_stolen_session_does_not_guess_the_password(api: Any) -> None:
    user = make_user(email="ada@example.com")
    client = api(user)

    answers = [client.post(CHANGE, {"current": "Wrong-pass-77-x", "new": NEW}) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert client.post(CHANGE, {"current": PASSWORD, "new": NEW}).status_code == 429
    assert login(api(), user.email).status_code == 429


@pytest.mark.covers("ACC-19")
def test_strangers_change_no_password(api: Any) -> None:
    assert api().post(CHANGE, {"current": PASSWORD, "new": NEW}).status_code == 401
