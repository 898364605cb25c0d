"""Tokens that the browser keeps: cookies that scripts never see, and proof against other sites."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.csrf import is_csrf_token, make_csrf_token
from apps.accounts.facade import issue_tokens
from apps.accounts.models import Session
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.support.people import PASSWORD, make_user

VERIFY = "/api/v1/auth/verify"
SESSIONS = "/api/v1/auth/sessions"
REFRESH = "/api/v1/auth/refresh"
LOGOUT = "/api/v1/auth/logout"
COOKIE_MODE = {"HTTP_X_AUTH_MODE": "cookie"}


def sign_in(client: Any, user: Any) -> Any:
    credentials = {"email": user.email, "password": PASSWORD}
    return client.post("/api/v1/auth/login", credentials, **COOKIE_MODE)


@pytest.fixture
def browser(api: Any) -> Any:
    """A page whose user has signed in by cookie; `browser.csrf` is what the answer told it."""
    client = api()
    answer = sign_in(client, make_user("owner"))
    assert answer.status_code == 200
    client.csrf = answer.json()["csrf_token"]
    return client


@pytest.mark.covers("ACC-07", "ACC-21", "C-11")
@pytest.mark.parametrize("secure", [True, False])
def test_cookies_are_as_strict_as_browsers_know(api: Any, settings: Any, secure: bool) -> None:
    settings.COOKIES_SECURE = secure
    client = api()
    names = {
        True: ("__Host-fusion_access", "__Secure-fusion_refresh", "__Host-fusion_csrf"),
        False: ("fusion_access", "fusion_refresh", "fusion_csrf"),
    }[secure]

    answer = sign_in(client, make_user())

    assert set(answer.json()) == {"csrf_token", "expires_in", "scope", "user"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(client.cookies) == set(names)
    access, refresh, csrf = (client.cookies[name] for name in names)
    for cookie in (access, refresh, csrf):
        assert cookie["samesite"] == "Strict"
        assert bool(cookie["secure"]) is secure
        assert cookie["domain"] == ""
    assert [bool(cookie["httponly"]) for cookie in (access, refresh, csrf)] == [True, True, False]
    assert [cookie["path"] for cookie in (access, refresh, csrf)] == ["/", "/api/v1/auth", "/"]
    assert [cookie["max-age"] for cookie in (access, refresh, csrf)] == [900, 604_800, 604_800]
    assert csrf.value == answer.json()["csrf_token"]


@pytest.mark.covers("ACC-07")
def test_without_the_header_no_cookie_is_set(api: Any) -> None:
    client = api()
    user = make_user()

    answer = client.post("/api/v1/auth/login", {"email": user.email, "password": PASSWORD})

    body = answer.json()
    assert set(body) == {"access", "refresh", "token_type", "expires_in", "scope", "user"}
    assert not client.cookies


@pytest.mark.covers("ACC-07", "T14")
def test_a_cookie_reads_and_with_the_csrf_token_writes(browser: Any) -> None:
    assert browser.get(VERIFY).status_code == 200

    refused = browser.delete(SESSIONS)
    taken = browser.delete(SESSIONS, HTTP_X_CSRF_TOKEN=browser.csrf)

    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    assert taken.status_code == 204


@pytest.mark.covers("ACC-07", "T14", "SEC-08")
def test_a_csrf_token_of_another_session_or_made_up_is_refused(
    browser: Any, globex: StoreRef
) -> None:
    session = Session.objects.get()
    other = issue_tokens(make_user().id).session_id
    with enter_store(globex):
        elsewhere = make_csrf_token(session.id)
    nonce, _, proof = browser.csrf.partition(".")
    bad = ["", "x", ".", proof, f"other.{proof}", f"{nonce}.", make_csrf_token(other), elsewhere]
    bad.append(f"{nonce}.{proof[:-1]}é")

    for token in bad:
        # Planted in the cookie as well, as a neighbouring host might.
        browser.cookies["fusion_csrf"] = token.encode("ascii", "ignore").decode()
        answer = browser.delete(SESSIONS, HTTP_X_CSRF_TOKEN=token)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed"), token
    assert not any(is_csrf_token(token, session.id) for token in bad)
    # A right one that is not in the cookie.
    browser.cookies["fusion_csrf"] = ""
    assert browser.delete(SESSIONS, HTTP_X_CSRF_TOKEN=browser.csrf).status_code == 403
    assert browser.get(VERIFY).status_code == 200


@pytest.mark.covers("ACC-07")
def test_a_bearer_token_wins_over_the_cookie_and_needs_no_csrf_token(browser: Any) -> None:
    user = make_user()
    access = issue_tokens(user.id).access

    who = browser.get(VERIFY, HTTP_AUTHORIZATION=f"Bearer {access}")
    ended = browser.delete(SESSIONS, HTTP_AUTHORIZATION=f"Bearer {access}")
    wrong = browser.get(VERIFY, HTTP_AUTHORIZATION="Bearer nonsense")

    assert who.json()["sub"] == str(user.id)
    assert (ended.status_code, wrong.status_code) == (204, 401)


@pytest.mark.covers("ACC-07", "ACC-03")
def test_refreshing_by_cookie_takes_the_csrf_token_and_rotates(browser: Any) -> None:
    first = browser.cookies["fusion_refresh"].value

    refused = browser.post(REFRESH, **COOKIE_MODE)
    answer = browser.post(REFRESH, **COOKIE_MODE, HTTP_X_CSRF_TOKEN=browser.csrf)

    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    assert answer.status_code == 200
    assert set(answer.json()) == {"csrf_token", "expires_in", "scope"}
    assert browser.cookies["fusion_refresh"].value != first
    fresh = answer.json()["csrf_token"]
    assert browser.cookies["fusion_csrf"].value == fresh
    assert browser.delete(SESSIONS, HTTP_X_CSRF_TOKEN=fresh).status_code == 204
    browser.cookies["fusion_refresh"] = first
    stolen = browser.post(REFRESH, **COOKIE_MODE, HTTP_X_CSRF_TOKEN=fresh)
    assert stolen.status_code == 401
    assert browser.get(VERIFY).status_code == 401


@pytest.mark.covers("ACC-07")
def test_refreshing_by_cookie_without_one_is_a_401(api: Any) -> None:
    assert api().post(REFRESH, **COOKIE_MODE).status_code == 401


@pytest.mark.covers("ACC-07", "ACC-08")
@pytest.mark.parametrize("access_expired", [False, True])
def test_signing_out_takes_the_csrf_token_and_the_cookies(
    browser: Any, access_expired: bool
) -> None:
    if access_expired:
        del browser.cookies["fusion_access"]

    refused = browser.post(LOGOUT)
    answer = browser.post(LOGOUT, HTTP_X_CSRF_TOKEN=browser.csrf)

    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    assert answer.status_code == 204
    assert Session.objects.get().revoked_at is not None
    left = {name: (cookie.value, cookie["max-age"]) for name, cookie in answer.cookies.items()}
    gone = {"fusion_access", "fusion_refresh", "fusion_csrf"} - (
        {"fusion_access"} if access_expired else set()
    )
    assert left == dict.fromkeys(gone, ("", 0))
    assert answer.cookies["fusion_refresh"]["path"] == "/api/v1/auth"


@pytest.mark.covers("ACC-07", "TEN-04")
def test_a_store_that_the_path_names_gets_the_refresh_cookie_below_its_path(api: Any) -> None:
    user = make_user()
    client = api()

    answer = client.post(
        "/api/v1/stores/acme/auth/login",
        {"email": user.email, "password": PASSWORD},
        HTTP_HOST="localhost",
        **COOKIE_MODE,
    )

    assert answer.cookies["fusion_refresh"]["path"] == "/api/v1/stores/acme/auth"


@pytest.mark.covers("ACC-07", "ORD-01")
def test_an_order_by_cookie_needs_the_csrf_token(browser: Any) -> None:
    order = {"items": [{"sku": "NONE", "quantity": 1}], "currency": "USD"}

    refused = browser.post("/api/v1/orders", order)
    seen = browser.post("/api/v1/orders", order, HTTP_X_CSRF_TOKEN=browser.csrf)

    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    assert seen.status_code == 422
