"""Mails with links, and what the log keeps of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.models import Confirmation, User
from apps.accounts.services.change_status import change_status
from apps.common.context import StoreRef
from apps.events.contracts import UserMessageRequested
from apps.events.models import Delivery, Event
from apps.notifications.models import Notification
from apps.notifications.services.write_log import MASK
from tests.notifications.conftest import Mails
from tests.notifications.factories import delivery_of, tell
from tests.support.people import PASSWORD, make_user

Drain = Callable[[], int]
NEW = "Another-fine-8-password"
_LINK = re.compile(r"https://acme\.localhost/account/([a-z-]+)\?token=([A-Za-z0-9_-]{64})")


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def links_of(mail: Any) -> set[tuple[str, str]]:
    """(page, token) of every link in both forms of the mail."""
    html = str(mail.get_body(("html",)).get_content())
    return set(_LINK.findall(text_of(mail))) | set(_LINK.findall(html))


def mailed(mails: Mails, subject: str) -> Any:
    [mail] = [mail for mail in mails() if mail["Subject"] == subject]
    return mail


@pytest.mark.covers("ACC-23", "NTF-01", "NTF-02", "T15")
def test_a_reset_arrives_as_a_link_that_works_and_the_log_does_not_hold_it(
    api: Any, drain: Drain, mails: Mails
) -> None:
    user = make_user(email="ada@example.com", first_name="Ada")
    api().post("/api/v1/auth/password/reset", {"email": "ada@example.com"})

    drain()

    mail = mailed(mails, "Choose a new password")
    assert mail["To"] == "ada@example.com"
    assert "Hello Ada," in text_of(mail)
    [(page, token)] = links_of(mail)
    assert page == "reset-password"
    row = Notification.objects.get(template_name="reset_password")
    assert (row.status, row.user_id, row.recipient) == ("sent", user.id, "ada@example.com")
    assert row.payload == {"first_name": "Ada", "token": MASK}
    kept = str(list(Notification.objects.values())) + str(list(Event.objects.values()))
    assert token not in kept + str(list(Delivery.objects.values()))
    body = {"token": token, "password": NEW}
    assert api().post("/api/v1/auth/password/confirm", body).status_code == 204
    drain()
    warning = mailed(mails, "Your password was changed")
    assert warning["To"] == "ada@example.com"
    assert links_of(warning) == set()


@pytest.mark.covers("ACC-24", "ACC-01", "NTF-03")
def test_registering_mails_a_welcome_and_a_link_that_confirms(
    api: Any, drain: Drain, mails: Mails
) -> None:
    body = {"email": "ada@example.com", "password": PASSWORD, "first_name": "Ada"}
    api().post("/api/v1/auth/register", body)

    drain()

    subjects = sorted(str(mail["Subject"]) for mail in mails())
    assert subjects == ["Please confirm your e-mail address", "Welcome to Acme"]
    [(page, token)] = links_of(mailed(mails, subjects[0]))
    assert page == "verify-email"
    assert api().post("/api/v1/auth/email/verify", {"token": token}).status_code == 200


@pytest.mark.covers("T15", "ACC-01")
def test_whoever_registers_again_is_reminded_and_gets_no_link(
    api: Any, drain: Drain, mails: Mails
) -> None:
    make_user(email="ada@example.com")
    api().post("/api/v1/auth/register", {"email": "ADA@example.com", "password": PASSWORD})

    drain()

    [mail] = mails()
    assert (mail["To"], mail["Subject"]) == (
        "ada@example.com",
        "You have an account at Acme already",
    )
    assert links_of(mail) == set()


@pytest.mark.covers("ACC-24", "T15")
def test_both_addresses_hear_of_a_change(api: Any, drain: Drain, mails: Mails) -> None:
    user = make_user(email="old@example.com")
    body = {"email": "new@example.com", "password": PASSWORD}
    api(user).post("/api/v1/users/me/email", body)
    drain()
    note = mailed(mails, "Your e-mail address at Acme is to change")
    mail = mailed(mails, "Please confirm your new e-mail address")
    [(page, token)] = links_of(mail)

    api().post("/api/v1/auth/email/verify", {"token": token})
    drain()

    changed = mailed(mails, "Your e-mail address at Acme has changed")
    assert (note["To"], mail["To"], changed["To"]) == (
        "old@example.com",
        "new@example.com",
        "old@example.com",
    )
    assert page == "verify-email"
    assert links_of(note) == links_of(changed) == set()


@pytest.mark.covers("ACC-18", "NTF-03")
def test_whoever_leaves_is_bidden_farewell_also_when_the_row_is_anonymous_by_then(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    user = make_user(email="ada@example.com", first_name="Ada")
    change_status(user_id=user.id, status="deactivated")
    User.objects.filter(pk=user.pk).update(email="gone@example.invalid", first_name="")

    drain()

    [mail] = mails()
    assert (mail["To"], mail["Subject"]) == ("ada@example.com", "Your account at Acme is closed")
    assert "Hello Ada," in text_of(mail)


@pytest.mark.covers("NTF-10", "T15")
def test_a_link_that_was_replaced_before_its_mail_left_is_not_sent(
    api: Any, drain: Drain, mails: Mails
) -> None:
    client = api(make_user(email="ada@example.com"))
    client.post("/api/v1/auth/email/verify/resend")
    client.post("/api/v1/auth/email/verify/resend")

    drain()

    [mail] = mails()
    [(_, token)] = links_of(mail)
    assert Notification.objects.count() == 1
    assert api().post("/api/v1/auth/email/verify", {"token": token}).status_code == 200


@pytest.mark.covers("NTF-10", "T15")
def test_a_mail_that_failed_leaves_no_secret_either(
    api: Any, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.notifications.channels import email

    def broken(**kwargs: Any) -> None:
        raise OSError("the mail server is away")

    monkeypatch.setattr(email, "send", broken)
    api(make_user(email="ada@example.com")).post("/api/v1/auth/email/verify/resend")

    drain()

    row = Notification.objects.get()
    assert (row.status, row.payload["token"]) == ("failed", MASK)
    assert row.failure_reason == "OSError: the mail server is away"


@pytest.mark.covers("EVT-06")
def test_a_kind_that_nobody_knows_waits_as_a_failed_delivery(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    event = UserMessageRequested(
        reference_id=store.id, kind="never_heard_of", email="ada@example.com"
    )
    tell(event)

    drain()

    assert mails() == []
    assert "never_heard_of" in delivery_of("user_message").last_error


@pytest.mark.covers("NTF-02", "T15")
def test_the_log_in_admin_shows_the_text_without_the_secret(api: Any, drain: Drain) -> None:
    from django.test import Client

    api(make_user(email="ada@example.com")).post("/api/v1/auth/email/verify/resend")
    drain()
    client = Client(HTTP_HOST="acme.localhost")
    client.force_login(make_user("owner"))

    row = Notification.objects.get()
    page = client.get(f"/admin/notifications/notification/{row.pk}/change/").content.decode()

    assert f"token={MASK}" in page
    assert Confirmation.objects.get().nonce not in page
