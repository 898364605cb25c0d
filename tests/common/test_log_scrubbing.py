"""Personal data and secrets are in no log line and in no error report."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import sentry_sdk
import structlog
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from sentry_sdk.transport import Transport

from apps.accounts.models import User
from apps.common.context import StoreRef
from config.errors import start_error_reports
from config.scrub import MASK, scrub, scrub_text
from tests.support.people import PASSWORD, make_user

JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.covers("SEC-12", "P12", "CMP-01")
@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("sent to ann.b+x@mail.example.com today", "ann.b+x@mail.example.com"),
        ("/api/v1/users?email=ann%40example.com", "ann%40example.com"),
        ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
        ("Authorization: Basic YW5uOnB3ZA==", "YW5uOnB3ZA=="),
        (f"token was {JWT} there", JWT),
        ("key sk_live_51Habcdef refused", "51Habcdef"),
        ("key pk_test_51Habcdef refused", "51Habcdef"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("card 4242424242424242", "4242424242424242"),
        ("card 4000 0566 5566 5556 exp", "4000 0566 5566 5556"),
        ("card 3782-822463-10005", "3782-822463-10005"),
        ("password=hunter2, user", "hunter2"),
        ('{"password": "two words"}', "two words"),
        ("{'client_secret': 'pi_1_secret_2'}", "pi_1_secret_2"),
        ("postgresql://shop:s3cr3t@db/x", "s3cr3t"),
        ("DETAIL:  Failing row contains (1, Ann, 5 High St).", "High St"),
        ("DETAIL:  Key (last_name)=(Canary) already exists.", "Canary"),
    ],
)
def test_what_looks_like_personal_data_or_a_secret_is_masked(text: str, gone: str) -> None:
    masked = scrub_text(text)

    assert gone not in masked
    assert MASK in masked


@pytest.mark.covers("SEC-12")
@pytest.mark.parametrize(
    "text",
    [
        "GET /api/v1/products/01936512-1234-7abc-8def-123456789012",
        "2026-11-21T14:40:52.123456Z",
        "order ORD-20261121-4K7Q of 1234567890123456 cents",
        "apps.orders.services.place_order: 12 lines, 3.5 ms",
        "pm_card_visa declined",
    ],
)
def test_what_helps_to_find_a_fault_stays(text: str) -> None:
    assert scrub_text(text) == text


@pytest.mark.covers("SEC-12")
def test_fields_are_masked_by_their_names_however_deep() -> None:
    given_event = {
        "email": "x",
        "user": {"first_name": "Ann", "id": UUID(int=7), "roles": ["owner"]},
        "headers": [{"Cookie": "a=b"}, {"Host": "acme.localhost"}],
        "shipping_address": {"line1": "5 High St"},
        "count": 3,
        "paid": True,
        "nothing": None,
    }

    assert scrub(given_event) == {
        "email": MASK,
        "user": {"first_name": MASK, "id": str(UUID(int=7)), "roles": ["owner"]},
        "headers": [{"Cookie": MASK}, {"Host": "acme.localhost"}],
        "shipping_address": MASK,
        "count": 3,
        "paid": True,
        "nothing": None,
    }


@pytest.mark.covers("SEC-12")
@given(st.text(max_size=300))
def test_masking_twice_is_masking_once_and_never_fails(text: str) -> None:
    assert isinstance(scrub_text(text), str)


@pytest.mark.covers("SEC-12")
def test_a_hostile_line_costs_no_time() -> None:
    import time

    started = time.process_time()
    for text in (
        "a" * 50_000 + "@",
        "1 " * 25_000,
        "password" * 6_000,
        "@" * 50_000,
        "e@e." * 9_000,
    ):
        scrub_text(text)

    assert time.process_time() - started < 2


@pytest.fixture
def lines() -> Iterator[Any]:
    """What the process writes to its log from here on, as text."""
    (handler,) = [h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler]
    stream = io.StringIO()
    before = handler.setStream(stream)
    try:
        yield stream.getvalue
    finally:
        handler.setStream(before)


@pytest.mark.covers("SEC-12", "P12", "OPS-01")
def test_lines_of_both_loggers_are_masked_and_stay_json(lines: Any) -> None:
    structlog.get_logger("t").warning("mail to ann@example.com", password="pw-canary", order="1")
    logging.getLogger("django.request").error(
        "failed for %s", "bob@example.com", extra={"token": "tok-canary", "status_code": 500}
    )

    text = lines()
    first, second = [json.loads(line) for line in text.splitlines()]
    assert first["event"] == f"mail to {MASK}"
    assert (first["password"], first["order"]) == (MASK, "1")
    assert second["event"] == f"failed for {MASK}"
    assert (second["token"], second["status_code"]) == (MASK, 500)
    assert not any(canary in text for canary in ("ann@", "bob@", "pw-canary", "tok-canary"))


@pytest.mark.covers("SEC-12", "P12", "CMP-01")
def test_a_traceback_says_where_and_not_who(store: StoreRef, lines: Any) -> None:
    make_user(email="canary@example.com", last_name="Canaria")
    log = structlog.get_logger("t")
    try:
        with transaction.atomic():
            make_user(email="canary@example.com", last_name="Canaria")
    except IntegrityError:
        log.exception("twice")
    try:
        with transaction.atomic():
            User.objects.filter(last_name="Canaria").update(email="UPPER-Canary@Example.com")
    except IntegrityError:
        logging.getLogger("std").exception("not lower")

    text = lines()
    assert "accounts_user_email" in text
    assert "IntegrityError" in text
    assert "anary" not in text
    assert "bcrypt" not in text


@pytest.mark.covers("SEC-12", "P12", "CMP-02")
def test_a_whole_journey_leaves_no_canary_in_the_log(api: Any, lines: Any) -> None:
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    visitor = api()
    email = "canary-visitor@example.com"
    try:
        visitor.post(
            "/api/v1/auth/register",
            {"email": email, "password": PASSWORD, "first_name": "Canaria", "phone": "+4930123456"},
        )
        visitor.post("/api/v1/auth/login", {"email": email, "password": "Wrong-Canary-1"})
        signed_in = visitor.post("/api/v1/auth/login", {"email": email, "password": PASSWORD})
        access = signed_in.json().get("access", "")
        visitor.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
        visitor.get(f"/api/v1/users?email={email}")
        visitor.post("/api/v1/payments", {"order_id": "4242424242424242", "payment_method": "x"})
        visitor.patch("/api/v1/users/me", {"phone": "+4930999999"})
        make_user("support", email="other-canary@example.com")
    finally:
        root.setLevel(level)

    text = lines()
    assert signed_in.status_code == 200
    assert text.count('"event": "request"') >= 5
    secrets = (email, "canary-visitor", PASSWORD, "Wrong-Canary-1", "Canaria", "+4930123456")
    for canary in (*secrets, "4242424242424242", access[-40:]):
        assert canary not in text, canary


# --- Error reports -------------------------------------------------------------------------------


class _Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Any] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.sent.append(envelope)


@pytest.fixture
def reports() -> Iterator[_Kept]:
    """What goes to the error tracker, which is here."""
    transport = _Kept()
    client = sentry_sdk.get_global_scope().client
    assert start_error_reports("https://k@sentry.test/1", environment="test", transport=transport)
    try:
        yield transport
    finally:
        sentry_sdk.get_global_scope().set_client(client)


@pytest.mark.covers("SEC-12")
def test_without_an_address_nothing_is_reported() -> None:
    assert start_error_reports("", environment="test") is False


@pytest.mark.covers("SEC-12", "P12", "CMP-01")
def test_a_report_says_what_failed_and_nothing_of_the_person(
    api: Any, store: StoreRef, reports: _Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> Any:
        secret_local = "local-canary"
        raise RuntimeError(f"no mail to canary@example.com {secret_local[:0]}card 4242424242424242")

    monkeypatch.setattr("apps.accounts.api.views.change_user", fail)
    user = make_user(email="owner-canary@example.com", first_name="Canaria")
    client = api(user)
    client.raise_request_exception = False

    answer = client.patch(
        "/api/v1/users/me?email=query-canary@example.com",
        {"first_name": "body-canary"},
        HTTP_X_REQUEST_ID="req-5",
        HTTP_COOKIE="sessionid=cookie-canary",
        REMOTE_ADDR="203.0.113.77",
    )

    assert answer.status_code == 500
    (event,) = [item.get_event() for envelope in reports.sent for item in envelope.items]
    text = json.dumps(event, default=str)
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"
    assert event["tags"]["store"] == store.slug
    assert event["tags"]["request_id"] == "req-5"
    assert "anary" not in text
    assert "203.0.113.77" not in text
    assert "4242424242424242" not in text
    assert set(event["request"]) <= {"method", "url"}
