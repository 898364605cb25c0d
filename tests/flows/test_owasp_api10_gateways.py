"""API10:2023 Unsafe consumption of APIs: a gateway that lies, rambles, or says something new.

With PEERS I-13: every state of the gateway is mapped, an unknown one calls somebody, and nothing
stays pending for ever.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.catalog.facade import get_variants
from apps.common.context import StoreRef
from apps.common.errors import DomainError
from apps.events.models import Delivery
from apps.orders.facade import get_order
from apps.orders.models import Order
from apps.orders.services.expire_orders import expire_orders
from apps.payments.errors import OutcomeUnknown
from apps.payments.gateways import stripe as gateway_module
from apps.payments.gateways.base import GatewayError, GatewayUnavailable
from apps.payments.gateways.registry import default_gateway
from apps.payments.gateways.stripe import StripeGateway
from apps.payments.gateways.stripe_shapes import _INTENT_STATES, intent_result, refund_result
from apps.payments.models import Payment, WebhookMessage
from apps.payments.services.capture_payment import capture_payment
from apps.payments.services.recover_payments import recover_payments
from apps.payments.services.work_inbox import work_inbox
from apps.payments.states import PaymentState
from tests.inventory.factories import level_of
from tests.orders.factories import make_order
from tests.payments.factories import event, intent, make_payment, receive, silent_payment
from tests.support import stripe_double as double_module
from tests.support.people import make_user
from tests.support.stripe_double import StripeDouble, stripe_double

# Every status that Stripe's documents name for a PaymentIntent, and what it is here.
STRIPES = {
    "requires_payment_method": PaymentState.PENDING,
    "requires_confirmation": PaymentState.PENDING,
    "requires_action": PaymentState.REQUIRES_ACTION,
    "processing": PaymentState.PENDING,
    "requires_capture": PaymentState.AUTHORIZED,
    "canceled": PaymentState.VOIDED,
    "succeeded": PaymentState.CAPTURED,
}
NEW_STATE = "requires_blood_sample"


@pytest.fixture
def stripe(
    store: StoreRef, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StripeDouble]:
    """PAYMENT_GATEWAY=stripe with the double in its place, and short timeouts."""
    import stripe as sdk

    monkeypatch.setattr(gateway_module, "TIMEOUT_SECONDS", (0.5, 0.5))
    monkeypatch.setattr(sdk.HTTPClient, "_sleep_time_seconds", lambda *args, **kwargs: 0.0)
    gateway_module._client_for.cache_clear()
    with stripe_double() as double:
        settings.PAYMENT_GATEWAY = "stripe"
        settings.STRIPE_API_KEY = "sk_test_local"
        settings.STRIPE_WEBHOOK_SECRET = "whsec_x"
        settings.STRIPE_API_BASE = double.url
        yield double
    gateway_module._client_for.cache_clear()


def lying(double: StripeDouble, change: Callable[[dict[str, Any]], Any]) -> None:
    """Let the double do its work and answer something else."""
    honest = double.answer

    def answer(*args: Any) -> tuple[int, Any]:
        status, body = honest(*args)
        return status, change(dict(body))

    double.answer = answer  # type: ignore[method-assign]


LIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another amount": lambda row: {**row, "amount": row["amount"] + 1},
    "more received": lambda row: {**row, "amount_received": row["amount"] * 2},
    "less received, amount too": lambda row: {**row, "amount": 1, "amount_received": 1},
    "another currency": lambda row: {**row, "currency": "jpy"},
    "another order": lambda row: {**row, "metadata": {**row["metadata"], "order_id": "x"}},
    "a text amount": lambda row: {**row, "amount": str(row["amount"])},
    "a float amount": lambda row: {**row, "amount": float(row["amount"])},
    "a negative amount": lambda row: {**row, "amount_received": -1},
    "no id": lambda row: {name: value for name, value in row.items() if name != "id"},
    "no status": lambda row: {**row, "status": None},
    "a status that is a list": lambda row: {**row, "status": ["succeeded"]},
    "a list": lambda row: [row],
    "a text": lambda row: "succeeded",
    "null": lambda row: None,
    "nothing": lambda row: {},
}


@pytest.mark.covers("P4", "R16", "SEC-08")
@pytest.mark.parametrize("name", LIES)
def test_api10_an_answer_that_lies_or_is_malformed_pays_nothing(
    stripe: StripeDouble, name: str
) -> None:
    lying(stripe, LIES[name])
    user = make_user()
    order = make_order(user)

    # It may be told as an error, and never as a payment.
    with suppress(DomainError, GatewayError):
        make_payment(user, order)

    payment = Payment.objects.get()
    now = get_order(order.id)
    assert now is not None
    assert payment.status == "pending", name
    assert payment.captured_cents == 0
    assert (now.status, now.payment_status) == ("confirmed", "unpaid")


MALFORMED = ["no id", "no status", "a status that is a list", "a text amount", "a list", "nothing"]


@pytest.mark.covers("R16", "SEC-08")
@pytest.mark.parametrize("name", MALFORMED)
def test_api10_a_step_whose_answer_cannot_be_read_has_an_unknown_outcome(
    stripe: StripeDouble, name: str
) -> None:
    """Neither a success nor a fault of ours: the same call again finds out."""
    payment = make_payment(capture="manual")
    honest = stripe.answer
    lying(stripe, LIES[name])

    with pytest.raises(OutcomeUnknown):
        capture_payment(payment_id=payment.pk, amount_cents=None, key="k")
    payment.refresh_from_db()
    between = payment.status
    stripe.answer = honest  # type: ignore[method-assign]
    again = capture_payment(payment_id=payment.pk, amount_cents=None, key="k")

    assert between == "authorized"
    assert (again.status, again.captured_cents) == ("captured", payment.amount_cents)
    assert stripe.intents[payment.gateway_id]["amount_received"] == payment.amount_cents


@pytest.mark.covers("R16", "SEC-08")
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"<html>Bad gateway</html>",
        b"\xff\xfe\x00",
        b"[" * 200_000,
        b'{"id": "pi_1", "x": "' + b"x" * 20_000_000 + b'"}',
        b'{"status": "succeeded"}' * 1000,
        b"9" * 100_000,
    ],
    ids=["nothing", "half", "html", "no text", "deep", "20 MB", "many", "digits"],
)
def test_api10_an_answer_that_is_no_answer_leaves_the_outcome_unknown(
    stripe: StripeDouble, raw: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(self: Any, status: int, body: Any) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    monkeypatch.setattr(double_module._Handler, "_send", send)
    started = time.monotonic()

    with pytest.raises(GatewayUnavailable):
        StripeGateway().retrieve("pi_1")
    payment = make_payment()

    assert time.monotonic() - started < 10
    assert (payment.status, payment.failure_code, payment.captured_cents) == ("pending", "", 0)


@pytest.mark.covers("R16", "P12")
def test_api10_a_gateways_error_text_reaches_nobody_unshortened(stripe: StripeDouble) -> None:
    long = "<script>alert(1)</script>" * 10_000

    def refuse(body: dict[str, Any]) -> Any:
        return {"error": {"type": "card_error", "code": "x" * 9_999, "message": long}}

    honest = stripe.answer
    stripe.answer = lambda *args: (402, refuse(honest(*args)[1]))  # type: ignore[method-assign]

    payment = make_payment()

    assert payment.status == "failed"
    assert len(payment.failure_code) <= 80
    assert len(payment.failure_message) <= 500


@pytest.mark.covers("P4", "PAY-04")
@pytest.mark.parametrize("amount", [1, 10**12, 0, -5, 1999.5, "1999", None, True, [1999]])
def test_api10_a_signed_message_with_a_wrong_amount_pays_nothing(
    store: StoreRef, amount: Any
) -> None:
    payment = silent_payment(make_order(make_user()))

    receive(
        event("payment_intent.succeeded", intent(payment, amount=amount, amount_received=amount))
    )
    work_inbox()
    payment.refresh_from_db()

    assert (payment.status, payment.captured_cents) == ("pending", 0)
    assert WebhookMessage.objects.get().status == "failed"


# --- I-13 ---------------------------------------------------------------------------------------


@pytest.mark.covers("I-13")
def test_every_state_of_the_gateway_is_mapped() -> None:
    assert _INTENT_STATES == STRIPES


@pytest.mark.covers("I-13", "PAY-05")
@pytest.mark.parametrize("status", sorted(STRIPES))
def test_a_message_of_each_state_moves_the_payment_there(store: StoreRef, status: str) -> None:
    payment = silent_payment(make_order(make_user()))

    receive(event("payment_intent.updated", intent(payment, status)))
    work_inbox()
    payment.refresh_from_db()

    assert payment.status == STRIPES[status]
    assert WebhookMessage.objects.get().status == "processed"


@pytest.mark.covers("I-13", "P10")
@pytest.mark.parametrize(
    ("kind", "status", "error", "expected"),
    [
        (
            "payment_intent.payment_failed",
            "requires_payment_method",
            {"code": "card_declined"},
            "failed",
        ),
        ("payment_intent.canceled", "canceled", None, "voided"),
    ],
)
def test_failed_and_cancelled_messages_are_not_passed_over(
    store: StoreRef, kind: str, status: str, error: Any, expected: str
) -> None:
    """Medusa's #16398: they were, and its orders stayed pending for ever."""
    user = make_user()
    payment = silent_payment(make_order(user))

    receive(event(kind, intent(payment, status, last_payment_error=error)))
    work_inbox()
    payment.refresh_from_db()
    again = make_payment(user, get_order(payment.order_id))

    assert payment.status == expected
    assert again.status == "captured"


