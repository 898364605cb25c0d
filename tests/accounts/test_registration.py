"""Opening an account."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.models import User
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.events.models import Event
from tests.support.people import PASSWORD, make_user
from tests.support.work import at_once

BODY = {
    "email": "  Ada@Example.COM ",
    "password": PASSWORD,
    "first_name": "Ada",
    "last_name": "Lovelace",
    "phone": "+4930123456",
}


@pytest.mark.covers("ACC-01", "ACC-12", "ACC-17", "API-08")
def test_a_visitor_registers_and_is_signed_in_at_once(api: Any) -> None:
    answer = api().post("/api/v1/auth/register", BODY)

    assert answer.status_code == 201
    body = answer.json()
    user = User.objects.get()
    assert body["user"] == {
        "id": str(user.id),
        "email": "ada@example.com",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone": "+4930123456",
        "role": "customer",
        "permissions": [],
        "vendor_id": None,
        "status": "active",
        "email_verified": False,
        "created_at": body["user"]["created_at"],
        "updated_at": body["user"]["updated_at"],
    }
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 900
    me = api().get("/api/v1/users/me", HTTP_AUTHORIZATION=f"Bearer {body['access']}")
    assert me.json()["email"] == "ada@example.com"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.covers("ACC-01", "ACC-17")
def test_registering_tells_the_event_log(api: Any) -> None:
    answer = api().post("/api/v1/auth/register", BODY)

    event = Event.objects.get(topic="user.registered")
    assert event.key == answer.json()["user"]["id"]
    assert event.payload["email"] == "ada@example.com"
    assert event.payload["role"] == "customer"


@pytest.mark.covers("ACC-01", "ACC-12")
def test_the_password_is_kept_as_a_bcrypt_hash_and_sent_to_nobody(api: Any) -> None:
    answer = api().post("/api/v1/auth/register", BODY)

    kept = User.objects.get().password
    assert kept.startswith("bcrypt_sha256$$2b$12$")
    assert PASSWORD not in answer.content.decode()
    assert kept not in answer.content.decode()


@pytest.mark.covers("ACC-01", "API-08")
def test_an_address_in_use_is_a_409_whatever_its_letter_case(api: Any) -> None:
    make_user(email="ada@example.com")

    answer = api().post("/api/v1/auth/register", {**BODY, "email": "ADA@example.com"})

    assert answer.status_code == 409
    assert answer.json()["code"] == "email_taken"
    assert answer.json()["errors"][0]["field"] == "email"
    assert User.objects.count() == 1


@pytest.mark.covers("ACC-01", "TEN-01")
def test_one_address_may_have_an_account_in_each_store(api: Any, globex: StoreRef) -> None:
    first = api().post("/api/v1/auth/register", BODY)
    second = api(store=globex).post("/api/v1/auth/register", BODY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["user"]["id"] != second.json()["user"]["id"]
    with enter_store(globex):
        assert User.objects.count() == 1


@pytest.mark.covers("ACC-01", "ACC-11", "SEC-08")
def test_what_a_visitor_may_not_choose_is_ignored(api: Any) -> None:
    sneaky = {
        "role": "owner",
        "status": "suspended",
        "email_verified": True,
        "vendor_id": "018f0000-0000-7000-8000-000000000000",
        "is_staff": True,
        "permissions": ["users.manage"],
        "id": "018f0000-0000-7000-8000-000000000001",
    }

    answer = api().post("/api/v1/auth/register", {**BODY, **sneaky})

    assert answer.status_code == 201
    user = User.objects.get()
    assert user.role == "customer"
    assert user.status == "active"
    assert user.email_verified is False
    assert user.vendor_id is None
    assert user.is_staff is False
    assert str(user.id) != sneaky["id"]


@pytest.mark.covers("ACC-01", "ACC-12", "API-09")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a@exämple.com"}, "email"),
        ({"email": "\u212aate@example.com"}, "email"),
        ({"email": "a" * 250 + "@example.com"}, "email"),
        ({"email": 7}, "email"),
        ({"email": None}, "email"),
        ({"password": "short1"}, "password"),
        ({"password": "password"}, "password"),
        ({"password": "ada@example.com"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"password": 12345678901}, "password"),
        ({"first_name": "A" * 101}, "first_name"),
        ({"last_name": "Line\nbreak"}, "last_name"),
        ({"phone": "030 123456"}, "phone"),
        ({"phone": "+0123456789"}, "phone"),
    ],
)
def test_bad_input_is_a_400_that_names_the_field(
    api: Any, change: dict[str, Any], field: str
) -> None:
    answer = api().post("/api/v1/auth/register", {**BODY, **change})

    assert answer.status_code == 400
    assert {row["field"] for row in answer.json()["errors"]} == {field}
    assert not User.objects.exists()


@pytest.mark.covers("ACC-01")
@pytest.mark.parametrize("missing", ["email", "password"])
def test_address_and_password_are_required(api: Any, missing: str) -> None:
    answer = api().post(
        "/api/v1/auth/register", {name: BODY[name] for name in BODY if name != missing}
    )

    assert answer.status_code == 400
    assert answer.json()["errors"][0] == {
        "field": missing,
        "code": "required",
        "detail": "This field is required.",
    }


@pytest.mark.covers("ACC-01")
def test_two_who_register_one_address_at_once_leave_one_account(live_store: StoreRef) -> None:
    from apps.accounts.errors import EmailTaken
    from apps.accounts.services.create_user import create_user

    def register() -> User:
        return create_user(email="ada@example.com", password=PASSWORD)

    results = at_once(live_store, [register] * 4)

    assert sorted(type(result).__name__ for result in results) == ["EmailTaken"] * 3 + ["User"]
    assert all(result.code == "email_taken" for result in results if isinstance(result, EmailTaken))
    assert User.objects.count() == 1
    assert Event.objects.filter(topic="user.registered").count() == 1
