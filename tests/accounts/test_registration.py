"""Opening an account."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from apps.accounts.errors import EmailTaken
from apps.accounts.models import User
from apps.accounts.services.create_user import create_user
from apps.accounts.services.register_user import register_user
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.events.models import Event
from tests.accounts.mailbox import requested, token
from tests.support.people import PASSWORD, make_user
from tests.support.work import at_once

BODY = {
    "email": "  Ada@Example.COM ",
    "password": PASSWORD,
    "first_name": "Ada",
    "last_name": "Lovelace",
    "phone": "+4930123456",
}


def register(client: Any, **change: Any) -> Any:
    return client.post("/api/v1/auth/register", {**BODY, **change})


@pytest.mark.covers("ACC-01", "ACC-12", "API-08")
def test_a_visitor_registers_and_signs_in_with_the_chosen_password(api: Any) -> None:
    answer = register(api())

    assert (answer.status_code, answer.json()) == (202, {"status": "mail_sent"})
    login = {"email": "ada@example.com", "password": PASSWORD}
    signed_in = api().post("/api/v1/auth/login", login)
    assert signed_in.status_code == 200
    user = User.objects.get()
    profile = signed_in.json()["user"]
    assert profile["id"] == str(user.id)
    assert (profile["email"], profile["phone"]) == ("ada@example.com", "+4930123456")
    assert (profile["first_name"], profile["last_name"]) == ("Ada", "Lovelace")
    assert (profile["role"], profile["status"]) == ("customer", "active")
    assert profile["email_verified"] is False


@pytest.mark.covers("ACC-01", "ACC-17")
def test_registering_tells_the_event_log(api: Any) -> None:
    register(api())

    event = Event.objects.get(topic="user.registered")
    assert event.key == str(User.objects.get().id)
    assert event.payload["email"] == "ada@example.com"
    assert event.payload["role"] == "customer"


@pytest.mark.covers("ACC-24")
def test_registering_mails_a_link_that_confirms_the_address(api: Any) -> None:
    register(api())

    [mail] = requested("verify_email")
    assert (mail["email"], mail["name"]) == ("ada@example.com", "Ada")
    assert set(mail) == {"referenceId", "kind", "email", "name", "userId"}
    answer = api().post("/api/v1/auth/email/verify", {"token": token("verify_email")})
    assert answer.json() == {"email": "ada@example.com", "email_verified": True}
    assert User.objects.get().email_verified is True


@pytest.mark.covers("ACC-01", "ACC-12", "ACC-19")
@pytest.mark.usefixtures("real_hashing")
def test_the_password_is_kept_as_a_bcrypt_hash_of_cost_12_and_sent_to_nobody(api: Any) -> None:
    answer = register(api())

    kept = User.objects.get().password
    assert kept.startswith("bcrypt_sha256$$2b$12$")
    assert PASSWORD not in answer.content.decode()
    assert kept not in answer.content.decode()
    assert PASSWORD not in str(list(Event.objects.values_list("payload", flat=True)))


@pytest.mark.covers("ACC-01", "T15", "SEC-08")
@pytest.mark.parametrize("email", ["ada@example.com", "ADA@example.com", " Ada@Example.Com "])
def test_an_address_in_use_gets_the_same_answer_and_its_owner_a_mail(api: Any, email: str) -> None:
    owner = make_user(email="ada@example.com", first_name="Ada")
    before = User.objects.values().get()

    taken = register(api(), email=email, password="Another-fine-8-password")
    free = register(api(), email="new@example.com")

    assert taken.status_code == free.status_code == 202
    assert taken.content == free.content
    assert list(taken.headers) == list(free.headers)
    assert User.objects.values().get(pk=owner.pk) == before
    [mail] = requested("already_registered")
    assert (mail["email"], mail["userId"]) == ("ada@example.com", str(owner.id))
    assert [mail["email"] for mail in requested("verify_email")] == ["new@example.com"]


@pytest.mark.covers("ACC-01", "T15")
def test_a_stranger_cannot_fill_the_owners_mailbox_by_registering(api: Any) -> None:
    make_user(email="ada@example.com")

    answers = [register(api()) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {202}
    assert len(requested("already_registered")) == 3


@pytest.mark.covers("ACC-01", "ACC-16", "T15")
@pytest.mark.parametrize("status", ["suspended", "deactivated"])
def test_whoever_may_not_sign_in_is_not_written_to(api: Any, status: str) -> None:
    make_user(email="ada@example.com", status=status)

    answer = register(api())

    assert answer.json() == {"status": "mail_sent"}
    assert requested("already_registered") == []


@pytest.mark.covers("ACC-01", "T15", "API-10")
def test_one_client_registers_only_so_often(api: Any, settings: Any) -> None:
    settings.REGISTRATIONS_PER_HOUR = 2

    answers = [register(api(), email=f"a{number}@example.com") for number in range(3)]

    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[2].json()["code"] == "too_many_attempts"
    assert 0 < int(answers[2].headers["Retry-After"]) <= 3_601
    elsewhere = api().post("/api/v1/auth/register", BODY, REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 202


@pytest.mark.covers("PEER-52")
def test_a_repeated_registration_with_one_key_gets_the_first_answer(api: Any) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "k1"}

    first = api().post("/api/v1/auth/register", BODY, **key)
    again = api().post("/api/v1/auth/register", BODY, **key)

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert requested("already_registered") == []


@pytest.mark.covers("ACC-01", "TEN-01")
def test_one_address_may_have_an_account_in_each_store(api: Any, globex: StoreRef) -> None:
    first = register(api())
    second = register(api(store=globex))

    assert (first.status_code, second.status_code) == (202, 202)
    here = User.objects.get()
    with enter_store(globex):
        assert User.objects.get().pk != here.pk


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

    answer = register(api(), **sneaky)

    assert answer.status_code == 202
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
        # A Kelvin sign, a Cyrillic a and a full-width letter: look-alikes of ASCII letters.
        ({"email": "\u212aate@example.com"}, "email"),
        ({"email": "\u0430da@example.com"}, "email"),
        ({"email": "\uff41da@example.com"}, "email"),
        ({"email": "ada@example.com\u200b"}, "email"),
        ({"email": "ada\r\n@example.com"}, "email"),
        ({"email": ["ada@example.com"]}, "email"),
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


@pytest.mark.covers("ACC-01", "T15")
@pytest.mark.slow
def test_those_who_register_one_address_at_once_leave_one_account(live_store: StoreRef) -> None:
    spellings = ["ada@example.com", "ADA@example.com", "Ada@Example.com", " ada@example.COM"]

    results = at_once(
        live_store,
        [partial(register_user, email=email, password=PASSWORD) for email in spellings],
    )

    assert results == [None] * 4
    assert User.objects.get().email == "ada@example.com"
    assert Event.objects.filter(topic="user.registered").count() == 1
    assert len(requested("verify_email")) == 1
    assert len(requested("already_registered")) == 3


@pytest.mark.covers("ACC-15")
def test_staff_are_told_that_an_address_is_taken(store: StoreRef) -> None:
    make_user(email="ada@example.com")

    with pytest.raises(EmailTaken) as refusal:
        create_user(email="ADA@example.com", password=PASSWORD)

    assert refusal.value.errors[0].field == "email"
