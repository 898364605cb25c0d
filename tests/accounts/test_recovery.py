"""Links that prove an e-mail address: verification, change of address, password reset."""

from __future__ import annotations

import base64
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from apps.accounts.errors import InvalidLink
from apps.accounts.facade import secrets_of_message
from apps.accounts.models import Confirmation, MfaMethod, Session, User
from apps.accounts.services.confirm_password_reset import confirm_password_reset
from apps.accounts.services.request_password_reset import mail_password_reset
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.events.models import Event
from tests.accounts.mailbox import requested, token
from tests.support.people import PASSWORD, make_user
from tests.support.work import at_once

NEW = "Another-fine-8-password"


def login(client: Any, email: str, password: str = PASSWORD) -> Any:
    return client.post("/api/v1/auth/login", {"email": email, "password": password})


def ask_reset(client: Any, drain: Any, email: str = "ada@example.com") -> Any:
    answer = client.post("/api/v1/auth/password/reset", {"email": email})
    drain()
    return answer


def confirm(client: Any, token: str, password: str = NEW) -> Any:
    body = {"token": token, "password": password}
    return client.post("/api/v1/auth/password/confirm", body)


def verify(client: Any, token: str) -> Any:
    return client.post("/api/v1/auth/email/verify", {"token": token})


def age(**by: int) -> None:
    """Let the open links be that much nearer to their end."""
    Confirmation.objects.update(expires_at=F("expires_at") - timedelta(**by))


# --- Password reset -----------------------------------------------------------------------------


@pytest.mark.covers("ACC-23", "T15", "ACC-08")
def test_a_mailed_link_sets_a_new_password_once_and_ends_every_session(
    api: Any, drain: Any
) -> None:
    user = make_user(email="ada@example.com", first_name="Ada")
    theirs = api(user)

    asked = ask_reset(api(), drain, " ADA@example.com ")
    link = token("reset_password")
    first, second = confirm(api(), link), confirm(api(), link)

    assert (asked.status_code, asked.json()) == (202, {"status": "mail_sent"})
    assert (first.status_code, second.status_code) == (204, 422)
    assert second.json()["code"] == "invalid_link"
    assert second.json()["errors"][0]["field"] == "token"
    assert theirs.get("/api/v1/users/me").status_code == 401
    assert not Session.objects.filter(revoked_at=None).exists()
    assert login(api(), user.email).status_code == 401
    assert login(api(), user.email, NEW).status_code == 200
    assert not Confirmation.objects.exists()
    changed = Event.objects.get(topic="user.updated").payload["changed"]
    # Whoever followed the link reads the mailbox.
    assert changed == ["email_verified", "password"]


@pytest.mark.covers("ACC-23", "T15")
def test_nothing_that_opens_the_account_is_kept_or_told(api: Any, drain: Any) -> None:
    make_user(email="ada@example.com")
    ask_reset(api(), drain)
    link = token("reset_password")

    [row] = Confirmation.objects.values()
    told = str(list(Event.objects.values_list("payload", flat=True)))
    mac = base64.urlsafe_b64decode(link)[16:]

    assert len(mac) == 32
    assert link not in str(row) + told
    assert mac.hex() not in str(row)
    assert row["nonce"] not in told
    assert len(link) == 64


@pytest.mark.covers("ACC-23", "T15")
def test_a_newer_link_ends_the_older_one(api: Any, drain: Any) -> None:
    make_user(email="ada@example.com")
    ask_reset(api(), drain)
    older = token("reset_password")
    ask_reset(api(), drain)

    assert Confirmation.objects.count() == 1
    assert (
        secrets_of_message("reset_password", requested("reset_password")[0]["referenceId"]) is None
    )
    assert confirm(api(), older).status_code == 422
    assert confirm(api(), token("reset_password")).status_code == 204


@pytest.mark.covers("ACC-23", "T15")
@pytest.mark.parametrize(("minutes", "status"), [(29, 204), (30, 422)])
def test_a_link_lives_for_30_minutes(api: Any, drain: Any, minutes: int, status: int) -> None:
    make_user(email="ada@example.com")
    ask_reset(api(), drain)
    link = token("reset_password")

    age(minutes=minutes)

    assert confirm(api(), link).status_code == status


@pytest.mark.covers("ACC-23", "ACC-19")
def test_a_refused_password_does_not_spend_the_link(api: Any, drain: Any) -> None:
    make_user(email="ada@example.com", last_name="Lovelace")
    ask_reset(api(), drain)
    link = token("reset_password")

    weak = confirm(api(), link, "lovelace")

    assert weak.status_code == 422
    codes = {row["code"] for row in weak.json()["errors"]}
    assert codes >= {"password_no_upper", "password_no_digit", "password_too_similar"}
    assert {row["field"] for row in weak.json()["errors"]} == {"password"}
    assert confirm(api(), link).status_code == 204


