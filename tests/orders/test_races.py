"""Orders at the same moment: nothing is sold twice, nothing is paid and taken away."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Sum
from django.utils import timezone
from rest_framework.test import APIClient

from apps.common.context import StoreRef
from apps.inventory.audit import find_differences
from apps.inventory.models import StockLevel
from apps.orders.facade import get_order
from apps.orders.models import Order
from apps.orders.services.expire_orders import expire_orders
from apps.orders.types import OrderInfo
from apps.payments.errors import OrderNotPayable
from apps.payments.models import SandboxIntent
from apps.payments.services.create_payment import create_payment
from tests.catalog.factories import make_product
from tests.orders.factories import ADDRESS, make_order
from tests.support.work import at_once


def _send(store: StoreRef, number: int, *baskets: tuple[str, int]) -> Any:
    """Buyer `number` orders over HTTP."""
    body = {
        "email": f"buyer-{number}@example.com",
        "items": [{"sku": sku, "quantity": quantity} for sku, quantity in baskets],
        "currency": "USD",
        "shipping_address": ADDRESS,
    }
    client = APIClient(raise_request_exception=False, HTTP_HOST=store.domain)
    return client.post("/api/v1/orders", body)


@pytest.mark.slow
@pytest.mark.covers("R1", "I-02", "I-09")
def test_two_hundred_buyers_race_for_fifty_units_and_exactly_fifty_get_one(
    live_store: StoreRef,
) -> None:
    make_product(sku="HOT", stock=50)

    calls = [partial(_send, live_store, number, ("HOT", 1)) for number in range(200)]
    answers: list[Any] = at_once(live_store, calls, threads=50)

    assert Counter(_told(answer) for answer in answers) == {
        (201, ""): 50,
        (409, "out_of_stock"): 150,
    }
    assert Counter(Order.objects.values_list("status", flat=True)) == {
        "confirmed": 50,
        "cancelled": 150,
    }
    assert Order.objects.values("number").distinct().count() == 200
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved) == (50, 50)
    assert find_differences() == []


@pytest.mark.slow
@pytest.mark.covers("R2")
def test_baskets_of_three_in_random_order_neither_deadlock_nor_oversell(
    live_store: StoreRef,
) -> None:
    skus = ["ANVIL", "BRUSH", "CANDLE"]
    for sku in skus:
        make_product(sku=sku, stock=30)
    rng = random.Random(2)

    calls = [
        partial(_send, live_store, number, *[(sku, 1) for sku in rng.sample(skus, 3)])
        for number in range(200)
    ]
    answers: list[Any] = at_once(live_store, calls, threads=50)

    assert Counter(_told(answer) for answer in answers) == {
        (201, ""): 30,
        (409, "out_of_stock"): 170,
    }
    assert [(row.on_hand, row.reserved) for row in StockLevel.objects.all()] == [(30, 30)] * 3
    assert find_differences() == []


def _told(answer: Any) -> tuple[int, str]:
    return (answer.status_code, "" if answer.status_code == 201 else answer.json()["code"])


@pytest.mark.slow
@pytest.mark.covers("R3")
def test_paying_and_expiring_at_the_same_moment_never_leaves_a_paid_order_without_stock(
    live_store: StoreRef, drain: Callable[[], int]
) -> None:
    # Given as many units as one order takes, so that what is given back can be sold once more
    make_product(sku="LAST", stock=40)
    outcomes: Counter[tuple[str, str]] = Counter()

    for _ in range(40):
        order = make_order(sku="LAST", expires_at=timezone.now() - timedelta(seconds=1))
        calls: list[Callable[[], Any]] = [partial(_pay, order), expire_orders]
        results = at_once(live_store, calls)
        refused = [one for one in results if isinstance(one, Exception)]
        assert [one for one in refused if not isinstance(one, OrderNotPayable)] == []
        drain()
        fresh = get_order(order.id)
        assert fresh is not None
        outcomes[fresh.status, fresh.payment_status] += 1

    # Cancelled first means that nothing is paid, or that the money goes back;
    # paid first means that the stock stays held.
    assert set(outcomes) <= {
        ("paid", "paid"),
        ("cancelled", "unpaid"),
        ("cancelled", "refunded"),
    }
    paid = outcomes["paid", "paid"]
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved) == (40, paid)
    book = SandboxIntent.objects.aggregate(
        taken=Sum("captured_cents", default=0), back=Sum("refunded_cents", default=0)
    )
    assert book["taken"] - book["back"] == paid * 1999
    assert find_differences() == []


def _pay(order: OrderInfo) -> None:
    create_payment(
        order_id=order.id,
        payment_method="pm_card_visa",
        user=AnonymousUser(),
        email=order.email,
    )
