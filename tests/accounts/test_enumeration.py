"""Who has an account is told to nobody, and nobody guesses for long (T15)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts import attempts
from apps.accounts.errors import TooManyAttempts
from apps.accounts.models import User
from apps.common import rates
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.support.people import PASSWORD, make_user
from tests.support.work import at_once

WRONG = "Wrong-pass-77-x"
KNOWN, UNKNOWN = "ada@example.com", "nobody@example.com"


def login(client: Any, email: str, password: str = WRONG, **headers: Any) -> Any:
    return client.post("/api/v1/auth/login", {"email": email, "password": password}, **headers)


def change(client: Any, email: str) -> Any:
    """Somebody who is signed in asks for this address."""
    return client.post("/api/v1/users/me/email", {"email": email, "password": PASSWORD})


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for every password that is hashed, with what it cost."""
    costs: list[int] = []
    encode = BCryptSHA256PasswordHasher.encode

    def counted(self: Any, password: str, salt: Any) -> str:
        costs.append(int(bytes(salt).split(b"$")[2]))
        return encode(self, password, salt)

    monkeypatch.setattr(BCryptSHA256PasswordHasher, "encode", counted)
    return costs


def every_flow(api: Any) -> dict[str, Callable[[str], Any]]:
    """What a stranger can ask about an address."""
    body = {"password": PASSWORD, "first_name": "Eve"}
    return {
        "login": lambda email: login(api(), email),
        "register": lambda email: api().post("/api/v1/auth/register", {**body, "email": email}),
        "reset": lambda email: api().post("/api/v1/auth/password/reset", {"email": email}),
    }


@pytest.mark.covers("T15", "ACC-02", "ACC-23")
@pytest.mark.usefixtures("real_hashing")
@pytest.mark.parametrize("flow", ["login", "register", "reset"])
def test_the_answer_and_the_hashing_are_the_same_for_known_and_unknown(
    api: Any, hashes: list[int], flow: str
) -> None:
    make_user(email=KNOWN)
    ask = every_flow(api)[flow]
    hashes.clear()

    known = ask(KNOWN)
    for_known = list(hashes)
    unknown = ask(UNKNOWN)

    assert known.status_code == unknown.status_code
    assert {**known.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}
    assert list(known.headers) == list(unknown.headers)
    assert for_known == hashes[len(for_known) :] == ([] if flow == "reset" else [12])


@pytest.mark.covers("T15")
@pytest.mark.usefixtures("real_hashing")
def test_a_change_of_address_hashes_alike_for_taken_and_free(api: Any, hashes: list[int]) -> None:
    client = api(make_user())
    make_user(email=KNOWN)
    hashes.clear()

    answers = [change(client, email) for email in (KNOWN, UNKNOWN)]

    assert answers[0].content == answers[1].content
    assert hashes == [12, 12]


@pytest.mark.covers("T15", "ACC-23")
def test_asking_for_a_reset_costs_the_same_queries_for_known_and_unknown(
    api: Any,
) -> None:
    make_user(email=KNOWN)
    ask = every_flow(api)["reset"]
    ask("first@example.com")

    with CaptureQueriesContext(connection) as known:
        ask(KNOWN)
    with CaptureQueriesContext(connection) as unknown:
        ask(UNKNOWN)

    assert len(known) > 0
    assert [row["sql"][:10] for row in known] == [row["sql"][:10] for row in unknown]
    assert "accounts_user" not in str(known.captured_queries)


