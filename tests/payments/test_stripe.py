"""The real Stripe SDK against a local double of Stripe."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apps.common.context import StoreRef, current_store
from apps.common.ids import uuid7
from apps.orders.facade import get_order
from apps.payments.gateways import stripe as gateway_module
from apps.payments.gateways.base import ChargeRequest, GatewayDeclined, GatewayUnavailable
from apps.payments.gateways.signatures import sign
from apps.payments.gateways.stripe import StripeGateway
from apps.payments.models import Payment, WebhookMessage
from apps.payments.services.capture_payment import capture_payment
from apps.payments.services.refund_payment import refund_payment
from apps.payments.services.void_payment import void_payment
from apps.payments.services.work_inbox import work_inbox
from tests.orders.factories import make_order
from tests.payments.factories import event, make_payment
from tests.support.people import make_user
from tests.support.stripe_double import StripeDouble, stripe_double

SECRET = "whsec_of_the_tests"


@pytest.fixture
def stripe(store: StoreRef, settings: Any) -> Iterator[StripeDouble]:
    """PAYMENT_GATEWAY=stripe, with the double in Stripe's place."""
    with stripe_double() as double:
        settings.PAYMENT_GATEWAY = "stripe"
        settings.STRIPE_API_KEY = "sk_test_local"
        settings.STRIPE_WEBHOOK_SECRET = SECRET
        settings.STRIPE_API_BASE = double.url
        yield double


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Short timeouts, and no pause between the SDK's own retries."""
    import stripe as sdk

    monkeypatch.setattr(gateway_module, "TIMEOUT_SECONDS", (0.3, 0.3))
    monkeypatch.setattr(sdk.HTTPClient, "_sleep_time_seconds", lambda *args, **kwargs: 0.0)
    gateway_module._client_for.cache_clear()
    yield
    gateway_module._client_for.cache_clear()


def request(amount_cents: int = 1999, currency: str = "USD", **fields: Any) -> ChargeRequest:
    values: dict[str, Any] = {
        "payment_id": uuid7(),
        "order_id": uuid7(),
        "store_id": current_store().id,
        "payment_method": "pm_card_visa",
        "capture_method": "automatic",
        **fields,
    }
    return ChargeRequest(amount_cents=amount_cents, currency=currency, **values)


@pytest.mark.covers("PAY-05", "PAY-01")
def test_a_card_is_charged_and_the_order_paid(stripe: StripeDouble) -> None:
    payment = make_payment(price_cents=1999)

    (call,) = stripe.calls
    method, path, form, key = call
    assert (method, path) == ("POST", "/v1/payment_intents")
    assert (form["amount"], form["currency"]) == ("1999", "usd")
    assert form["metadata[payment_id]"] == key == str(payment.pk)
    assert form["metadata[store_id]"] == str(current_store().id)
    assert form["automatic_payment_methods[allow_redirects]"] == "never"
    assert (payment.status, payment.captured_cents) == ("captured", 1999)
    assert payment.gateway == "stripe"
    assert get_order(payment.order_id).status == "paid"


@pytest.mark.covers("I-58", "PAY-11")
@pytest.mark.parametrize(("currency", "cents"), [("JPY", 500), ("EUR", 1250), ("KWD", 1250)])
def test_amounts_are_sent_in_the_currencys_own_subunit(
    stripe: StripeDouble, currency: str, cents: int
) -> None:
    result = StripeGateway().create(request(cents, currency), key="k")

    assert stripe.calls[0][2]["amount"] == str(cents)
    assert (result.captured_cents, result.currency) == (cents, currency)


@pytest.mark.covers("PAY-08")
@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    ],
)
def test_a_declined_card_fails_and_its_intent_is_closed(
    stripe: StripeDouble, drain: Callable[[], int], method: str, code: str
) -> None:
    payment = make_payment(method=method)
    drain()

    assert (payment.status, payment.failure_code) == ("failed", code)
    assert payment.failure_message == "Your card was declined."
    assert stripe.intents[payment.gateway_id]["status"] == "canceled"


def test_a_token_that_stripe_does_not_know_fails_the_payment(stripe: StripeDouble) -> None:
    payment = make_payment(method="pm_unknown")

    assert (payment.status, payment.failure_code) == ("failed", "resource_missing")
    assert payment.gateway_id == ""


@pytest.mark.covers("PAY-04", "I-11")
def test_authentication_is_asked_for_and_the_webhook_completes_the_order(
    stripe: StripeDouble, api: Callable[..., Any]
) -> None:
    payment = make_payment(method="pm_card_authenticationRequired")
    waiting = (payment.status, payment.client_secret)

    body = stripe.confirm(payment.gateway_id)
    text = json.dumps(event("payment_intent.succeeded", body))
    answer = api().generic(
        "POST",
        "/api/v1/webhooks/stripe",
        text,
        content_type="application/json",
        HTTP_STRIPE_SIGNATURE=sign(text, SECRET),
    )
    forged = api().generic(
        "POST",
        "/api/v1/webhooks/stripe",
        text,
        content_type="application/json",
        HTTP_STRIPE_SIGNATURE=sign(text, "whsec_other"),
    )
    work_inbox()
    payment.refresh_from_db()

    assert waiting == ("requires_action", f"{payment.gateway_id}_secret_x")
    assert (answer.status_code, forged.status_code) == (200, 400)
    assert payment.status == "captured"
    assert get_order(payment.order_id).status == "paid"
    assert WebhookMessage.objects.get().status == "processed"