@pytest.mark.covers("I-13", "P3")
def test_a_message_of_an_unknown_state_stands_out_and_changes_nothing(store: StoreRef) -> None:
    payment = silent_payment(make_order(make_user()))

    receive(event("payment_intent.updated", intent(payment, NEW_STATE)))
    work_inbox()
    payment.refresh_from_db()

    row = WebhookMessage.objects.get()
    assert (payment.status, payment.gateway_id) == ("pending", "")
    assert row.status == "failed"
    assert NEW_STATE in row.error


@pytest.mark.covers("I-13", "R16")
def test_an_answer_of_an_unknown_state_stays_open_calls_somebody_and_is_asked_for_again(
    stripe: StripeDouble, caplog: pytest.LogCaptureFixture
) -> None:
    honest = stripe.answer
    lying(stripe, lambda row: {**row, "status": NEW_STATE})
    payment = make_payment()
    first = (payment.status, bool(payment.gateway_id))
    alerts = [row for row in caplog.records if row.levelno >= logging.ERROR]

    stripe.answer = honest  # type: ignore[method-assign]
    Payment.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    cache.clear()
    recover_payments()
    payment.refresh_from_db()

    assert first == ("pending", True)
    assert any("gateway_state_unknown" in row.getMessage() for row in alerts)
    assert NEW_STATE in caplog.text
    assert (payment.status, len(stripe.intents)) == ("captured", 1)


