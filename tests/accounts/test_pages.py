"""The pages behind mailed links, in a browser without a storefront."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Confirmation, User
from apps.common.context import StoreRef
from tests.accounts.mailbox import requested, token
from tests.support.people import make_user

NEW = "Another-fine-8-password"


@pytest.fixture
def browser(store: StoreRef) -> Client:
    return Client(HTTP_HOST=store.domain, enforce_csrf_checks=True)


def submit(browser: Client, path: str, query: str = "", **fields: str) -> Any:
    """Open the page, and send its form with what the page itself put into it."""
    page = browser.get(f"{path}{query}").content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    return browser.post(path, {**hidden, **fields})


@pytest.mark.covers("ACC-24")
def test_opening_the_link_changes_nothing_and_its_button_confirms_once(
    browser: Client, api: Any
) -> None:
    user = make_user(email="ada@example.com")
    api(user).post("/api/v1/auth/email/verify/resend")
    token_used = token("verify_email")
    query = f"?token={token_used}"

    opened = browser.get(f"/account/verify-email{query}")
    user.refresh_from_db()
    before = user.email_verified
    pressed = submit(browser, "/account/verify-email", query)
    form = {"token": token_used, "csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    again = browser.post("/account/verify-email", form)
    reopened = browser.get(f"/account/verify-email{query}")

    assert opened.status_code == 200
    assert before is False
    assert "Your e-mail address is confirmed." in pressed.content.decode()
    for over in (again, reopened):
        assert over.status_code == 422
        assert "This link was used already" in over.content.decode()
    user.refresh_from_db()
    assert user.email_verified is True


@pytest.mark.covers("ACC-23", "ACC-19")
def test_a_forgotten_password_is_asked_for_and_chosen_anew(browser: Client, drain: Any) -> None:
    make_user(email="ada@example.com")

    asked = submit(browser, "/account/forgot-password", email="Ada@example.com")
    drain()
    query = f"?token={token('reset_password')}"
    weak = submit(browser, "/account/reset-password", query, password="short")
    chosen = submit(browser, "/account/reset-password", query, password=NEW)

    assert "If the address has an account here" in asked.content.decode()
    assert weak.status_code == 422
    assert "an upper-case letter" in weak.content.decode()
    assert "too short" in weak.content.decode()
    assert "Your password is changed" in chosen.content.decode()
    assert User.objects.get().check_password(NEW)


@pytest.mark.covers("T15")
def test_the_page_tells_nobody_who_has_an_account(browser: Client, drain: Any) -> None:
    make_user(email="ada@example.com")

    pages = [
        submit(browser, "/account/forgot-password", email=email)
        for email in ("ada@example.com", "nobody@example.com")
    ]

    assert pages[0].content == pages[1].content
    drain()
    assert [mail["email"] for mail in requested("reset_password")] == ["ada@example.com"]


@pytest.mark.covers("SEC-08", "T15")
def test_the_pages_take_no_form_from_elsewhere_and_are_not_kept(browser: Client, api: Any) -> None:
    api(make_user(email="ada@example.com")).post("/api/v1/auth/email/verify/resend")
    path, link = "/account/verify-email", token("verify_email")

    forged = browser.post(path, {"token": link})
    page = browser.get(path, {"token": link})

    assert forged.status_code == 403
    assert Confirmation.objects.exists()
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"


@pytest.mark.covers("API-09", "T15")
@pytest.mark.parametrize("wrong", ["", "x", "<script>alert(1)</script>", "ü", "A" * 64, "A" * 500])
def test_a_wrong_link_says_so_before_anybody_types(store: StoreRef, wrong: str) -> None:
    browser = Client(HTTP_HOST=store.domain)
    page = browser.get("/account/reset-password", {"token": wrong})
    answer = browser.post("/account/reset-password", {"token": wrong, "password": NEW})

    assert page.status_code == 422
    assert "This link was used already" in page.content.decode()
    assert 'href="/account/forgot-password"' in page.content.decode()
    assert "<form" not in page.content.decode()
    assert answer.status_code in {200, 422}
    assert 'role="alert"' in answer.content.decode()
    assert "<script>" not in answer.content.decode() + page.content.decode()


@pytest.mark.covers("T15", "ACC-23")
def test_links_are_guessed_no_longer_by_opening_them(browser: Client, drain: Any) -> None:
    make_user(email="ada@example.com")
    submit(browser, "/account/forgot-password", email="ada@example.com")
    drain()
    path, link = "/account/reset-password", token("reset_password")

    guesses = [browser.get(path, {"token": "A" * 64}).status_code for _ in range(12)]
    right = browser.get(path, {"token": link})

    assert guesses == [422] * 10 + [429] * 2
    assert (right.status_code, "Too many attempts" in right.content.decode()) == (429, True)
    assert browser.get(path, {"token": link}, REMOTE_ADDR="203.0.113.9").status_code == 200


@pytest.mark.covers("ACC-24", "T15")
def test_a_link_for_another_purpose_is_a_wrong_one(browser: Client, api: Any) -> None:
    api(make_user(email="ada@example.com")).post("/api/v1/auth/email/verify/resend")
    link = token("verify_email")

    assert browser.get("/account/reset-password", {"token": link}).status_code == 422
    assert browser.get("/account/verify-email", {"token": link}).status_code == 200


@pytest.mark.covers("ACC-23")
def test_the_sign_in_page_of_admin_leads_there(browser: Client) -> None:
    assert "/account/forgot-password" in browser.get("/admin/login/").content.decode()