@pytest.mark.covers("T15")
@pytest.mark.slow
@pytest.mark.usefixtures("real_hashing")
@pytest.mark.parametrize("flow", ["login", "register", "change"])
def test_the_time_does_not_tell_either(api: Any, settings: Any, flow: str) -> None:
    settings.REGISTRATIONS_PER_HOUR = 10_000
    make_user(email=KNOWN)
    ask = {**every_flow(api), "change": lambda email: change(api(make_user()), email)}[flow]
    times: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}

    # In turns, so that whatever else the machine does falls on both; CPU time of this thread.
    for _ in range(7):
        for email, spent in times.items():
            attempts.unlock(email)
            User.objects.filter(email=UNKNOWN).update(email=f"u{time.time_ns()}@example.com")
            started = time.thread_time()
            ask(email)
            spent.append(time.thread_time() - started)

    known, unknown = (statistics.median(spent) for spent in times.values())
    # `python -m bench.enumeration` holds the bar of 10 % over 200 samples of each, by the clock.
    assert 0.85 < known / unknown < 1.15


# --- Locks --------------------------------------------------------------------------------------


@pytest.mark.covers("T15", "ACC-02")
@pytest.mark.parametrize("email", [KNOWN, UNKNOWN, "not an address", "sue@example.com"])
def test_after_ten_wrong_tries_an_address_is_locked_whoever_has_it(api: Any, email: str) -> None:
    make_user(email=KNOWN)
    make_user(email="sue@example.com", status="suspended")

    answers = [login(api(), email) for _ in range(12)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    refused = answers[-1]
    assert refused.json()["code"] == "too_many_attempts"
    assert refused.json()["detail"] == "Too many attempts; try again later"
    assert 890 <= int(refused.headers["Retry-After"]) <= 901


@pytest.mark.covers("T15", "ACC-02")
def test_the_right_password_does_not_show_while_locked(api: Any, hashes: list[int]) -> None:
    make_user(email=KNOWN)
    for _ in range(11):
        login(api(), KNOWN)
    hashes.clear()

    right, wrong = login(api(), KNOWN, PASSWORD), login(api(), KNOWN)

    assert (right.status_code, wrong.status_code) == (429, 429)
    assert {**right.json(), "request_id": ""} == {**wrong.json(), "request_id": ""}
    assert hashes == []


@pytest.mark.covers("T15", "ACC-02")
def test_spellings_of_one_address_count_together_and_other_addresses_apart(api: Any) -> None:
    make_user(email=KNOWN)

    for number in range(11):
        login(api(), [KNOWN, " ADA@example.com", "Ada@Example.Com "][number % 3])

    assert login(api(), KNOWN, PASSWORD).status_code == 429
    make_user(email="bob@example.com")
    assert login(api(), "bob@example.com", PASSWORD).status_code == 200


@pytest.mark.covers("T15", "TEN-01", "T8")
def test_a_lock_in_one_store_is_none_in_another(api: Any, globex: StoreRef) -> None:
    for _ in range(11):
        login(api(), KNOWN)
    with enter_store(globex):
        make_user(email=KNOWN)

    assert login(api(), KNOWN).status_code == 429
    assert login(api(store=globex), KNOWN, PASSWORD).status_code == 200


@pytest.mark.covers("T15", "ACC-02")
def test_the_right_password_begins_the_count_anew(api: Any) -> None:
    make_user(email=KNOWN)

    statuses = []
    for _ in range(2):
        statuses += [login(api(), KNOWN).status_code for _ in range(9)]
        statuses.append(login(api(), KNOWN, PASSWORD).status_code)

    assert statuses == ([401] * 9 + [200]) * 2


@pytest.mark.covers("T15")
def test_each_lock_lasts_longer_than_the_one_before(store: StoreRef) -> None:
    def lock() -> int:
        for _ in range(10):
            attempts.begin_sign_in(KNOWN)
        with pytest.raises(TooManyAttempts) as refusal:
            attempts.begin_sign_in(KNOWN)
        return int(refusal.value.retry_after or 0)

    seconds = []
    for _ in range(6):
        seconds.append(lock())
        # The lock and the tries run out; that there was one is remembered for a day.
        who = attempts._name(KNOWN)
        rates.forget(attempts._TRIES, "sign-in", who)
        for rate in attempts._LOCKS:
            rates.forget(rate, "sign-in-lock", who)

    minutes = [round(value / 60) for value in seconds]
    assert minutes == [15, 30, 60, 120, 240, 240]


@pytest.mark.covers("T15")
@pytest.mark.slow
def test_fifty_tries_at_once_are_ten(live_store: StoreRef) -> None:
    make_user(email=KNOWN)

    results = at_once(
        live_store, [lambda: authenticate(None, username=KNOWN, password=WRONG)] * 50, threads=8
    )

    kinds = [type(result).__name__ for result in results]
    assert (kinds.count("NoneType"), kinds.count("TooManyAttempts")) == (10, 40)


@pytest.mark.covers("T15", "API-10")
def test_one_client_tries_a_hundred_times_whatever_the_addresses(api: Any) -> None:
    make_user(email=KNOWN)

    statuses = [login(api(), f"a{number}@example.com").status_code for number in range(101)]

    assert statuses == [401] * 100 + [429]
    assert login(api(), KNOWN, PASSWORD).status_code == 429
    assert login(api(), KNOWN, PASSWORD, REMOTE_ADDR="203.0.113.9").status_code == 200


@pytest.mark.covers("T15", "API-10")
@pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
def test_resets_are_asked_for_five_times_an_hour_per_address(api: Any, email: str) -> None:
    make_user(email=KNOWN)
    ask = every_flow(api)["reset"]

    answers = [ask(email) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 3_000


@pytest.mark.covers("T15", "API-09")
@pytest.mark.parametrize("email", ["", "nobody", None, 7, "a" * 300 + "@example.com"])
def test_a_reset_of_what_is_no_address_is_a_400(api: Any, email: Any) -> None:
    answer = every_flow(api)["reset"](email)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "email")


# --- Staff and admin ----------------------------------------------------------------------------


@pytest.mark.covers("ACC-15", "T15")
def test_staff_unlock_an_account(api: Any) -> None:
    user = make_user(email=KNOWN)
    for _ in range(11):
        login(api(), KNOWN)
    path = f"/api/v1/users/{user.id}/unlock"

    refused = [api(make_user(role)).post(path).status_code for role in ("support", "customer")]
    unlocked = api(make_user("admin")).post(path)

    assert refused == [403, 403]
    assert unlocked.status_code == 204
    assert login(api(), KNOWN, PASSWORD).status_code == 200


@pytest.mark.covers("ACC-15", "T15", "ACC-11")
def test_nobody_unlocks_an_account_with_more_rights(api: Any) -> None:
    owner = make_user("owner")

    assert api(make_user("admin")).post(f"/api/v1/users/{owner.id}/unlock").status_code == 403


@pytest.mark.covers("T15")
def test_the_admin_form_counts_and_locks_too(store: StoreRef) -> None:
    make_user("owner", email=KNOWN)
    client = Client(HTTP_HOST=store.domain)

    def sign_in(password: str) -> Any:
        return client.post("/admin/login/", {"username": KNOWN, "password": password})

    pages = [sign_in(WRONG) for _ in range(11)]

    assert {page.status_code for page in pages} == {200}
    assert "Too many attempts; try again later" not in pages[9].content.decode()
    assert "Too many attempts; try again later" in pages[10].content.decode()
    assert "Too many attempts" in sign_in(PASSWORD).content.decode()


@pytest.mark.covers("T15", "ACC-15")
def test_admin_unlocks_by_an_action(store: StoreRef) -> None:
    owner, user = make_user("owner"), make_user(email=KNOWN)
    client = Client(HTTP_HOST=store.domain)
    client.force_login(owner)
    for _ in range(10):
        attempts.begin_sign_in(KNOWN)

    data = {"action": "unlock", "_selected_action": [str(user.pk)]}
    page = client.post("/admin/accounts/user/", data, follow=True)

    assert f"{KNOWN} may sign in again." in page.content.decode()
    attempts.begin_sign_in(KNOWN)