@pytest.mark.covers("I-13", "P9")
def test_a_refund_of_an_unknown_state_stays_pending_and_calls_somebody(
    store: StoreRef, caplog: pytest.LogCaptureFixture
) -> None:
    told = {"id": "re_1", "amount": 5, "metadata": {}}

    known = {
        status: refund_result({**told, "status": status}).status
        for status in ("pending", "requires_action", "succeeded", "failed", "canceled")
    }
    quiet = "gateway_state_unknown" in caplog.text
    new = refund_result({**told, "status": NEW_STATE}).status

    assert known == {
        "pending": "pending",
        "requires_action": "pending",
        "succeeded": "processed",
        "failed": "failed",
        "canceled": "failed",
    }
    assert not quiet
    assert new == "pending"
    assert "gateway_state_unknown" in caplog.text


@pytest.mark.covers("I-13", "R3", "INV-05")
def test_what_is_never_paid_ends_with_its_order_and_gives_the_stock_back(
    store: StoreRef, drain: Callable[[], int]
) -> None:
    """The bound on pending: the order's own expiry, at the gateway too."""
    payment = make_payment(method="pm_card_authenticationRequired", stock=10)
    order = Order.objects.get(pk=payment.order_id)
    assert order.expires_at is not None
    assert order.expires_at - order.created_at <= timedelta(hours=24)
    line = order.lines.get()
    Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    expire_orders()
    Delivery.objects.update(next_attempt_at=timezone.now())
    drain()
    recover_payments()
    payment.refresh_from_db()
    order.refresh_from_db()

    assert (order.status, payment.status) == ("cancelled", "voided")
    assert default_gateway().retrieve(payment.gateway_id).status == "voided"
    [variant] = get_variants(skus=[line.sku], currency=order.currency)
    assert level_of(variant)[1] == 0


@pytest.mark.covers("I-13", "R16")
def test_what_cannot_be_asked_for_any_more_calls_somebody_once(
    store: StoreRef, caplog: pytest.LogCaptureFixture
) -> None:
    payment = silent_payment(make_order(make_user()))
    Payment.objects.update(created_at=timezone.now() - timedelta(hours=24))

    recover_payments()
    recover_payments()
    payment.refresh_from_db()

    told = [row for row in caplog.records if "payment_outcome_lost" in row.getMessage()]
    assert len(told) == 1
    assert told[0].levelno == logging.ERROR
    assert payment.status == "pending"


@pytest.mark.covers("I-13")
def test_an_intent_of_each_state_carries_its_amounts(store: StoreRef) -> None:
    payment = silent_payment(make_order(make_user()))

    for status, state in STRIPES.items():
        result = intent_result(intent(payment, status))
        whole = payment.amount_cents
        assert result.status == state
        assert result.captured_cents == (whole if status == "succeeded" else 0)
        assert result.authorized_cents == (
            whole if status in {"succeeded", "requires_capture"} else 0
        )
