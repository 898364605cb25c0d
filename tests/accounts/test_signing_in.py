"""Signing in, staying signed in, signing out."""

from __future__ import annotations

import statistics
import time
from typing import Any

import pytest

from apps.accounts.facade import issue_tokens
from apps.accounts.models import Session
from apps.accounts.services.rotate_tokens import rotate_tokens
from apps.common.context import StoreRef
from tests.support.people import PASSWORD, make_user
from tests.support.work import at_once


def login(client: Any, email: str, password: str = PASSWORD) -> Any:
    return client.post("/api/v1/auth/login", {"email": email, "password": password})


def refresh(client: Any, token: str) -> Any:
    return client.post("/api/v1/auth/refresh", {"refresh": token})


def status_with(client: Any, access: str) -> int:
    answer = client.get("/api/v1/auth/verify", HTTP_AUTHORIZATION=f"Bearer {access}")
    return int(answer.status_code)


@pytest.mark.covers("ACC-02", "ACC-05")
def test_signing_in_answers_tokens_and_the_user(api: Any) -> None:
    user = make_user(email="ada@example.com")

    answer = login(api(), " ADA@example.com ")

    assert answer.status_code == 200
    assert answer.json()["user"]["id"] == str(user.id)
    claims = (
        api()
        .get("/api/v1/auth/verify", HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
        .json()
    )
    assert claims["exp"] - claims["iat"] == 15 * 60
    session = Session.objects.get()
    assert session.user_id == user.id
    assert abs((session.expires_at - session.created_at).total_seconds() - 7 * 86_400) < 5


@pytest.mark.covers("ACC-02", "ACC-16", "SEC-08")
def test_every_failed_sign_in_gets_the_same_answer(api: Any) -> None:
    make_user(email="ada@example.com")
    make_user(email="sue@example.com", status="suspended")
    make_user(email="del@example.com", status="deactivated")

    answers = [
        login(api(), "ada@example.com", "wrong-password"),
        login(api(), "nobody@example.com"),
        login(api(), "not an address"),
        login(api(), "sue@example.com"),
        login(api(), "del@example.com"),
    ]

    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert {answer.status_code for answer in answers} == {401}
    assert bodies[0]["code"] == "invalid_credentials"
    assert all(body == bodies[0] for body in bodies)
    assert not Session.objects.exists()


@pytest.mark.covers("ACC-02", "SEC-08")
def test_the_time_does_not_tell_whether_an_account_exists(api: Any) -> None:
    make_user(email="ada@example.com")

    def median(email: str) -> float:
        times = []
        for _ in range(3):
            started = time.process_time()
            login(api(), email, "wrong-password")
            times.append(time.process_time() - started)
        return statistics.median(times)

    known, unknown = median("ada@example.com"), median("nobody@example.com")

    # A skipped hash would be twenty times faster; the machine itself varies by much less.
    assert 0.5 < known / unknown < 2


@pytest.mark.covers("ACC-03")
def test_refreshing_gives_a_new_pair_for_the_same_session(api: Any) -> None:
    make_user(email="ada@example.com")
    first = login(api(), "ada@example.com").json()

    second = refresh(api(), first["refresh"])

    assert second.status_code == 200
    assert second.json()["refresh"] != first["refresh"]
    assert status_with(api(), second.json()["access"]) == 200
    assert Session.objects.count() == 1
    assert refresh(api(), second.json()["refresh"]).status_code == 200


@pytest.mark.covers("ACC-03", "ACC-08")
def test_a_spent_refresh_token_that_comes_again_ends_the_whole_session(api: Any) -> None:
    make_user(email="ada@example.com")
    first = login(api(), "ada@example.com").json()
    second = refresh(api(), first["refresh"]).json()

    stolen = refresh(api(), first["refresh"])

    assert stolen.status_code == 401
    assert stolen.json()["code"] == "invalid_token"
    assert refresh(api(), second["refresh"]).status_code == 401
    assert status_with(api(), second["access"]) == 401
    assert Session.objects.get().revoked_at is not None


@pytest.mark.covers("ACC-03")
def test_two_who_refresh_with_one_token_at_once_cannot_both_go_on(live_store: StoreRef) -> None:
    pair = issue_tokens(make_user().id)

    results = at_once(live_store, [lambda: rotate_tokens(refresh=pair.refresh)] * 2)

    assert sorted(type(result).__name__ for result in results) == ["InvalidToken", "TokenPair"]
    assert Session.objects.get().revoked_at is not None


@pytest.mark.covers("ACC-03")
def test_another_session_of_the_same_user_goes_on(api: Any) -> None:
    make_user(email="ada@example.com")
    phone = login(api(), "ada@example.com").json()
    laptop = login(api(), "ada@example.com").json()
    refresh(api(), phone["refresh"])
    refresh(api(), phone["refresh"])

    assert status_with(api(), phone["access"]) == 401
    assert status_with(api(), laptop["access"]) == 200


@pytest.mark.covers("ACC-03")
def test_an_access_token_does_not_refresh(api: Any) -> None:
    make_user(email="ada@example.com")
    pair = login(api(), "ada@example.com").json()

    assert refresh(api(), pair["access"]).status_code == 401
    assert refresh(api(), "nonsense").status_code == 401
    assert refresh(api(), "").status_code == 400


@pytest.mark.covers("ACC-03", "ACC-16")
def test_a_suspended_user_cannot_refresh(api: Any) -> None:
    user = make_user(email="ada@example.com")
    pair = login(api(), "ada@example.com").json()
    user.status = "suspended"
    user.save()

    assert refresh(api(), pair["refresh"]).status_code == 401


@pytest.mark.covers("ACC-08")
def test_signing_out_ends_access_and_refresh_at_once(api: Any) -> None:
    make_user(email="ada@example.com")
    pair = login(api(), "ada@example.com").json()

    answer = api().post("/api/v1/auth/logout", HTTP_AUTHORIZATION=f"Bearer {pair['access']}")

    assert answer.status_code == 204
    assert status_with(api(), pair["access"]) == 401
    assert refresh(api(), pair["refresh"]).status_code == 401


@pytest.mark.covers("ACC-08")
def test_a_refresh_token_alone_signs_out_too(api: Any) -> None:
    make_user(email="ada@example.com")
    pair = login(api(), "ada@example.com").json()

    answer = api().post("/api/v1/auth/logout", {"refresh": pair["refresh"]})

    assert answer.status_code == 204
    assert status_with(api(), pair["access"]) == 401


@pytest.mark.covers("ACC-08")
def test_signing_out_without_any_token_is_a_401(api: Any) -> None:
    answer = api().post("/api/v1/auth/logout")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
