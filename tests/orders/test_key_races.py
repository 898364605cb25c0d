"""One checkout sent many times: with a key, without one, and after a kill (R8, I-03, I-11)."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.facade import issue_tokens
from apps.common.context import StoreRef
from apps.common.models import IdempotencyKey
from apps.inventory.models import StockLevel
from apps.orders.models import Order
from apps.payments.gateways.sandbox import SandboxGateway
from apps.payments.models import Payment, SandboxIntent
from tests.catalog.factories import make_product
from tests.orders.factories import ADDRESS
from tests.support.people import make_user
from tests.support.work import at_once

CHECKOUT, CART_CHECKOUT = "/api/v1/checkout", "/api/v1/cart/checkout"
CARD = {"payment_method": "pm_card_visa"}
Bodies = dict[str, dict[str, Any]]
BODIES: Bodies = {
    CHECKOUT: {
        "items": [{"sku": "TEE", "quantity": 1}],
        "currency": "USD",
        "shipping_address": ADDRESS,
        "payment": CARD,
    },
    CART_CHECKOUT: {"shipping_address": ADDRESS, "payment": CARD},
}
both = pytest.mark.parametrize("path", [CHECKOUT, CART_CHECKOUT])


def _shopper(store: StoreRef) -> str:
    """The token of somebody whose cart holds a tee."""
    access = issue_tokens(make_user().id).access
    answer = _send(store, access, "/api/v1/cart/items", {"sku": "TEE", "quantity": 1})
    assert answer.status_code == 200, answer.content
    return access


def _send(store: StoreRef, access: str, path: str, body: Any, key: str = "") -> Any:
    client = APIClient(
        raise_request_exception=False,
        HTTP_HOST=store.domain,
        HTTP_AUTHORIZATION=f"Bearer {access}",
    )
    return client.post(path, body, headers={"Idempotency-Key": key} if key else {})


@pytest.fixture
def tee(live_store: StoreRef) -> StoreRef:
    """A store that really commits, with a tee."""
    make_product(sku="TEE", price_cents=1_000, stock=50)
    return live_store


@pytest.mark.covers("R8", "R2")
@both
def test_a_repeat_whose_answer_was_lost_holds_no_stock(tee: StoreRef, path: str) -> None:
    access, key = _shopper(tee), str(uuid4())
    first = _send(tee, access, path, BODIES[path], key)
    IdempotencyKey.objects.all().delete()

    with CaptureQueriesContext(connection) as asked:
        again = _send(tee, access, path, BODIES[path], key)

    assert again.json()["order"]["id"] == first.json()["order"]["id"]
    # Who cancels that order holds its row and wants its stock: the other way round they would wait
    # for each other.
    locking = [row["sql"] for row in asked if "FOR UPDATE" in row["sql"]]
    assert not [sql for sql in locking if "inventory_stocklevel" in sql]


@pytest.mark.slow
@pytest.mark.covers("R8", "PEER-52", "I-03")
@both
def test_one_key_sent_twenty_times_at_once_orders_and_pays_once(tee: StoreRef, path: str) -> None:
    access, key = _shopper(tee), str(uuid4())
    send = partial(_send, tee, access, path, BODIES[path], key)

    answers: list[Any] = at_once(tee, [send] * 20)

    assert set(Counter(_told(answer) for answer in answers)) <= {
        (201, ""),
        (409, "idempotency_key_running"),
    }
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)
    assert _charges() == [1_000]
    # Sent once more, it is answered as the first was.
    first = send()
    assert first.headers["Idempotent-Replayed"] == "true"
    assert {a.json()["order"]["id"] for a in [first, *answers] if a.status_code == 201} == {
        str(Order.objects.get().pk)
    }


@pytest.mark.slow
@pytest.mark.covers("R8", "PEER-52")
@both
def test_a_key_belongs_to_its_body_and_its_user(tee: StoreRef, path: str) -> None:
    access, key = _shopper(tee), str(uuid4())
    assert _send(tee, access, path, BODIES[path], key).status_code == 201

    other_body = _send(tee, access, path, {**BODIES[path], "notes": "Ring twice"}, key)
    other_user = _send(tee, _shopper(tee), path, BODIES[path], key)

    assert _told(other_body) == (422, "idempotency_key_reused")
    assert other_user.status_code == 201
    assert "Idempotent-Replayed" not in other_user.headers
    assert Order.objects.values("customer").distinct().count() == Order.objects.count() == 2


@pytest.mark.slow
@pytest.mark.covers("R8", "CRT-03")
def test_a_cart_that_is_checked_out_twice_at_once_without_a_key_is_ordered_once(
    tee: StoreRef,
) -> None:
    access = _shopper(tee)
    send = partial(_send, tee, access, CART_CHECKOUT, BODIES[CART_CHECKOUT])

    answers: list[Any] = at_once(tee, [send] * 5)

    assert Counter(_told(answer) for answer in answers) == {(201, ""): 1, (409, "cart_empty"): 4}
    assert Order.objects.count() == 1
    assert _charges() == [1_000]


@pytest.mark.slow
@pytest.mark.covers("R8", "R11", "I-03", "I-11")
@both
@pytest.mark.parametrize("asked", [False, True], ids=["before it is asked", "after it answered"])
def test_killed_between_the_orders_commit_and_the_payments_answer_a_repeat_goes_on(
    tee: StoreRef, path: str, asked: bool
) -> None:
    access, key = _shopper(tee), str(uuid4())

    # Given the process is killed around the call of the gateway
    _die(partial(_send, tee, access, path, BODIES[path], key), asked=asked)
    assert [order.status for order in Order.objects.all()] == ["confirmed"]
    assert Payment.objects.get().status == "pending"
    assert _charges() == [1_000] * asked

    # When it is sent again under its key, at first it may still be under way for all we know
    assert _told(_send(tee, access, path, BODIES[path], key)) == (409, "idempotency_key_running")
    IdempotencyKey.objects.update(locked_until=timezone.now())
    answer = _send(tee, access, path, BODIES[path], key)

    # Then it finds the order, and there is one charge
    assert answer.status_code == 201, answer.content
    assert answer.json()["order"]["status"] == "paid"
    assert answer.json()["payment"]["status"] == "captured"
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)
    assert _charges() == [1_000]


@pytest.mark.slow
@pytest.mark.covers("R8", "PEER-52", "INV-04")
@both
def test_a_repeat_of_what_was_refused_for_its_stock_is_refused_too_when_its_answer_was_lost(
    tee: StoreRef, path: str
) -> None:
    access, key = _shopper(tee), str(uuid4())
    StockLevel.objects.update(on_hand=0)
    send = partial(_send, tee, access, path, BODIES[path], key)
    first = send()
    assert _told(first) == (409, "out_of_stock")

    # Given the process was killed before the answer was stored
    IdempotencyKey.objects.update(
        response_status=None, response_body=None, locked_until=timezone.now()
    )
    again = send()

    assert "Idempotent-Replayed" not in again.headers
    assert _told(again) == (409, "out_of_stock")
    assert again.json()["shortages"] == first.json()["shortages"]
    assert again.json()["shortages"] == [{"sku": "TEE", "requested": 1, "available": 0}]
    assert [order.status for order in Order.objects.all()] == ["cancelled"]


def _die(send: Callable[[], Any], *, asked: bool) -> None:
    """Send from a process that is killed when it asks the gateway, or when that has answered."""
    create = SandboxGateway.create

    def killed(self: Any, request: Any, *, key: str) -> Any:
        if asked:
            create(self, request, key=key)
        os.kill(os.getpid(), signal.SIGKILL)

    # Not to be shared with the process.
    connection.close()
    SandboxGateway.create = killed  # type: ignore[method-assign]
    try:
        process = multiprocessing.get_context("fork").Process(target=send)
        process.start()
        process.join(60)
    finally:
        SandboxGateway.create = create  # type: ignore[method-assign]
    assert process.exitcode == -signal.SIGKILL


def _charges() -> list[int]:
    return list(SandboxIntent.objects.values_list("captured_cents", flat=True))


def _told(answer: Any) -> tuple[int, str]:
    return (answer.status_code, "" if answer.status_code == 201 else answer.json()["code"])