@pytest.mark.covers("ACC-23", "ACC-16", "T15")
@pytest.mark.parametrize("status", ["suspended", "deactivated"])
def test_an_account_that_may_not_sign_in_gets_no_link_and_uses_none(
    api: Any, drain: Any, status: str
) -> None:
    user = make_user(email="ada@example.com")
    ask_reset(api(), drain)
    link = token("reset_password")
    User.objects.filter(pk=user.pk).update(status=status)

    again = ask_reset(api(), drain)

    assert again.json() == {"status": "mail_sent"}
    assert len(requested("reset_password")) == 1
    assert confirm(api(), link).status_code == 422


@pytest.mark.covers("ACC-23", "T15")
def test_a_changed_password_or_address_ends_the_link(api: Any, drain: Any) -> None:
    user = make_user(email="ada@example.com")
    ask_reset(api(), drain)
    link = token("reset_password")

    User.objects.filter(pk=user.pk).update(email="other@example.com")
    moved = confirm(api(), link)
    User.objects.filter(pk=user.pk).update(email="ada@example.com", password="!")
    changed = confirm(api(), link)

    assert (moved.status_code, changed.status_code) == (422, 422)


@pytest.mark.covers("T15", "T1", "TEN-01")
def test_a_link_of_another_store_user_or_purpose_opens_nothing(
    api: Any, drain: Any, globex: StoreRef
) -> None:
    ada, bob = make_user(email="ada@example.com"), make_user(email="bob@example.com")
    ask_reset(api(), drain)
    link = token("reset_password")
    row = Confirmation.objects.get()
    with enter_store(globex):
        twin = User.objects.create(pk=ada.pk, email=ada.email, password=ada.password)
        Confirmation.objects.create(
            pk=row.pk,
            user=twin,
            purpose=row.purpose,
            email=row.email,
            nonce=row.nonce,
            expires_at=row.expires_at,
        )

    elsewhere = confirm(api(store=globex), link)
    wrong_purpose = verify(api(), link)
    Confirmation.objects.update(user=bob)
    wrong_user = confirm(api(), link)

    assert [answer.status_code for answer in (elsewhere, wrong_purpose, wrong_user)] == [422] * 3
    Confirmation.objects.update(user=ada)
    assert confirm(api(), link).status_code == 204


@pytest.mark.covers("T15", "API-09")
@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "x",
        "x" * 64,
        "A" * 64,
        "=" * 64,
        "ü" * 64,
        "A" * 4_000,
        None,
        7,
        ["A" * 64],
        "A\x00" * 32,
    ],
)
def test_what_is_no_link_is_a_4xx_that_names_the_token(api: Any, wrong: Any) -> None:
    answers = [confirm(api(), wrong), verify(api(), wrong)]

    for answer in answers:
        assert answer.status_code in {400, 422}
        assert answer.json()["errors"][0]["field"] == "token"


@pytest.mark.covers("T15")
def test_a_changed_byte_makes_it_another_token(api: Any, drain: Any) -> None:
    make_user(email="ada@example.com")
    ask_reset(api(), drain)
    raw = bytearray(base64.urlsafe_b64decode(token("reset_password")))

    for place in (0, 15, 16, 47):
        forged = bytearray(raw)
        forged[place] ^= 1
        assert confirm(api(), base64.urlsafe_b64encode(forged).decode()).status_code == 422
    assert confirm(api(), base64.urlsafe_b64encode(raw).decode()).status_code == 204


