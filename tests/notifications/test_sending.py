"""One mail per delivery, tried until it is out, and a log of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.events.models import Delivery
from apps.notifications.models import Notification
from apps.notifications.render import one_line, render
from apps.notifications.services import send_notification as sending
from apps.notifications.services.send_notification import send_notification
from apps.notifications.services.write_log import Message
from tests.notifications.conftest import Mails
from tests.notifications.factories import confirmed, delivery_of, registered, tell
from tests.support.work import work_one

Drain = Callable[[], int]


@pytest.mark.covers("NTF-01", "NTF-02", "NTF-03")
def test_an_event_becomes_one_mail_with_the_delivery_as_its_message_id(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    event = registered()
    tell(event)

    drain()

    [mail] = mails()
    delivery = delivery_of("welcome")
    assert mail["Message-ID"] == f"<{delivery.id}@acme.localhost>"
    assert mail["To"] == "ada@example.com"
    assert mail["Subject"] == "Welcome to Acme"
    assert str(mail["From"]).startswith("Acme <")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    row = Notification.objects.get()
    assert (row.status, row.template_name, row.recipient) == ("sent", "welcome", "ada@example.com")
    assert (row.delivery_id, row.subject, row.retry_count) == (delivery.id, "Welcome to Acme", 0)
    assert row.sent_at is not None


@pytest.mark.covers("R9", "NTF-10")
def test_a_crash_after_sending_repeats_the_same_mail_and_the_log_has_one_row(
    store: StoreRef, drain: Drain, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(registered())
    with monkeypatch.context() as broken:
        broken.setattr(sending, "log_sent", lambda *args: 1 / 0)
        drain()
    [first] = mails()

    work_one(delivery_of("welcome").pk)

    [mail] = mails()
    assert mail["Message-ID"] == first["Message-ID"]
    assert [row.status for row in Notification.objects.all()] == ["sent"]
    assert delivery_of("welcome").status == "done"


@pytest.mark.covers("R9")
def test_a_delivery_worked_again_and_again_leaves_one_mail_and_one_row(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    tell(registered())
    drain()
    delivery = delivery_of("welcome")

    for _ in range(3):
        Delivery.objects.filter(pk=delivery.pk).update(status="pending")
        work_one(delivery.pk)

    assert len(mails()) == 1
    assert Notification.objects.count() == 1


@pytest.mark.covers("NTF-10")
def test_a_mail_server_that_refuses_is_asked_again_and_the_log_says_why(
    store: StoreRef, drain: Drain, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(registered())
    delivery = delivery_of("welcome")

    def refuse(*args: Any) -> int:
        raise ConnectionRefusedError("mail server is away")

    with monkeypatch.context() as down:
        down.setattr("apps.notifications.channels.file_mail.FileBackend.send_messages", refuse)
        drain()
        work_one(delivery.pk)
    row = Notification.objects.get()
    assert (row.status, row.retry_count) == ("failed", 2)
    assert row.failure_reason == "ConnectionRefusedError: mail server is away"
    assert (delivery_of("welcome").status, delivery_of("welcome").attempts) == ("pending", 2)

    work_one(delivery.pk)

    row.refresh_from_db()
    assert (row.status, row.retry_count) == ("sent", 2)
    assert len(mails()) == 1


def test_a_mail_is_never_sent_while_a_transaction_is_open(live_store: StoreRef) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction.atomic():
        send_notification(message=Message(uuid4(), "welcome", "ada@example.com"))


@pytest.mark.parametrize("recipient", ["a@example.com\nBcc: x@example.com", "nobody", "a b@x.de"])
def test_what_is_no_address_is_refused_and_nothing_leaves(
    store: StoreRef, mails: Mails, recipient: str
) -> None:
    with pytest.raises(Exception, match="valid"):
        send_notification(message=Message(uuid4(), "welcome", recipient))

    assert mails() == []
    assert Notification.objects.get().status == "failed"


def test_nobody_to_write_to_is_no_failure(store: StoreRef, mails: Mails) -> None:
    assert send_notification(message=Message(uuid4(), "welcome", "")) is None
    assert (mails(), Notification.objects.count()) == ([], 0)


def test_line_breaks_in_names_add_no_header(acme: StoreRef, mails: Mails) -> None:
    evil = "Acme\r\nBcc: victim@example.com\r\n\r\nbody"
    store = StoreRef(id=acme.id, slug=acme.slug, schema=acme.schema, name=evil, domain=acme.domain)
    context = {"subject": "News\r\nBcc: victim@example.com\u2028X", "message": "Hello"}
    with enter_store(store):
        send_notification(message=Message(uuid4(), "announcement", "ada@example.com", context))

    [mail] = mails()
    assert mail["Bcc"] is None
    assert mail["Subject"] == "News Bcc: victim@example.com X"
    assert len(mail.get_all("From") or []) == 1


def test_every_letter_arrives_and_markup_stays_text(store: StoreRef, mails: Mails) -> None:
    context = {"first_name": "<b>山田</b> Zoë 😀"}

    send_notification(message=Message(uuid4(), "welcome", "ada@example.com", context))

    [mail] = mails()
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "Hello <b>山田</b> Zoë 😀," in text
    assert "Hello &lt;b&gt;山田&lt;/b&gt; Zoë 😀," in html
    assert "<b>" not in html


def test_a_context_is_never_taken_for_a_template(store: StoreRef) -> None:
    context = {"subject": "{store.id} {{ store_url }} %s", "message": "{% load x %}{{ title }}"}

    rendered = render("announcement", context)

    assert rendered.subject == "{store.id} {{ store_url }} %s"
    assert "{% load x %}{{ title }}" in rendered.text


def test_a_subject_is_one_bounded_line() -> None:
    assert one_line(" a\r\n\tb\u200bc\u2028d ") == "a b c d"
    assert len(one_line("x" * 5000)) == 200


def test_stores_keep_their_mails_apart(
    acme: StoreRef, globex: StoreRef, drain: Drain, mails: Mails
) -> None:
    for store in (acme, globex):
        with enter_store(store):
            tell(confirmed())
            drain()

    assert [mail["From"].addresses[0].display_name for mail in mails("acme")] == ["Acme"]
    [other] = mails("globex")
    assert str(other["Message-ID"]).endswith("@globex.localhost>")


def test_the_usual_django_backend_serves_as_well(store: StoreRef, settings: Any) -> None:
    from django.core import mail as outbox

    settings.EMAIL_BACKEND = f"{EmailBackend.__module__}.EmailBackend"
    message_id = uuid4()

    send_notification(message=Message(message_id, "welcome", "ada@example.com"))

    [mail] = outbox.outbox
    assert mail.extra_headers["Message-ID"] == f"<{message_id}@acme.localhost>"
    assert mail.alternatives[0].mimetype == "text/html"
