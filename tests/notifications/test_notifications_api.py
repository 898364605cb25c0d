"""The log and messages by hand, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.common.context import StoreRef
from apps.notifications.models import Notification
from tests.notifications.conftest import Mails
from tests.support.people import make_user

Api = Callable[..., Any]
Drain = Callable[[], int]
PATH = "/api/v1/notifications"


def make_row(user: Any, **fields: Any) -> Notification:
    known = {"template_name": "welcome", "recipient": user.email, "delivery_id": uuid4()}
    return Notification.objects.create(user=user, **{**known, **fields})


@pytest.mark.covers("NTF-05")
def test_people_read_what_they_were_told(api: Api, store: StoreRef) -> None:
    user = make_user()
    row = make_row(user, status="sent", subject="Welcome to Acme")
    make_row(make_user())

    answer = api(user).get(f"{PATH}/me")

    assert answer.status_code == 200
    assert [entry["id"] for entry in answer.json()["results"]] == [str(row.id)]
    assert answer.json()["results"][0]["subject"] == "Welcome to Acme"
    assert api(user).get(f"{PATH}/{user.id}").json()["count"] == 1


@pytest.mark.covers("NTF-05", "NTF-10")
def test_staff_read_anybody_s_with_the_reason_of_a_failure(api: Api, store: StoreRef) -> None:
    user, staff = make_user(), make_user("support")
    make_row(user, status="failed", failure_reason="SMTP 550", retry_count=3)

    [seen] = api(staff).get(f"{PATH}/{user.id}").json()["results"]
    [own] = api(user).get(f"{PATH}/me").json()["results"]

    assert (seen["failure_reason"], seen["retry_count"]) == ("SMTP 550", 3)
    assert own["failure_reason"] == ""


def test_somebody_else_s_messages_are_not_found(api: Api, store: StoreRef) -> None:
    other = make_user()

    for role in ("customer", "vendor_owner", "finance"):
        client = api(make_user(role))
        assert client.get(f"{PATH}/{other.id}").status_code == 404
        assert client.get(f"{PATH}/{uuid4()}").status_code == 404
    assert api(make_user("support")).get(f"{PATH}/{uuid4()}").status_code == 404
    assert api(make_user("support")).get(f"{PATH}/nonsense").status_code == 404
    assert api().get(f"{PATH}/{other.id}").status_code == 401


def test_the_list_is_narrowed_and_costs_few_queries(api: Api, store: StoreRef) -> None:
    user = make_user()
    for status in ("sent", "sent", "failed"):
        make_row(user, status=status)
    client = api(user)

    with CaptureQueriesContext(connection) as queries:
        client.get(f"{PATH}/me")

    assert len(queries) <= 8
    assert client.get(f"{PATH}/me", {"status": "sent"}).json()["count"] == 2
    assert client.get(f"{PATH}/me", {"status": "lost"}).status_code == 400


@pytest.mark.covers("NTF-06")
def test_staff_write_to_somebody(api: Api, store: StoreRef, drain: Drain, mails: Mails) -> None:
    user = make_user(email="ada@example.com", first_name="Ada")
    words = {"subject": "We moved", "message": "New address.\n\nSee <you> there."}

    answer = api(make_user("support")).post(
        f"{PATH}/send", {"user_id": str(user.id), "template": "announcement", "context": words}
    )
    drain()

    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    [mail] = mails()
    assert (mail["To"], mail["Subject"]) == ("ada@example.com", "We moved")
    row = Notification.objects.get(pk=answer.json()["id"])
    assert (row.status, row.user_id) == ("sent", user.id)
    assert str(mail["Message-ID"]).startswith(f"<{row.delivery_id}@")
    html = list(mail.iter_parts())[1].get_content()
    assert "See &lt;you&gt; there." in html


@pytest.mark.covers("NTF-06")
def test_the_same_key_sends_one_message(
    api: Api, store: StoreRef, drain: Drain, mails: Mails
) -> None:
    body = {"user_id": str(make_user().id), "template": "welcome"}
    client = api(make_user("support"))

    for _ in range(2):
        client.post(f"{PATH}/send", body, headers={"Idempotency-Key": "k-1"})
    drain()

    assert len(mails()) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "user_id"),
        ({"template": "order_confirmation"}, "template"),
        ({"template": "../../etc/passwd"}, "template"),
        ({"template": "announcement"}, "context.subject"),
        (
            {"template": "announcement", "context": {"subject": "a\nb", "message": "x"}},
            "context.subject",
        ),
        (
            {"template": "announcement", "context": {"subject": "a", "message": "x" * 5001}},
            "context.message",
        ),
        (
            {"template": "announcement", "context": {"subject": "a", "message": "\u0007"}},
            "context.message",
        ),
        ({"template": "announcement", "context": []}, "context"),
    ],
)
def test_bad_input_is_told_by_field(api: Api, body: dict[str, Any], field: str) -> None:
    known = {"user_id": str(uuid4())} if body else {}

    answer = api(make_user("support")).post(f"{PATH}/send", {**known, **body})

    assert answer.status_code == 400
    assert any(error["field"].startswith(field) for error in answer.json()["errors"])


def test_who_is_unknown_or_gone_is_not_written_to(api: Api, store: StoreRef) -> None:
    client = api(make_user("support"))
    gone = make_user(status="deactivated")

    unknown = client.post(f"{PATH}/send", {"user_id": str(uuid4()), "template": "welcome"})
    inactive = client.post(f"{PATH}/send", {"user_id": str(gone.id), "template": "welcome"})

    assert (unknown.status_code, unknown.json()["code"]) == (404, "user_not_found")
    assert (inactive.status_code, inactive.json()["code"]) == (409, "recipient_inactive")


def test_only_who_may_write_messages_does(api: Api, store: StoreRef) -> None:
    body = {"user_id": str(make_user().id), "template": "welcome"}

    for role in ("customer", "vendor_owner", "analyst"):
        assert api(make_user(role)).post(f"{PATH}/send", body).status_code == 403
    assert api().post(f"{PATH}/send", body).status_code == 401