@pytest.mark.covers("T15")
def test_a_hundred_guesses_are_ten(api: Any, drain: Any) -> None:
    make_user(email="ada@example.com")
    ask_reset(api(), drain)
    link = token("reset_password")
    row_id = base64.urlsafe_b64decode(link)[:16]
    guesses = [base64.urlsafe_b64encode(row_id + bytes([n] * 32)).decode() for n in range(100)]

    statuses = [confirm(api(), guess).status_code for guess in guesses]

    assert statuses == [422] * 10 + [429] * 90
    refused = confirm(api(), link)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(refused.headers["Retry-After"]) <= 901
    body = {"token": link, "password": NEW}
    elsewhere = api().post("/api/v1/auth/password/confirm", body, REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 204


@pytest.mark.covers("ACC-23", "T15")
@pytest.mark.slow
def test_of_those_who_follow_one_link_at_once_one_gets_in(live_store: StoreRef) -> None:
    make_user(email="ada@example.com")
    mail_password_reset(email="ada@example.com")
    link = token("reset_password")

    results = at_once(
        live_store,
        [partial(confirm_password_reset, token=link, password=f"{NEW}{n}") for n in range(4)],
    )

    assert sorted(type(result).__name__ for result in results) == ["InvalidLink"] * 3 + ["NoneType"]
    winner = results.index(None)
    assert User.objects.get().check_password(f"{NEW}{winner}")


@pytest.mark.covers("ACC-23")
@pytest.mark.slow
def test_links_asked_for_at_once_leave_one_open(live_store: StoreRef) -> None:
    make_user(email="ada@example.com")

    results = at_once(live_store, [lambda: mail_password_reset(email="ada@example.com")] * 4)

    assert results == [None] * 4
    assert Confirmation.objects.count() == 1


@pytest.mark.covers("ACC-23", "T15")
def test_a_reset_unlocks_an_account_that_was_tried_too_often(api: Any, drain: Any) -> None:
    user = make_user(email="ada@example.com")
    for _ in range(11):
        login(api(), user.email, "Wrong-pass-77-x")
    assert login(api(), user.email).status_code == 429

    ask_reset(api(), drain)
    confirm(api(), token("reset_password"))

    assert login(api(), user.email, NEW).status_code == 200


@pytest.mark.covers("ACC-23", "ACC-20", "T15")
def test_a_reset_does_not_lead_past_the_second_step(api: Any, drain: Any) -> None:
    user = make_user(email="ada@example.com")
    MfaMethod.objects.create(user=user, kind="email", confirmed_at=timezone.now())
    ask_reset(api(), drain)

    done = confirm(api(), token("reset_password"))
    signed_in = login(api(), user.email, NEW).json()

    # No tokens, neither with the reset nor with the new password alone.
    assert (done.status_code, done.content) == (204, b"")
    assert signed_in["mfa_required"] is True
    assert "access" not in signed_in
    assert not Session.objects.exists()


# --- Verification -------------------------------------------------------------------------------


@pytest.mark.covers("ACC-24")
def test_the_link_can_be_mailed_again_and_ends_the_older_one(api: Any) -> None:
    user = make_user(email="ada@example.com")
    client = api(user)

    answers = [client.post("/api/v1/auth/email/verify/resend") for _ in range(2)]

    assert [(row.status_code, row.json()) for row in answers] == [
        (202, {"status": "mail_sent"})
    ] * 2
    assert len(requested("verify_email")) == 2
    assert Confirmation.objects.count() == 1
    assert verify(api(), token("verify_email")).status_code == 200
    again = client.post("/api/v1/auth/email/verify/resend")
    assert again.status_code == 202
    assert len(requested("verify_email")) == 2
    assert api().post("/api/v1/auth/email/verify/resend").status_code == 401


@pytest.mark.covers("ACC-24", "API-10")
def test_the_link_is_mailed_five_times_an_hour_at_most(api: Any) -> None:
    client = api(make_user())

    answers = [client.post("/api/v1/auth/email/verify/resend") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [202] * 5 + [429]


@pytest.mark.covers("ACC-24")
def test_verifying_works_once_and_for_three_days(api: Any) -> None:
    user = make_user(email="ada@example.com")
    api(user).post("/api/v1/auth/email/verify/resend")
    link = token("verify_email")

    age(days=3)
    late = verify(api(), link)
    age(days=-1)
    in_time, twice = verify(api(), link), verify(api(), link)

    assert [answer.status_code for answer in (late, in_time, twice)] == [422, 200, 422]
    assert Event.objects.get(topic="user.updated").payload["changed"] == ["email_verified"]


@pytest.mark.covers("ACC-24", "SEC-08")
def test_nobody_else_sets_verified(api: Any) -> None:
    user = make_user()
    sneaky = {"email_verified": True, "email": "new@example.com"}

    api(user).patch("/api/v1/users/me", sneaky)
    api(make_user("owner")).patch(f"/api/v1/users/{user.id}", sneaky)

    user.refresh_from_db()
    assert user.email_verified is False
    assert user.email != "new@example.com"


# --- Change of address --------------------------------------------------------------------------


def ask_change(client: Any, email: str = "new@example.com", password: str = PASSWORD) -> Any:
    return client.post("/api/v1/users/me/email", {"email": email, "password": password})


@pytest.mark.covers("ACC-14", "ACC-24", "T15")
def test_a_new_address_takes_effect_by_a_link_to_it_and_the_old_one_is_told(api: Any) -> None:
    user = make_user(email="ada@example.com")

    answer = ask_change(api(user), " New@Example.com ")

    assert (answer.status_code, answer.json()) == (202, {"status": "mail_sent"})
    assert [mail["email"] for mail in requested("change_email")] == ["new@example.com"]
    assert [mail["email"] for mail in requested("email_change_requested")] == ["ada@example.com"]
    user.refresh_from_db()
    assert user.email == "ada@example.com"
    assert verify(api(), token("change_email")).json() == {
        "email": "new@example.com",
        "email_verified": True,
    }
    user.refresh_from_db()
    assert (user.email, user.email_verified) == ("new@example.com", True)
    payload = Event.objects.get(topic="user.updated").payload
    assert payload["changed"] == ["email", "email_verified"]
    assert (payload["email"], payload["previousEmail"]) == ("new@example.com", "ada@example.com")


@pytest.mark.covers("T15")
def test_a_change_of_address_is_bound_to_its_user_and_to_the_address_left_behind(api: Any) -> None:
    ada, bob = make_user(email="ada@example.com"), make_user(email="bob@example.com")
    ask_change(api(ada))
    link = token("change_email")

    Confirmation.objects.update(user=bob)
    stolen = verify(api(bob), link)
    Confirmation.objects.update(user=ada)
    User.objects.filter(pk=ada.pk).update(email="third@example.com")
    moved = verify(api(), link)
    User.objects.filter(pk=ada.pk).update(email="ada@example.com")
    Confirmation.objects.update(email="mallory@example.com")
    redirected = verify(api(), link)

    assert [answer.status_code for answer in (stolen, moved, redirected)] == [422] * 3
    assert set(User.objects.values_list("email", flat=True)) == {
        "ada@example.com",
        "bob@example.com",
    }


@pytest.mark.covers("T15", "SEC-08")
def test_a_taken_address_gets_the_same_answer_and_its_owner_a_mail(api: Any) -> None:
    user = make_user(email="ada@example.com")
    make_user(email="bob@example.com")
    client = api(user)

    taken, free = ask_change(client, "bob@example.com"), ask_change(client, "free@example.com")

    assert (taken.status_code, taken.content) == (free.status_code, free.content)
    assert [mail["email"] for mail in requested("already_registered")] == ["bob@example.com"]
    assert [mail["email"] for mail in requested("change_email")] == ["free@example.com"]


@pytest.mark.covers("T15")
def test_an_address_that_is_taken_meanwhile_stays_its_owners(api: Any) -> None:
    user = make_user(email="ada@example.com")
    ask_change(api(user))
    make_user(email="new@example.com")

    answer = verify(api(), token("change_email"))

    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    user.refresh_from_db()
    assert user.email == "ada@example.com"


@pytest.mark.covers("T15")
def test_a_new_password_ends_a_change_of_address(api: Any) -> None:
    user = make_user(email="ada@example.com")
    ask_change(api(user))
    link = token("change_email")

    body = {"current": PASSWORD, "new": NEW}
    assert api(user).post("/api/v1/auth/password/change", body).status_code == 204

    assert verify(api(), link).status_code == 422


@pytest.mark.covers("ACC-14", "API-09", "T15")
@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"email": "new@example.com", "password": "Wrong-pass-77-x"}, 422, "password"),
        ({"email": "ADA@example.com", "password": PASSWORD}, 422, "email"),
        ({"email": "n\u0435w@example.com", "password": PASSWORD}, 400, "email"),
        ({"email": "nobody", "password": PASSWORD}, 400, "email"),
        ({"password": PASSWORD}, 400, "email"),
        ({"email": "new@example.com"}, 400, "password"),
    ],
)
def test_a_change_of_address_that_does_not_do_says_why(
    api: Any, body: dict[str, Any], status: int, field: str
) -> None:
    user = make_user(email="ada@example.com")

    answer = api(user).post("/api/v1/users/me/email", body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)
    assert not Confirmation.objects.exists()
    assert api().post("/api/v1/users/me/email", body).status_code == 401


@pytest.mark.covers("ACC-23")
def test_a_link_that_was_used_is_not_mailed_any_more(api: Any, drain: Any) -> None:
    make_user(email="ada@example.com")
    ask_reset(api(), drain)
    [mail] = requested("reset_password")
    confirm(api(), token("reset_password"))

    assert secrets_of_message("reset_password", mail["referenceId"]) is None
    with pytest.raises(InvalidLink):
        confirm_password_reset(token="A" * 64, password=NEW)
