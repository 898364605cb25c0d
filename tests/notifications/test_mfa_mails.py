"""Codes and warnings of two-step sign-in in the mailbox."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import MfaChallenge, MfaMethod
from apps.accounts.services.remove_mfa import reset_mfa
from apps.accounts.services.send_mfa_code import send_mfa_code
from apps.accounts.services.turn_on_mfa import confirm_email_codes
from apps.common.context import StoreRef
from apps.notifications.models import Notification
from tests.notifications.conftest import Mails
from tests.support.people import make_user

Drain = Callable[[], int]


def parts(mail: object) -> list[str]:
    return [part.get_content() for part in mail.iter_parts()]  # type: ignore[attr-defined]


@pytest.mark.covers("ACC-20", "NTF-03")
def test_a_code_is_mailed_works_and_stands_in_no_log(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    user = make_user(email="ada@example.com", first_name="Ada")
    send_mfa_code(user_id=user.pk)

    drain()

    [mail] = mails()
    assert (mail["To"], mail["Subject"]) == ("ada@example.com", "Your code for Acme")
    text, html = parts(mail)
    [code] = re.findall(r"^(\d{6})$", text, re.MULTILINE)
    assert code in html
    assert "Hello Ada" in text
    row = Notification.objects.get(template_name="mfa_code")
    assert code not in f"{row.subject} {row.payload}"
    assert len(confirm_email_codes(user_id=user.pk, code=code)) == 10


@pytest.mark.covers("ACC-20")
def test_a_code_that_has_become_pointless_is_not_sent(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    user = make_user()
    send_mfa_code(user_id=user.pk)
    MfaChallenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    drain()

    assert mails() == []


@pytest.mark.covers("ACC-20", "ACC-15")
def test_the_owner_of_the_account_is_warned_of_every_change(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    user, owner = make_user(email="ada@example.com"), make_user("owner")
    send_mfa_code(user_id=user.pk)
    drain()
    [code] = re.findall(r"^(\d{6})$", parts(mails()[0])[0], re.MULTILINE)

    confirm_email_codes(user_id=user.pk, code=code)
    drain()
    reset_mfa(user_id=user.pk, by=owner.pk, held=owner.permissions)
    drain()

    assert not MfaMethod.objects.exists()
    _, on, off = mails()
    assert {mail["To"] for mail in (on, off)} == {"ada@example.com"}
    assert on["Subject"] == "Your two-step sign-in at Acme has changed"
    assert all("It is on now, by e-mail." in part for part in parts(on))
    assert all("It is off now" in part for part in parts(off))
