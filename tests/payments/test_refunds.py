"""Money back: partial, over, parallel, failing, made elsewhere, and after a cancellation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.common.ids import uuid7
from apps.events.models import Event
from apps.orders.facade import cancel_order, get_order
from apps.payments.errors import AmountTooLarge, EventRefused
from apps.payments.gateways.base import GatewayDeclined, GatewayUnavailable, RefundResult
from apps.payments.gateways.sandbox import SandboxGateway
from apps.payments.models import Payment, Refund, SandboxIntent, WebhookMessage
from apps.payments.services.recover_payments import work_owed
from apps.payments.services.refund_payment import refund_payment
from apps.payments.services.settle_refund import settle_refund
from apps.payments.services.work_inbox import work_inbox
from tests.orders.factories import make_order
from tests.payments.factories import (
    charge,
    committing,
    event,
    intent,
    make_payment,
    receive,
    silent_payment,
)
from tests.support.people import make_user
from tests.support.work import at_once

Api = Callable[..., Any]
URL = "/api/v1/payments"


@pytest.mark.covers("PAY-12", "PAY-09", "I-18", "P9")
def test_refunds_in_parts_until_nothing_is_left(api: Api) -> None:
    payment = make_payment(price_cents=1000)
    client, url = api(make_user("finance")), f"{URL}/{payment.pk}/refund"

    first = client.post(url, {"amount_cents": 300, "reason": "scratched"})
    over = client.post(url, {"amount_cents": 701})
    rest = client.post(url, {})
    nothing = client.post(url, {"amount_cents": 1})
    shown = client.get(f"{URL}/{payment.pk}")

    assert (first.status_code, first.data["status"]) == (201, "processed")
    assert (first.data["amount_cents"], first.data["reason"]) == (300, "scratched")
    assert (over.status_code, over.data["code"]) == (422, "amount_too_large")
    assert over.data["available_cents"] == 700
    assert rest.data["amount_cents"] == 700
    assert (nothing.status_code, nothing.data["code"]) == (409, "invalid_transition")
    assert (shown.data["status"], shown.data["refunded_cents"]) == ("refunded", 1000)
    assert len(shown.data["refunds"]) == 2
    assert get_order(payment.order_id).payment_status == "refunded"
    processed = Event.objects.filter(topic="refund.processed").order_by("id")
    assert [row.payload["refundedCents"] for row in processed] == [300, 1000]
    assert SandboxIntent.objects.get().refunded_cents == 1000


@pytest.mark.covers("P9", "P6")
@pytest.mark.parametrize("amount", [0, -1, 1.5, "100", None, True, 10**20, [100]])
def test_an_amount_that_is_none_is_a_400(api: Api, amount: Any) -> None:
    payment = make_payment()

    answer = api(make_user("finance")).post(f"{URL}/{payment.pk}/refund", {"amount_cents": amount})

    assert answer.status_code == 400
    assert answer.data["errors"][0]["field"] == "amount_cents"


@pytest.mark.covers("P9", "P10")
@pytest.mark.parametrize("capture", ["manual", "declined"])
def test_what_was_never_captured_cannot_go_back(api: Api, capture: str) -> None:
    method = "pm_card_visa" if capture == "manual" else "pm_card_chargeDeclined"
    payment = make_payment(method=method, capture="manual")

    answer = api(make_user("finance")).post(f"{URL}/{payment.pk}/refund", {})

    assert (answer.status_code, answer.data["code"]) == (409, "invalid_transition")


@pytest.mark.slow
@pytest.mark.covers("P9")
def test_parallel_refunds_never_exceed_what_was_captured(live_store: StoreRef) -> None:
    payment = make_payment(price_cents=1000)

    results = at_once(
        live_store,
        [lambda: refund_payment(payment_id=payment.pk, amount_cents=400)] * 6,
    )
    payment.refresh_from_db()

    assert sum(isinstance(result, Refund) for result in results) == 2
    assert sum(isinstance(result, AmountTooLarge) for result in results) == 4
    assert payment.refunded_cents == SandboxIntent.objects.get().refunded_cents == 800


@pytest.mark.slow
@pytest.mark.covers("P9")
def test_two_full_refunds_at_once_give_the_money_back_once(live_store: StoreRef) -> None:
    payment = make_payment(price_cents=1000)

    at_once(live_store, [lambda: refund_payment(payment_id=payment.pk)] * 2)
    payment.refresh_from_db()

    assert (payment.status, payment.refunded_cents) == ("refunded", 1000)
    assert Refund.objects.count() == 1


@pytest.mark.covers("P9")
def test_a_refund_that_the_gateway_refuses_frees_its_amount(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = make_payment(price_cents=1000)

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise GatewayDeclined("insufficient_balance", "Top up first.")

    with monkeypatch.context() as patch:
        patch.setattr(SandboxGateway, "refund", refuse)
        failed = refund_payment(payment_id=payment.pk)
    payment.refresh_from_db()
    after = (payment.status, payment.refunded_cents)
    second = refund_payment(payment_id=payment.pk)

    assert (failed.status, failed.failure_message) == (
        "failed",
        "insufficient_balance: Top up first.",
    )
    assert after == ("captured", 0)
    assert (second.status, second.amount_cents) == ("processed", 1000)


@pytest.mark.covers("P9", "R16")
def test_a_refund_without_an_answer_is_pending_until_it_has_one(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = make_payment(price_cents=1000)
    real = SandboxGateway.refund

    def lose_the_answer(self: SandboxGateway, *args: Any, **kwargs: Any) -> RefundResult:
        real(self, *args, **kwargs)
        raise GatewayUnavailable("timeout", "No answer.")

    with monkeypatch.context() as patch:
        patch.setattr(SandboxGateway, "refund", lose_the_answer)
        refund = refund_payment(payment_id=payment.pk, amount_cents=600)
    with pytest.raises(AmountTooLarge):
        refund_payment(payment_id=payment.pk, amount_cents=401)
    work_owed()
    refund.refresh_from_db()

    assert refund.status == "processed"
    assert SandboxIntent.objects.get().refunded_cents == 600
    assert Event.objects.filter(topic="refund.processed").count() == 1


@pytest.mark.covers("P11", "I-18")
def test_a_refund_made_at_the_gateway_is_written_down(store: StoreRef) -> None:
    payment = make_payment(price_cents=1000)

    receive(event("charge.refunded", charge(payment, 250)))
    work_inbox()
    payment.refresh_from_db()

    assert (payment.status, payment.refunded_cents) == ("partially_refunded", 250)
    assert Refund.objects.get().reason == "refunded at the gateway"


@pytest.mark.covers("P9")
def test_a_refund_that_fails_later_stands_out_and_changes_nothing(store: StoreRef) -> None:
    payment = make_payment(price_cents=1000)
    refund = refund_payment(payment_id=payment.pk, amount_cents=300)
    told = {"id": refund.gateway_refund_id, "amount": 300, "status": "failed"}

    receive(event("refund.failed", {**told, "metadata": {"refund_id": str(refund.pk)}}))
    work_inbox()
    payment.refresh_from_db()

    assert WebhookMessage.objects.get(type="refund.failed").status == "failed"
    assert payment.refunded_cents == 300
    with pytest.raises(EventRefused):
        settle_refund(refund_id=refund.pk, told=RefundResult("re_1", 300, "failed"))


@pytest.mark.covers("PAY-14", "ORD-16")
@pytest.mark.parametrize(
    ("method", "capture", "end"),
    [
        ("pm_card_visa", "automatic", "refunded"),
        ("pm_card_visa", "manual", "voided"),
        ("pm_card_authenticationRequired", "automatic", "voided"),
        ("pm_card_chargeDeclined", "automatic", "failed"),
    ],
)
def test_a_cancelled_order_gives_back_what_it_holds(
    store: StoreRef, drain: Callable[[], int], method: str, capture: str, end: str
) -> None:
    payment = make_payment(method=method, capture=capture)

    cancel_order(order_id=payment.order_id, reason="customer")
    with committing():
        drain()
    payment.refresh_from_db()

    assert payment.status == end
    expected = {"refunded": "refunded", "failed": "unpaid"}.get(end)
    if expected:
        assert get_order(payment.order_id).payment_status == expected


@pytest.mark.covers("PAY-14", "P9")
def test_cancelling_after_a_partial_refund_gives_back_the_rest(
    store: StoreRef, drain: Callable[[], int]
) -> None:
    payment = make_payment(price_cents=1000)
    refund_payment(payment_id=payment.pk, amount_cents=300)

    cancel_order(order_id=payment.order_id, reason="customer")
    drain()
    payment.refresh_from_db()

    assert (payment.status, payment.refunded_cents) == ("refunded", 1000)
    assert SandboxIntent.objects.get().refunded_cents == 1000


@pytest.mark.covers("I-12", "P11")
def test_money_that_comes_for_a_cancelled_order_goes_back(
    store: StoreRef, drain: Callable[[], int]
) -> None:
    payment = make_payment(method="pm_card_authenticationRequired")
    SandboxIntent.objects.update(status="succeeded", captured_cents=payment.amount_cents)
    cancel_order(order_id=payment.order_id, reason="expired")

    receive(event("payment_intent.succeeded", intent(payment)))
    work_owed()
    drain()
    payment.refresh_from_db()

    assert (payment.status, payment.refunded_cents) == ("refunded", payment.amount_cents)
    assert get_order(payment.order_id).status == "cancelled"
    assert Refund.objects.count() == 1


@pytest.mark.covers("P11")
def test_a_hold_that_comes_for_a_cancelled_order_is_let_go(store: StoreRef) -> None:
    order = make_order(make_user())
    payment = silent_payment(order, id=uuid7(), capture_method="manual")
    cancel_order(order_id=order.id, reason="expired")
    SandboxIntent.objects.create(
        id=intent(payment)["id"],
        idempotency_key=str(payment.pk),
        amount_cents=payment.amount_cents,
        currency="USD",
        status="requires_capture",
        capture_method="manual",
        payment_method="pm_card_visa",
        metadata=intent(payment)["metadata"],
    )

    receive(event("payment_intent.amount_capturable_updated", intent(payment, "requires_capture")))
    with committing():
        work_owed()

    assert Payment.objects.get().status == "voided"


@pytest.mark.covers("R8", "P9")
def test_a_repeated_refund_after_a_crash_is_the_first_one(api: Api) -> None:
    from apps.common.models import IdempotencyKey

    payment = make_payment(price_cents=1000)
    client, url = api(make_user("finance")), f"{URL}/{payment.pk}/refund"
    key = {"HTTP_IDEMPOTENCY_KEY": "k" * 255}

    first = client.post(url, {"amount_cents": 300}, **key)
    # The process died before it could keep its answer, and its lease ran out.
    IdempotencyKey.objects.all().delete()
    second = client.post(url, {"amount_cents": 300}, **key)
    other = api(make_user("finance")).post(url, {"amount_cents": 300}, **key)
    payment.refresh_from_db()

    assert first.data["id"] == second.data["id"] != other.data["id"]
    assert payment.refunded_cents == 600
