"""Crashes between charge and commit, silent gateways, and many hands at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.common.context import StoreRef
from apps.events.models import Delivery, Event
from apps.events.worker import drain as drain_once
from apps.orders.facade import get_order
from apps.payments.errors import OutcomeUnknown, PaymentOpen
from apps.payments.gateways.base import GatewayUnavailable
from apps.payments.gateways.sandbox import SandboxGateway, authenticate, send_owed
from apps.payments.models import Payment, SandboxIntent, WebhookMessage
from apps.payments.services import receive_webhook as receiving
from apps.payments.services import start_payment as starting
from apps.payments.services.capture_payment import capture_payment
from apps.payments.services.create_payment import create_payment
from apps.payments.services.recover_payments import recover_payments
from apps.payments.services.work_inbox import work_inbox
from apps.payments.tasks import recover
from tests.orders.factories import make_order
from tests.payments.factories import make_payment, silent_payment
from tests.support.people import make_user
from tests.support.work import at_once

START = "payments.start_payment"


class PowerCut(Exception):
    """The process dies here."""


def _die(*args: Any, **kwargs: Any) -> None:
    raise PowerCut


def _unknown(*args: Any, **kwargs: Any) -> None:
    raise GatewayUnavailable("timeout", "No answer in time.")


def _make_due(seconds_old: int = 0) -> None:
    Delivery.objects.filter(status__in=["pending", "leased"]).update(
        next_attempt_at=timezone.now(), status="pending"
    )
    WebhookMessage.objects.update(next_attempt_at=timezone.now())
    if seconds_old:
        created = timezone.now() - timedelta(seconds=seconds_old)
        Payment.objects.update(created_at=created)


@pytest.mark.covers("R11")
def test_a_crash_between_charge_and_commit_charges_once_and_pays_the_order(
    live_store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user()
    orders = [make_order(user) for _ in range(10)]

    with monkeypatch.context() as patch:
        patch.setattr(starting, "apply_gateway_state", _die)
        patch.setattr(receiving, "work_message", _die)
        statuses = [
            create_payment(order_id=order.id, payment_method="pm_card_visa", user=user).status
            for order in orders
        ]
    charged = SandboxIntent.objects.count()
    _make_due()
    drain_once()
    recover_payments()

    assert set(statuses) == {"pending"}
    assert charged == SandboxIntent.objects.count() == 10
    assert set(Payment.objects.values_list("status", flat=True)) == {"captured"}
    assert {get_order(order.id).status for order in orders} == {"paid"}
    assert Event.objects.filter(topic="payment.succeeded").count() == 10


@pytest.mark.covers("R11", "I-11")
def test_the_message_alone_pays_an_order_whose_request_died(
    live_store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user()
    order = make_order(user)

    with monkeypatch.context() as patch:
        patch.setattr(starting, "apply_gateway_state", _die)
        payment = create_payment(order_id=order.id, payment_method="pm_card_visa", user=user)
    work_inbox()
    payment.refresh_from_db()

    assert payment.status == "captured"
    assert get_order(order.id).status == "paid"


@pytest.mark.covers("R11", "I-12", "I-13")
def test_recovery_asks_the_gateway_for_what_no_message_told(
    live_store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = make_payment(method="pm_card_authenticationRequired")
    with monkeypatch.context() as patch:
        patch.setattr(receiving, "work_message", _die)
        authenticate(payment.gateway_id)
    send_owed()
    WebhookMessage.objects.all().delete()

    recover_payments()
    payment.refresh_from_db()
    too_soon = payment.status
    _make_due(seconds_old=61)
    recover()
    payment.refresh_from_db()

    assert too_soon == "requires_action"
    assert payment.status == "captured"
    assert get_order(payment.order_id).status == "paid"


@pytest.mark.covers("R16")
def test_an_unknown_outcome_is_pending_and_never_failed(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch, drain: Callable[[], int]
) -> None:
    user = make_user()
    order = make_order(user)

    with monkeypatch.context() as patch:
        patch.setattr(SandboxGateway, "create", _unknown)
        payment = create_payment(order_id=order.id, payment_method="pm_card_visa", user=user)
        for _ in range(9):
            _make_due()
            drain_once()
        payment.refresh_from_db()
        dead = Delivery.objects.get(subscriber=START).status
    before = payment.status
    _make_due(seconds_old=301)
    cache.clear()
    recover_payments()
    payment.refresh_from_db()

    assert (before, dead) == ("pending", "dead")
    assert payment.status == "captured"
    assert not Event.objects.filter(topic="payment.failed").exists()


@pytest.mark.covers("R16")
def test_a_key_that_the_gateway_has_forgotten_is_never_charged_again(store: StoreRef) -> None:
    payment = silent_payment(make_order(make_user()))
    _make_due(seconds_old=24 * 3600)

    recover_payments()
    payment.refresh_from_db()

    assert payment.status == "pending"
    assert not SandboxIntent.objects.exists()


@pytest.mark.covers("I-15", "R16")
def test_the_payers_retry_continues_the_pending_payment(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user()
    order = make_order(user)
    with monkeypatch.context() as patch:
        patch.setattr(SandboxGateway, "create", _unknown)
        first = create_payment(order_id=order.id, payment_method="pm_card_visa", user=user)
        still = create_payment(order_id=order.id, payment_method="pm_card_visa", user=user)

    with pytest.raises(PaymentOpen):
        create_payment(order_id=order.id, payment_method="pm_card_mastercard", user=user)
    again = create_payment(order_id=order.id, payment_method="pm_card_visa", user=user)

    assert first.pk == still.pk == again.pk
    assert (still.status, again.status) == ("pending", "captured")
    assert SandboxIntent.objects.count() == 1


@pytest.mark.covers("R16", "P11")
def test_a_capture_without_an_answer_is_found_by_its_message_or_by_repeating_it(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = make_payment(capture="manual", price_cents=900)
    real = SandboxGateway.capture

    def lose_the_answer(self: SandboxGateway, *args: Any, **kwargs: Any) -> None:
        real(self, *args, **kwargs)
        raise GatewayUnavailable("timeout", "No answer.")

    with monkeypatch.context() as patch:
        patch.setattr(SandboxGateway, "capture", lose_the_answer)
        with pytest.raises(OutcomeUnknown):
            capture_payment(payment_id=payment.pk, key="k")
    repeated = capture_payment(payment_id=payment.pk, key="k")
    known = capture_payment(payment_id=payment.pk, key="another")

    assert (repeated.status, repeated.captured_cents) == ("captured", 900)
    assert known.captured_cents == 900
    assert Event.objects.filter(topic="payment.succeeded").count() == 1


@pytest.mark.slow
@pytest.mark.covers("I-16", "R8")
def test_ten_taps_on_pay_are_one_payment_and_one_charge(live_store: StoreRef) -> None:
    user = make_user()
    order = make_order(user)

    def pay() -> Payment:
        return create_payment(order_id=order.id, payment_method="pm_card_visa", user=user)

    results = at_once(live_store, [pay] * 10)
    kinds = Counter(type(result).__name__ for result in results)

    assert set(kinds) <= {"Payment", "PaymentOpen"}, results
    assert Payment.objects.count() == SandboxIntent.objects.count() == 1
    payment = Payment.objects.get()
    assert payment.status == "captured"
    assert Event.objects.filter(topic="payment.succeeded").count() == 1
    assert all(
        r.extra["payment_id"] == str(payment.pk) for r in results if isinstance(r, PaymentOpen)
    )


@pytest.mark.slow
@pytest.mark.covers("P10", "MOON-02")
def test_capturing_from_many_sides_takes_the_money_once(live_store: StoreRef) -> None:
    payment = make_payment(capture="manual", price_cents=700)

    calls = [lambda key=key: capture_payment(payment_id=payment.pk, key=key) for key in "abcdef"]
    results = at_once(live_store, calls)
    payment.refresh_from_db()

    assert payment.captured_cents == SandboxIntent.objects.get().captured_cents == 700
    assert Event.objects.filter(topic="payment.succeeded").count() == 1
    assert any(isinstance(result, Payment) for result in results)


def test_a_lost_hint_fails_no_request(store: StoreRef, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.payments.tasks import work_inbox
    from apps.payments.wakeup import payments as wakeup

    monkeypatch.setattr(work_inbox, "apply_async", _die)

    wakeup.clear()
    wakeup.now()
