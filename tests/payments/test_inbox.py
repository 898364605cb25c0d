"""Gateway messages: forged, repeated, reordered, early, lying and unknown ones."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from apps.common.context import StoreRef, current_store
from apps.events.models import Event
from apps.orders.facade import get_order
from apps.payments.errors import SignatureRefused
from apps.payments.gateways.registry import gateway_named
from apps.payments.gateways.sandbox import SIGNATURE_HEADER, send_owed, webhook_secret
from apps.payments.gateways.signatures import sign
from apps.payments.models import Payment, Refund, WebhookMessage
from apps.payments.services.receive_webhook import receive_webhook
from apps.payments.services.work_inbox import MAX_ATTEMPTS, work_inbox, work_message
from tests.orders.factories import make_order
from tests.payments.factories import (
    charge,
    event,
    intent,
    make_payment,
    receive,
    signed,
    silent_payment,
)
from tests.support.people import make_user
from tests.support.work import at_once

Api = Callable[..., Any]
URL = "/api/v1/webhooks/sandbox"


def post(client: Any, body: bytes, header: str | None) -> Any:
    headers = {} if header is None else {"HTTP_SANDBOX_SIGNATURE": header}
    return client.generic("POST", URL, body, content_type="application/json", **headers)


@pytest.mark.covers("PAY-04", "R11")
def test_a_new_intent_owes_its_message_until_one_worker_has_sent_it(live_store: StoreRef) -> None:
    payments = [make_payment() for _ in range(3)]
    kept_at_once = WebhookMessage.objects.count()

    sent = at_once(live_store, [send_owed] * 4)
    again = send_owed()

    assert kept_at_once == 0
    assert sum(count for count in sent if isinstance(count, int)) == 3
    assert not [error for error in sent if isinstance(error, Exception)]
    assert again == 0
    messages = WebhookMessage.objects.all()
    assert {row.type for row in messages} == {"payment_intent.succeeded"}
    assert {row.payload["data"]["object"]["id"] for row in messages} == {
        payment.gateway_id for payment in payments
    }
    assert {row.status for row in messages} == {"received"}


@pytest.mark.covers("PAY-04", "I-11")
def test_a_signed_message_is_kept_answered_and_worked_after_the_answer(
    api: Api, hints: list[Any]
) -> None:
    payment = silent_payment(make_order(make_user()))
    call = signed(event("payment_intent.succeeded", intent(payment)))

    answer = post(api(), call["body"], call["headers"][SIGNATURE_HEADER])
    kept = WebhookMessage.objects.get().status
    work_inbox()
    payment.refresh_from_db()

    assert (answer.status_code, answer.data) == (200, {"received": True})
    assert kept == "received"
    assert len(hints) == 1
    assert payment.status == "captured"
    assert get_order(payment.order_id).status == "paid"


def _forgeries(secret: str) -> dict[str, tuple[bytes, str | None]]:
    text = json.dumps({"id": "evt_1", "type": "payment_intent.succeeded"})
    body, good = text.encode(), sign(text, secret)
    now = int(time.time())
    return {
        "no header": (body, None),
        "empty header": (body, ""),
        "nonsense": (body, "v1"),
        "wrong secret": (body, sign(text, "whsec_other")),
        "another store's secret": (body, sign(text, webhook_secret(uuid4()))),
        "altered body": (body.replace(b"evt_1", b"evt_2"), good),
        "re-serialised body": (json.dumps(json.loads(text), indent=1).encode(), good),
        "301 seconds old": (body, sign(text, secret, now - 301)),
        "v0 scheme": (body, good.replace("v1=", "v0=")),
        "two wrong v1 values": (body, f"t={now},v1={'0' * 64},v1={'1' * 64}"),
        "no time": (body, "v1=" + good.partition("v1=")[2]),
        "other time": (body, f"t={now + 1}," + good.partition(",")[2]),
        "signature that is no ASCII": (body, f"t={now},v1=é"),
        "body that is no UTF-8": (b"\xff\xfe", good),
        "no JSON": (b"nonsense", sign("nonsense", secret)),
        "a list": (b"[]", sign("[]", secret)),
        "no id": (b'{"type": "x"}', sign('{"type": "x"}', secret)),
        "no type": (b'{"id": "evt_1"}', sign('{"id": "evt_1"}', secret)),
    }


@pytest.mark.covers("P2")
@pytest.mark.parametrize("name", list(_forgeries("x")))
def test_a_forged_message_is_refused_and_leaves_nothing(api: Api, name: str) -> None:
    body, header = _forgeries(webhook_secret(current_store().id))[name]

    answer = post(api(), body, header)

    assert (answer.status_code, answer.data["code"]) == (400, "invalid_signature")
    assert not WebhookMessage.objects.exists()


@pytest.mark.covers("P2")
def test_one_right_signature_of_two_is_enough(api: Api) -> None:
    text = json.dumps(event("anything", {}))
    good = sign(text, webhook_secret(current_store().id))
    stamp, _, right = good.partition(",v1=")

    answer = post(api(), text.encode(), f"{stamp},v1={'0' * 64},v1={right}")

    assert answer.status_code == 200


@pytest.mark.covers("P2")
@pytest.mark.parametrize("secret", ["", " ", None])
def test_without_a_secret_everything_is_refused(
    store: StoreRef, settings: Any, secret: str | None
) -> None:
    settings.STRIPE_WEBHOOK_SECRET = secret
    text = json.dumps(event("anything", {}))
    header = sign(text, secret or "")

    with pytest.raises(SignatureRefused):
        receive_webhook(gateway="stripe", body=text.encode(), headers={"Stripe-Signature": header})

    assert not WebhookMessage.objects.exists()


@pytest.mark.covers("P2")
def test_a_body_over_a_megabyte_is_refused(api: Api) -> None:
    assert post(api(), b"x" * 1_048_577, "t=1,v1=0").status_code == 413


@pytest.mark.covers("P3")
@pytest.mark.parametrize(
    ("message", "status"),
    [
        (event("charge.dispute.created", {"id": "dp_1"}), "ignored"),
        (event("something.of.the.future", None), "ignored"),
        (event("customer.created", {"x": {"y": [None]}}, livemode=None), "ignored"),
        ({"id": "evt_null", "type": "invoice.paid", "data": None}, "ignored"),
        ({"id": "evt_n", "type": "payment_intent.succeeded", "data": None}, "failed"),
        (event("payment_intent.succeeded", None), "failed"),
        (event("payment_intent.succeeded", {"id": None, "status": None}), "failed"),
        (event("charge.refunded", {"payment_intent": None}), "failed"),
        (event("refund.updated", {"id": "re_1", "amount": 5}), "ignored"),
    ],
)
def test_unknown_and_empty_events_are_recorded_without_effect(
    api: Api, message: dict[str, Any], status: str
) -> None:
    payment = silent_payment(make_order(make_user()))
    call = signed(message)

    answer = post(api(), call["body"], call["headers"][SIGNATURE_HEADER])
    work_inbox()
    payment.refresh_from_db()

    assert answer.status_code == 200
    assert WebhookMessage.objects.get().status == status
    assert payment.status == "pending"


@pytest.mark.covers("P3")
def test_extra_fields_and_odd_text_do_no_harm(store: StoreRef) -> None:
    payment = silent_payment(make_order(make_user()))
    body = intent(payment, surprise={"deep": [1, None]}, description="a\x00b\ud800")

    receive(event("payment_intent.succeeded", body, api_version="2099-01-01"))
    work_inbox()
    payment.refresh_from_db()

    assert payment.status == "captured"


def _lies(payment: Payment) -> dict[str, Any]:
    truth = intent(payment)
    metadata = truth["metadata"]
    return {
        "less": {**truth, "amount": 1, "amount_received": 1},
        "more": {**truth, "amount": truth["amount"] + 1},
        "more received": {**truth, "amount_received": truth["amount"] + 1},
        "other currency": {**truth, "currency": "jpy"},
        "other store": {**truth, "metadata": {**metadata, "store_id": str(uuid4())}},
        "no store": {**truth, "metadata": {**metadata, "store_id": ""}},
        "other order": {**truth, "metadata": {**metadata, "order_id": str(uuid4())}},
        "no metadata": {**truth, "metadata": {}},
        "null metadata": {**truth, "metadata": None},
        "no payment": {**truth, "metadata": {**metadata, "payment_id": "x"}},
        "text amount": {**truth, "amount": str(truth["amount"])},
        "negative": {**truth, "amount_received": -1},
    }


LIES = [
    "less",
    "more",
    "more received",
    "other currency",
    "other store",
    "no store",
    "other order",
    "no metadata",
    "null metadata",
    "no payment",
    "text amount",
    "negative",
]


@pytest.mark.covers("P4")
@pytest.mark.parametrize("name", LIES)
def test_a_signed_lie_pays_nothing_and_stands_out(store: StoreRef, name: str) -> None:
    payment = silent_payment(make_order(make_user()))

    receive(event("payment_intent.succeeded", _lies(payment)[name]))
    work_inbox()
    payment.refresh_from_db()
    row = WebhookMessage.objects.get()

    assert (payment.status, payment.captured_cents) == ("pending", 0)
    assert get_order(payment.order_id).status == "confirmed"
    assert row.status == "failed"
    assert row.error


@pytest.mark.covers("P4")
def test_a_second_intent_that_claims_a_paid_payment_is_refused(store: StoreRef) -> None:
    payment = silent_payment(make_order(make_user()), gateway_id="pi_first")

    receive(event("payment_intent.succeeded", intent(payment, id="pi_second")))
    work_inbox()
    payment.refresh_from_db()

    assert payment.status == "pending"
    assert WebhookMessage.objects.get().error.endswith("ours is pi_first, theirs pi_second.")


@pytest.mark.covers("P11")
def test_a_message_before_the_commit_waits_for_it(store: StoreRef) -> None:
    order = make_order(make_user())
    early = silent_payment(order)
    receive(event("payment_intent.succeeded", intent(early)))
    Payment.objects.all().delete()

    work_inbox()
    waiting = WebhookMessage.objects.get()
    silent_payment(order, id=early.pk)
    WebhookMessage.objects.update(next_attempt_at=timezone.now())
    work_inbox()

    assert (waiting.status, waiting.attempts) == ("received", 1)
    assert waiting.next_attempt_at > timezone.now()
    assert Payment.objects.get().status == "captured"
    assert WebhookMessage.objects.get().status == "processed"


@pytest.mark.covers("P11", "I-13")
def test_a_refund_told_before_the_capture_brings_both(store: StoreRef) -> None:
    payment = silent_payment(make_order(make_user(), price_cents=1000))

    receive(event("charge.refunded", charge(payment, 400)))
    receive(event("payment_intent.succeeded", intent(payment)))
    work_inbox()
    payment.refresh_from_db()

    assert (payment.status, payment.captured_cents, payment.refunded_cents) == (
        "partially_refunded",
        1000,
        400,
    )
    topics = Event.objects.filter(key=str(payment.pk)).order_by("id")
    assert list(topics.values_list("topic", flat=True)) == ["payment.succeeded", "refund.processed"]


@pytest.mark.covers("P11")
def test_a_message_that_nobody_can_place_is_given_up_after_eight_tries(store: StoreRef) -> None:
    payment = silent_payment(make_order(make_user()))
    receive(event("payment_intent.succeeded", intent(payment)))
    payment.delete()

    for _ in range(MAX_ATTEMPTS + 2):
        WebhookMessage.objects.update(next_attempt_at=timezone.now())
        work_inbox()

    row = WebhookMessage.objects.get()
    assert (row.status, row.attempts) == ("failed", MAX_ATTEMPTS)


@pytest.mark.covers("P12")
def test_the_inbox_keeps_no_secret_and_nothing_of_the_card(store: StoreRef) -> None:
    payment = silent_payment(make_order(make_user()))
    details = {"card": {"last4": "4242"}}

    receive(event("payment_intent.succeeded", intent(payment, payment_method_details=details)))

    kept = json.dumps(WebhookMessage.objects.get().payload)
    assert "pi_secret" not in kept
    assert "4242" not in kept


@pytest.mark.covers("R11")
def test_a_message_whose_work_breaks_is_neither_lost_nor_half_applied(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = silent_payment(make_order(make_user()))
    receive(event("payment_intent.succeeded", intent(payment)))

    def break_down(*args: Any, **kwargs: Any) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr("apps.payments.services.apply_gateway_state.take_refunds", break_down)
        work_inbox()
    payment.refresh_from_db()
    after_break = (payment.status, WebhookMessage.objects.get().status)
    WebhookMessage.objects.update(next_attempt_at=timezone.now())
    work_inbox()
    payment.refresh_from_db()

    assert after_break == ("pending", "received")
    assert payment.status == "captured"


def _story(payment: Payment) -> list[dict[str, Any]]:
    whole = payment.amount_cents
    return [
        event("payment_intent.created", intent(payment, "requires_confirmation")),
        event("payment_intent.processing", intent(payment, "processing")),
        event("payment_intent.requires_action", intent(payment, "requires_action")),
        event("payment_intent.amount_capturable_updated", intent(payment, "requires_capture")),
        event("payment_intent.succeeded", intent(payment)),
        event("charge.succeeded", charge(payment, 0)),
        event("charge.refunded", charge(payment, whole // 4)),
        event("charge.refunded", charge(payment, whole)),
    ]


@pytest.mark.slow
@pytest.mark.covers("P1")
def test_repeated_and_reordered_messages_of_two_senders_end_alike(live_store: StoreRef) -> None:
    user = make_user()
    chance = random.Random(20261120)
    outcomes = []
    for _ in range(20):
        payment = silent_payment(make_order(user, price_cents=1000))
        messages = _story(payment) * 5
        chance.shuffle(messages)
        calls = [signed(message) for message in messages]

        def send(part: list[dict[str, Any]]) -> None:
            for call in part:
                receive_webhook(gateway="sandbox", **call, work_now=True)

        halves = [lambda p=calls[index::2]: send(p) for index in range(2)]
        failures = [result for result in at_once(live_store, halves) if result is not None]
        work_inbox()
        payment.refresh_from_db()
        happened = Event.objects.filter(key=str(payment.pk)).values_list("topic", flat=True)
        back = sum(Refund.objects.filter(payment=payment).values_list("amount_cents", flat=True))
        assert failures == []
        outcomes.append(
            (
                payment.status,
                payment.captured_cents,
                payment.refunded_cents,
                back,
                list(happened).count("payment.succeeded"),
                get_order(payment.order_id).payment_status,
            )
        )

    assert set(outcomes) == {("refunded", 1000, 1000, 1000, 1, "refunded")}
    assert WebhookMessage.objects.count() == 20 * 8
    assert set(WebhookMessage.objects.values_list("status", flat=True)) == {"processed", "ignored"}
    assert Event.objects.filter(topic="order.paid").count() == 20


@pytest.mark.covers("P1")
def test_two_workers_never_take_the_same_message(live_store: StoreRef) -> None:
    payment = silent_payment(make_order(make_user()))
    receive(event("payment_intent.succeeded", intent(payment)))
    row = WebhookMessage.objects.get()

    with transaction.atomic():
        WebhookMessage.objects.select_for_update().get()
        taken = at_once(live_store, [lambda: work_message(row.pk)])

    assert taken == [False]
    assert work_message(row.pk) is True


def test_every_gateway_reads_what_it_verified(store: StoreRef) -> None:
    payment = silent_payment(make_order(make_user()))
    message = event("payment_intent.succeeded", intent(payment))

    read = {name: gateway_named(name).read_event(message) for name in ("sandbox", "stripe")}

    assert read["sandbox"] == read["stripe"]
