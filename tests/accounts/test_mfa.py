"""Two-step sign-in over the API: setting it up, passing it, losing it, having to have it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from django.utils import timezone

from apps.accounts import mfa
from apps.accounts.errors import InvalidMfaCode, InvalidMfaToken, WrongMfaCode
from apps.accounts.facade import issue_tokens, secrets_of_message
from apps.accounts.models import BackupCode, MfaChallenge, MfaMethod, Session, User
from apps.accounts.services import turn_on_mfa
from apps.accounts.services.answer_challenge import answer_challenge
from apps.accounts.services.remove_mfa import forget_mfa
from apps.accounts.services.sign_in import sign_in
from apps.accounts.services.turn_on_mfa import confirm_totp, enrol_totp
from apps.accounts.types import MfaChallenged
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.events.models import Event
from tests.support.people import PASSWORD, make_user
from tests.support.work import at_once

AUTH = "/api/v1/auth"
NOW = 60_000_000


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """`clock(steps)`: it is so many half minutes later. Time stands still otherwise."""
    present = [NOW]

    def later(steps: int) -> None:
        present[0] += steps

    monkeypatch.setattr(mfa, "present_step", lambda: present[0])
    return later


def code_at(secret: str, step: int = NOW) -> str:
    return pyotp.TOTP(secret).generate_otp(step)


def login(client: Any, user: Any, password: str = PASSWORD) -> Any:
    return client.post(f"{AUTH}/login", {"email": user.email, "password": password})


def verify(client: Any, token: str, code: str, method: str = "totp") -> Any:
    body = {"mfa_token": token, "method": method, "code": code}
    return client.post(f"{AUTH}/mfa/verify", body)


def with_totp(user: Any) -> tuple[str, list[str]]:
    """Turn the app on, with a code of half a minute ago: (secret, backup codes)."""
    secret = enrol_totp(user_id=user.pk).secret
    return secret, confirm_totp(user_id=user.pk, code=code_at(secret, NOW - 1))


def mailed_code() -> str:
    """The code that was mailed last."""
    event = Event.objects.filter(topic="user.message.requested", payload__kind="mfa_code").last()
    assert event is not None
    secrets = secrets_of_message("mfa_code", event.payload["referenceId"])
    assert secrets is not None
    return secrets["code"]


# --- Setting it up ------------------------------------------------------------------------------


@pytest.mark.covers("ACC-20", "SEC-03")
def test_an_app_is_set_up_by_its_key_and_counts_once_confirmed(api: Any) -> None:
    user = make_user(email="ada@example.com")
    client = api(user)

    begun = client.post(f"{AUTH}/mfa/totp")

    assert begun.status_code == 200
    assert begun.headers["Cache-Control"] == "no-store"
    body = begun.json()
    assert body["qr_svg"].startswith("data:image/svg+xml")
    uri = pyotp.parse_uri(body["otpauth_uri"])
    assert (uri.secret, uri.name, uri.issuer) == (body["secret"], "ada@example.com", "Acme")
    assert client.get(f"{AUTH}/mfa").json() == {
        "required": False,
        "methods": [],
        "backup_codes_left": 0,
    }
    assert "access" in login(api(), user).json()

    done = client.post(f"{AUTH}/mfa/totp/confirm", {"code": code_at(body["secret"])})

    assert done.status_code == 200
    assert len(set(done.json()["backup_codes"])) == 10
    assert client.get(f"{AUTH}/mfa").json() == {
        "required": False,
        "methods": ["totp"],
        "backup_codes_left": 10,
    }
    kept = MfaMethod.objects.get()
    assert body["secret"] not in kept.secret
    assert not set(done.json()["backup_codes"]) & set(
        BackupCode.objects.values_list("digest", flat=True)
    )


@pytest.mark.covers("ACC-20", "ACC-17")
def test_turning_it_on_is_told_and_holds_no_secret(api: Any) -> None:
    user = make_user()
    secret, codes = with_totp(user)

    updated = Event.objects.get(topic="user.updated")
    told = Event.objects.get(topic="user.message.requested")

    assert updated.payload["changed"] == ["mfa"]
    assert (told.payload["kind"], told.payload["email"]) == ("mfa_changed", user.email)
    assert secrets_of_message("mfa_changed", user.pk) == {"kinds": "authenticator app"}
    everything = str(list(Event.objects.values_list("payload", flat=True)))
    assert secret not in everything
    assert not any(code in everything for code in codes)


@pytest.mark.covers("ACC-20")
@pytest.mark.parametrize("code", ["000000", "12345", "abcdef", "1234567", "１２３４５６"])
def test_a_wrong_code_turns_nothing_on(api: Any, code: str) -> None:
    user = make_user()
    client = api(user)
    client.post(f"{AUTH}/mfa/totp")

    answer = client.post(f"{AUTH}/mfa/totp/confirm", {"code": code})

    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_mfa_code"
    assert answer.json()["errors"][0]["field"] == "code"
    assert client.get(f"{AUTH}/mfa").json()["methods"] == []


@pytest.mark.covers("ACC-20")
@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": 123456}, {"code": None}, {"code": []}])
def test_a_code_is_text(api: Any, body: dict[str, Any]) -> None:
    client = api(make_user())

    for path in ("totp/confirm", "email/confirm"):
        answer = client.post(f"{AUTH}/mfa/{path}", body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "code"


@pytest.mark.covers("ACC-20")
def test_what_was_not_begun_cannot_be_confirmed_and_what_is_on_not_begun_again(api: Any) -> None:
    user = make_user()
    client = api(user)

    assert client.post(f"{AUTH}/mfa/totp/confirm", {"code": "123456"}).status_code == 404
    secret, _ = with_totp(user)
    again = client.post(f"{AUTH}/mfa/totp")

    assert (again.status_code, again.json()["code"]) == (409, "mfa_already_on")
    confirmed = client.post(f"{AUTH}/mfa/totp/confirm", {"code": code_at(secret)})
    assert confirmed.json()["code"] == "mfa_already_on"


@pytest.mark.covers("ACC-20", "C-13")
@pytest.mark.parametrize("meanwhile", [lambda user: enrol_totp(user_id=user.pk), forget_mfa])
def test_a_code_turns_on_the_key_that_it_was_made_with_and_no_other(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[User], Any]
) -> None:
    user = make_user()
    secret = enrol_totp(user_id=user.pk).secret
    spend = turn_on_mfa.spend_step

    def spend_then(row: MfaMethod, code: str) -> bool:
        """As if another tab had begun anew, or staff had reset it, right after the check."""
        taken = spend(row, code)
        meanwhile(user)
        return taken

    monkeypatch.setattr(turn_on_mfa, "spend_step", spend_then)
    with pytest.raises(InvalidMfaCode):
        confirm_totp(user_id=user.pk, code=code_at(secret))

    assert not MfaMethod.objects.filter(confirmed_at__isnull=False).exists()
    assert not BackupCode.objects.exists()


@pytest.mark.covers("ACC-20")
def test_codes_by_email_are_turned_on_by_one_that_was_mailed(api: Any) -> None:
    user = make_user()
    client = api(user)

    sent = client.post(f"{AUTH}/mfa/email")
    assert sent.status_code == 202
    wrong = client.post(f"{AUTH}/mfa/email/confirm", {"code": "000000"})
    code = mailed_code()
    done = client.post(f"{AUTH}/mfa/email/confirm", {"code": code})

    assert wrong.status_code == 422 or code == "000000"
    assert done.status_code == 200
    assert len(done.json()["backup_codes"]) == 10
    assert client.get(f"{AUTH}/mfa").json()["methods"] == ["email"]


@pytest.mark.covers("ACC-20")
def test_the_second_kind_leaves_the_backup_codes_as_they_are(api: Any) -> None:
    user = make_user()
    _, codes = with_totp(user)
    client = api(user)
    client.post(f"{AUTH}/mfa/email")

    done = client.post(f"{AUTH}/mfa/email/confirm", {"code": mailed_code()})

    assert done.json() == {"backup_codes": []}
    assert client.get(f"{AUTH}/mfa").json() == {
        "required": False,
        "methods": ["totp", "email"],
        "backup_codes_left": 10,
    }
    assert answer_challenge(token=asked(user).token, method="backup", code=codes[0]) == user


# --- Passing it ---------------------------------------------------------------------------------


def asked(user: Any) -> MfaChallenged:
    """The first step, passed."""
    result = sign_in(email=user.email, password=PASSWORD)
    assert isinstance(result, MfaChallenged)
    return result


@pytest.mark.covers("ACC-20", "ACC-02")
def test_the_password_alone_opens_no_session_and_the_code_does(api: Any) -> None:
    user = make_user(email="ada@example.com")
    secret, _ = with_totp(user)

    first = login(api(), user)

    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "no-store"
    body = first.json()
    token = body.pop("mfa_token")
    assert body == {"mfa_required": True, "methods": ["totp", "backup"], "expires_in": 300}
    assert not Session.objects.exists()

    second = verify(api(), token, code_at(secret))

    assert second.status_code == 200
    assert second.json()["user"]["id"] == str(user.id)
    assert second.json()["scope"] == ""
    bearer = f"Bearer {second.json()['access']}"
    assert api().get(f"{AUTH}/verify", HTTP_AUTHORIZATION=bearer).status_code == 200
    assert Session.objects.get().user_id == user.id


@pytest.mark.covers("ACC-20", "ACC-07")
def test_the_second_step_puts_tokens_into_cookies_where_asked(api: Any) -> None:
    user = make_user()
    secret, _ = with_totp(user)
    client = api()
    body = {"mfa_token": asked(user).token, "method": "totp", "code": code_at(secret)}

    answer = client.post(f"{AUTH}/mfa/verify", body, HTTP_X_AUTH_MODE="cookie")

    assert answer.status_code == 200
    assert "access" not in answer.json()
    assert answer.json()["csrf_token"]
    assert any("access" in name for name in answer.cookies)


@pytest.mark.covers("ACC-20")
def test_the_token_between_the_steps_opens_nothing_by_itself(api: Any) -> None:
    user = make_user()
    with_totp(user)
    token = asked(user).token

    for path in ("auth/verify", "users/me", "auth/mfa"):
        answer = api().get(f"/api/v1/{path}", HTTP_AUTHORIZATION=f"Bearer {token}")
        assert answer.status_code == 401, path
    assert api().post(f"{AUTH}/refresh", {"refresh": token}).status_code == 401


@pytest.mark.covers("ACC-20", "C-13")
def test_a_code_of_the_app_is_taken_once(api: Any, clock: Callable[[int], None]) -> None:
    user = make_user()
    secret, _ = with_totp(user)
    code = code_at(secret)
    assert verify(api(), asked(user).token, code).status_code == 200

    replayed = verify(api(), asked(user).token, code)

    assert (replayed.status_code, replayed.json()["code"]) == (401, "wrong_mfa_code")
    # Nor one from before it, and the next one is good.
    assert verify(api(), asked(user).token, code_at(secret, NOW - 1)).status_code == 401
    clock(1)
    assert verify(api(), asked(user).token, code_at(secret, NOW + 1)).status_code == 200


@pytest.mark.covers("ACC-20")
def test_the_code_that_set_the_app_up_does_not_sign_in(api: Any) -> None:
    user = make_user()
    secret = enrol_totp(user_id=user.pk).secret
    confirm_totp(user_id=user.pk, code=code_at(secret))

    assert verify(api(), asked(user).token, code_at(secret)).status_code == 401


@pytest.mark.covers("ACC-20")
@pytest.mark.parametrize(("step", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
def test_a_clock_may_be_off_by_half_a_minute(
    api: Any, clock: Callable[[int], None], step: int, status: int
) -> None:
    user = make_user()
    secret, _ = with_totp(user)
    clock(10)

    answer = verify(api(), asked(user).token, code_at(secret, NOW + 10 + step))

    assert answer.status_code == status


@pytest.mark.covers("ACC-20")
def test_codes_may_be_typed_with_blanks_and_hyphens(api: Any) -> None:
    user = make_user()
    secret, codes = with_totp(user)
    code = code_at(secret)

    spaced = verify(api(), asked(user).token, f" {code[:3]} {code[3:]} ")
    backup = codes[0].replace("-", " ").upper()

    assert spaced.status_code == 200
    assert verify(api(), asked(user).token, backup, "backup").status_code == 200


@pytest.mark.covers("ACC-20", "C-13", "T15")
def test_one_code_sent_by_two_at_once_signs_one_in(live_store: StoreRef) -> None:
    user = make_user()
    secret, _ = with_totp(user)
    tokens = [asked(user).token for _ in range(4)]
    code = code_at(secret)

    results = at_once(
        live_store,
        [lambda t=token: answer_challenge(token=t, method="totp", code=code) for token in tokens],
    )

    assert sorted(type(result).__name__ for result in results) == ["User", *["WrongMfaCode"] * 3]


@pytest.mark.covers("ACC-20", "C-13")
def test_one_challenge_answered_by_two_at_once_signs_one_in(live_store: StoreRef) -> None:
    user = make_user()
    secret, codes = with_totp(user)
    token = asked(user).token

    results = at_once(
        live_store,
        [
            lambda: answer_challenge(token=token, method="totp", code=code_at(secret)),
            lambda: answer_challenge(token=token, method="backup", code=codes[0]),
        ],
    )

    assert sorted(type(result).__name__ for result in results) == ["InvalidMfaToken", "User"]


@pytest.mark.covers("ACC-20", "C-13")
def test_a_backup_code_works_once_also_when_raced(live_store: StoreRef) -> None:
    user = make_user()
    _, codes = with_totp(user)
    tokens = [asked(user).token for _ in range(4)]

    results = at_once(
        live_store,
        [
            lambda t=token: answer_challenge(token=t, method="backup", code=codes[3])
            for token in tokens
        ],
    )

    assert [type(result).__name__ for result in results].count("User") == 1
    assert BackupCode.objects.filter(used_at__isnull=False).count() == 1
    with pytest.raises(WrongMfaCode):
        answer_challenge(token=asked(user).token, method="backup", code=codes[3])
    assert answer_challenge(token=asked(user).token, method="backup", code=codes[4]) == user


@pytest.mark.covers("ACC-20", "C-13")
def test_a_mailed_code_works_once_also_when_raced(live_store: StoreRef) -> None:
    user = with_email_codes()
    tokens = [asked(user).token for _ in range(3)]
    code = mailed_code()

    results = at_once(
        live_store,
        [lambda t=token: answer_challenge(token=t, method="email", code=code) for token in tokens],
    )

    assert [type(result).__name__ for result in results].count("User") == 1


def with_email_codes() -> Any:
    """A user who has codes by e-mail on and nothing else."""
    user = make_user()
    MfaMethod.objects.create(user=user, kind="email", confirmed_at=timezone.now())
    return user


@pytest.mark.covers("ACC-20")
def test_where_codes_come_by_email_alone_one_is_mailed_at_once(api: Any) -> None:
    user = with_email_codes()

    first = login(api(), user).json()
    answer = verify(api(), first["mfa_token"], mailed_code(), "email")

    assert first["methods"] == ["email", "backup"]
    assert answer.status_code == 200
    assert not MfaChallenge.objects.exists()


@pytest.mark.covers("ACC-20")
def test_beside_an_app_a_code_is_mailed_on_request(api: Any) -> None:
    user = with_email_codes()
    with_totp(user)
    token = login(api(), user).json()["mfa_token"]
    topics = Event.objects.filter(topic="user.message.requested", payload__kind="mfa_code")
    assert not topics.exists()

    sent = api().post(f"{AUTH}/mfa/send", {"mfa_token": token})

    assert sent.status_code == 202
    assert verify(api(), token, mailed_code(), "email").status_code == 200


@pytest.mark.covers("ACC-20")
def test_nothing_is_mailed_to_whom_it_is_not_on_or_for_a_made_up_token(api: Any) -> None:
    user = make_user()
    with_totp(user)
    token = asked(user).token

    answers = [
        api().post(f"{AUTH}/mfa/send", {"mfa_token": sent})
        for sent in (token, "mfa_", "x", f"mfa_{uuid4().hex}{'0' * 64}")
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["code"] for answer in answers} == {"invalid_mfa_token"}


@pytest.mark.covers("ACC-20", "T15")
def test_mails_are_counted(api: Any) -> None:
    client = api(make_user())

    statuses = [client.post(f"{AUTH}/mfa/email").status_code for _ in range(6)]

    assert statuses == [202] * 5 + [429]


@pytest.mark.covers("ACC-20")
def test_only_the_newest_mailed_code_counts_and_for_ten_minutes(api: Any) -> None:
    user = with_email_codes()
    asked(user)
    old = mailed_code()
    token = asked(user).token
    new = mailed_code()

    assert verify(api(), token, old, "email").status_code == (200 if old == new else 401)
    MfaChallenge.objects.filter(kind="email").update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert verify(api(), token, new, "email").status_code == 401
    row = MfaChallenge.objects.filter(kind="email").get()
    assert secrets_of_message("mfa_code", row.pk) is None


@pytest.mark.covers("ACC-20")
def test_a_kind_that_is_not_on_takes_no_code(api: Any) -> None:
    user = with_email_codes()
    enrolled = enrol_totp(user_id=user.pk)
    token = asked(user).token

    assert verify(api(), token, code_at(enrolled.secret), "totp").status_code == 401
    assert verify(api(), token, "anything", "backup").status_code == 401
    assert verify(api(), token, "123456", "sms").status_code == 400


# --- Its bounds ---------------------------------------------------------------------------------


@pytest.mark.covers("ACC-20", "T15")
def test_five_wrong_codes_end_the_sign_in(api: Any) -> None:
    user = make_user()
    secret, _ = with_totp(user)
    token = asked(user).token

    wrong = [verify(api(), token, "000000").json()["code"] for _ in range(5)]
    late = verify(api(), token, code_at(secret))

    assert wrong == ["wrong_mfa_code"] * 5
    assert (late.status_code, late.json()["code"]) == (401, "invalid_mfa_token")
    assert not Session.objects.exists()


@pytest.mark.covers("ACC-20", "T15")
def test_whoever_signs_in_anew_cannot_go_on_guessing(api: Any) -> None:
    user = make_user()
    secret, _ = with_totp(user)
    for _ in range(2):
        token = asked(user).token
        for _ in range(5):
            verify(api(), token, "000000")

    answer = verify(api(), asked(user).token, code_at(secret))

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 900


@pytest.mark.covers("ACC-20", "T15")
def test_many_at_once_get_no_more_than_five_tries(live_store: StoreRef) -> None:
    user = make_user()
    with_totp(user)
    token = asked(user).token

    results = at_once(
        live_store,
        [lambda: answer_challenge(token=token, method="totp", code="000000") for _ in range(24)],
        threads=8,
    )

    kinds = [type(result).__name__ for result in results]
    assert kinds.count("WrongMfaCode") <= 5
    assert "User" not in kinds


@pytest.mark.covers("ACC-20")
def test_the_sign_in_waits_for_five_minutes(api: Any) -> None:
    user = make_user()
    secret, _ = with_totp(user)
    token = asked(user).token
    waited = MfaChallenge.objects.get()
    assert 295 < (waited.expires_at - timezone.now()).total_seconds() <= 300

    MfaChallenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert verify(api(), token, code_at(secret)).json()["code"] == "invalid_mfa_token"
    # The next one sweeps what nobody answered.
    asked(user)
    assert MfaChallenge.objects.count() == 1


@pytest.mark.covers("ACC-20", "T2", "TEN-01")
def test_another_stores_token_and_code_are_nothing_here(api: Any, globex: StoreRef) -> None:
    user = make_user(email="ada@example.com")
    secret, codes = with_totp(user)
    rows = [
        MfaChallenge.objects.get(pk=mfa.challenge_of(asked(user).token)),
        MfaMethod.objects.get(),
        *BackupCode.objects.all(),
    ]
    token = asked(user).token
    with enter_store(globex):
        # The very same rows, as after copying a schema.
        User.objects.create(id=user.id, email=user.email, password=user.password)
        for row in rows:
            row.save(force_insert=True)
        theirs = asked(user).token

    assert verify(api(store=globex), token, code_at(secret)).status_code == 401
    for method, code in (("totp", code_at(secret)), ("backup", codes[0])):
        assert verify(api(store=globex), theirs, code, method).status_code == 401
    assert verify(api(), theirs, code_at(secret)).status_code == 401
    assert verify(api(), token, code_at(secret)).status_code == 200


@pytest.mark.covers("ACC-20", "ACC-16")
@pytest.mark.parametrize("status", ["suspended", "deactivated"])
def test_a_closed_account_gets_nothing_between_the_steps(api: Any, status: str) -> None:
    user = with_email_codes()
    token = asked(user).token
    row = MfaChallenge.objects.get(kind="email")
    User.objects.filter(pk=user.pk).update(status=status)

    assert verify(api(), token, "123456", "email").json()["code"] == "invalid_mfa_token"
    sent = api().post(f"{AUTH}/mfa/send", {"mfa_token": token})
    assert sent.json()["code"] == "invalid_mfa_token"
    assert secrets_of_message("mfa_code", row.pk) is None
    assert secrets_of_message("mfa_changed", user.pk) is None


@pytest.mark.covers("ACC-20", "ACC-19")
def test_a_new_password_ends_what_the_old_one_began(api: Any) -> None:
    from apps.accounts.services.set_password import set_password

    user = make_user()
    secret, _ = with_totp(user)
    token = asked(user).token
    set_password(user_id=user.pk, password="Another-fine-8-password")

    assert verify(api(), token, code_at(secret)).json()["code"] == "invalid_mfa_token"


@pytest.mark.covers("ACC-20", "SEC-08")
def test_a_wrong_password_does_not_tell_that_a_second_step_is_on(api: Any) -> None:
    user, plain = make_user(), make_user()
    with_totp(user)

    answers = [
        login(api(), user, "wrong-password"),
        login(api(), plain, "wrong-password"),
        login(api(), User(email="nobody@example.com"), "wrong-password"),
    ]

    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert bodies[0]["code"] == "invalid_credentials"
    assert bodies[0] == bodies[1] == bodies[2]


@pytest.mark.covers("ACC-20")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "mfa_token"),
        ({"mfa_token": "x" * 201, "method": "totp", "code": "1"}, "mfa_token"),
        ({"mfa_token": "x", "method": "x", "code": "1"}, "method"),
        ({"mfa_token": "x", "method": "totp"}, "code"),
        ({"mfa_token": "x", "method": "totp", "code": 123456}, "code"),
        ({"mfa_token": "x", "method": "totp", "code": "1" * 21}, "code"),
    ],
)
def test_bad_input_to_the_second_step_names_the_field(
    api: Any, body: dict[str, Any], field: str
) -> None:
    answer = api().post(f"{AUTH}/mfa/verify", body)

    assert answer.status_code == 400
    assert field in {row["field"] for row in answer.json()["errors"]}


@pytest.mark.covers("ACC-20", "SEC-03")
def test_a_key_that_cannot_be_read_any_more_leaves_the_backup_codes(
    api: Any, settings: Any
) -> None:
    user = make_user()
    secret, codes = with_totp(user)
    MfaMethod.objects.update(secret="00000000.AAAA")

    assert verify(api(), asked(user).token, code_at(secret)).status_code == 401
    assert verify(api(), asked(user).token, codes[0], "backup").status_code == 200


@pytest.mark.covers("SEC-03")
def test_backup_codes_outlive_a_new_encryption_key(api: Any, settings: Any) -> None:
    user = make_user()
    secret, codes = with_totp(user)
    new_key = "a-new-key-of-more-than-thirty-two-characters"
    settings.ENCRYPTION_KEYS = [new_key, *settings.ENCRYPTION_KEYS]

    assert verify(api(), asked(user).token, codes[0], "backup").status_code == 200
    assert verify(api(), asked(user).token, code_at(secret)).status_code == 200


def test_challenges_hold_no_secret(store: StoreRef) -> None:
    columns = {field.name for field in MfaChallenge._meta.get_fields()}

    assert columns == {"id", "created_at", "updated_at", "user", "kind", "tries", "expires_at"}
    with pytest.raises(InvalidMfaToken):
        answer_challenge(token="mfa_", method="totp", code="000000")
    assert issue_tokens(make_user().pk).scope == ""