@pytest.mark.covers("PAY-14")
def test_hold_capture_a_part_and_refund_it(stripe: StripeDouble) -> None:
    payment = make_payment(capture="manual", price_cents=5000)
    held = (payment.status, payment.authorized_cents)

    captured = capture_payment(payment_id=payment.pk, amount_cents=3000, key="c")
    first = refund_payment(payment_id=payment.pk, amount_cents=1000)
    rest = refund_payment(payment_id=payment.pk)
    payment.refresh_from_db()

    assert held == ("authorized", 5000)
    assert (captured.status, captured.captured_cents) == ("captured", 3000)
    assert (first.status, rest.amount_cents) == ("processed", 2000)
    assert (payment.status, payment.refunded_cents) == ("refunded", 3000)
    assert stripe.refunded(payment.gateway_id) == 3000
    assert stripe.refunds[first.gateway_refund_id]["metadata"]["refund_id"] == str(first.pk)


@pytest.mark.covers("PAY-14")
def test_a_hold_is_voided(stripe: StripeDouble) -> None:
    payment = make_payment(capture="manual")

    voided = void_payment(payment_id=payment.pk, key="v")

    assert voided.status == "voided"
    assert stripe.intents[payment.gateway_id]["status"] == "canceled"


@pytest.mark.covers("P9", "PAY-04")
def test_a_refund_made_in_stripes_dashboard_is_written_down(stripe: StripeDouble) -> None:
    from apps.payments.services.sync_payment import sync_payment

    payment = make_payment(price_cents=1000)
    StripeGateway().refund(payment.gateway_id, amount_cents=400, refund_id=uuid7(), key="x")

    synced = sync_payment(payment)

    assert (synced.status, synced.refunded_cents) == ("partially_refunded", 400)


@pytest.mark.covers("R16")
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("fault", ["500", "reset", "after:reset", "after:delay:0.5"])
def test_one_fault_is_repeated_with_the_same_key_and_charges_once(
    stripe: StripeDouble, fault: str
) -> None:
    stripe.faults = [fault]

    result = StripeGateway().create(request(), key="the-key")

    assert result.status == "captured"
    assert len(stripe.intents) == 1
    assert {call[3] for call in stripe.calls} == {"the-key"}


@pytest.mark.covers("R16")
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("fault", ["500", "429", "reset", "delay:0.6", "after:reset", "after:500"])
def test_a_gateway_that_stays_away_leaves_the_outcome_unknown(
    stripe: StripeDouble, fault: str
) -> None:
    stripe.faults = [fault] * 3

    payment = make_payment()

    assert payment.status == "pending"
    assert payment.failure_code == ""
    # Three attempts, each given up in its time: a fourth, or a longer one, would be answered.
    # Who is told to slow down does not come again at once.
    assert len(stripe.faults) == (2 if fault == "429" else 0)


@pytest.mark.covers("R16", "R11")
@pytest.mark.usefixtures("quick")
def test_the_next_try_finds_the_charge_that_was_made(
    stripe: StripeDouble, drain: Callable[[], int]
) -> None:
    from django.utils import timezone

    from apps.events.models import Delivery

    stripe.faults = ["after:reset"] + ["reset"] * 2
    payment = make_payment()
    before = payment.status
    Delivery.objects.update(next_attempt_at=timezone.now())
    drain()
    payment.refresh_from_db()

    assert (before, payment.status) == ("pending", "captured")
    assert len(stripe.intents) == 1


@pytest.mark.covers("R16")
@pytest.mark.usefixtures("quick")
def test_each_call_says_clearly_whether_the_answer_is_known(stripe: StripeDouble) -> None:
    gateway = StripeGateway()

    with pytest.raises(GatewayDeclined) as gone:
        gateway.retrieve("pi_nobody")
    with pytest.raises(GatewayDeclined) as over:
        held = gateway.create(request(capture_method="manual"), key="a")
        gateway.capture(held.gateway_id, amount_cents=99_999, key="b")
    stripe.faults = ["429"]
    with pytest.raises(GatewayUnavailable):
        gateway.retrieve(held.gateway_id)

    assert gone.value.code == "resource_missing"
    assert over.value.code == "amount_too_large"


@pytest.mark.covers("P12")
def test_no_key_and_no_secret_reaches_the_log_or_the_payments_row(
    stripe: StripeDouble, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    make_payment(method="pm_card_authenticationRequired")
    make_payment(method="pm_card_chargeDeclined")

    output = capsys.readouterr()
    written = caplog.text + output.out + output.err
    kept = json.dumps(list(Payment.objects.values_list("gateway_response", flat=True)))
    for secret in ("sk_test_local", SECRET, "_secret_x"):
        assert secret not in written
        assert secret not in kept


@pytest.mark.covers("PAY-06")
def test_a_gateway_without_its_keys_stops_the_start(settings: Any) -> None:
    from apps.payments.checks import check_gateway

    def found() -> list[str]:
        return [error.id or "" for error in check_gateway()]

    settings.PAYMENT_GATEWAY = "sandbox"
    assert found() == []
    settings.PAYMENT_GATEWAY = "stripe"
    settings.STRIPE_API_KEY = settings.STRIPE_WEBHOOK_SECRET = ""
    assert found() == ["payments.E002", "payments.E003"]
    settings.STRIPE_API_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_x", " "
    assert found() == ["payments.E003"]
    settings.PAYMENT_GATEWAY = "cash"
    assert found() == ["payments.E001"]


def test_an_order_of_a_guest_is_charged_like_any_other(stripe: StripeDouble) -> None:
    from django.contrib.auth.models import AnonymousUser

    from apps.payments.facade import create_payment, get_payment

    order = make_order(email="ada@example.com")

    info = create_payment(
        order_id=order.id,
        payment_method="pm_card_visa",
        user=AnonymousUser(),
        email="ada@example.com",
    )

    assert info.status == "captured"
    assert get_payment(info.id) == info
    assert make_user().is_authenticated
