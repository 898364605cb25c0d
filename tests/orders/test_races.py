"""Orders at the same moment: nothing is sold twice, nothing is paid and taken away."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.common.context import StoreRef
from apps.inventory.facade import availability
from apps.orders.facade import get_order
from apps.orders.models import Order
from apps.orders.services.expire_orders import expire_orders
from tests.catalog.factories import make_product
from tests.orders.factories import ADDRESS, make_order
from tests.orders.facts import captured, tell
from tests.support.work import at_once


@pytest.mark.slow
@pytest.mark.covers("R1")
def test_sixty_buyers_race_for_fifteen_units_and_exactly_fifteen_get_one(
    live_store: StoreRef,
) -> None:
    make_product(sku="HOT", stock=15)

    results = at_once(live_store, [partial(make_order, sku="HOT")] * 60, threads=20)

    assert [result for result in results if isinstance(result, Exception)] == []
    assert Counter(order.status for order in results) == {"confirmed": 15, "cancelled": 45}  # type: ignore[union-attr]
    assert sum(bool(order.shortages) for order in results) == 45  # type: ignore[union-attr]
    assert Counter(Order.objects.values_list("status", flat=True)) == {
        "confirmed": 15,
        "cancelled": 45,
    }
    assert Order.objects.values("number").distinct().count() == 60


@pytest.mark.slow
@pytest.mark.covers("R8", "PEER-52")
def test_one_key_sent_twenty_times_at_once_places_one_order(live_store: StoreRef) -> None:
    make_product(sku="TEE-S", stock=50)
    body = {
        "email": "guest@example.com",
        "items": [{"sku": "TEE-S", "quantity": 1}],
        "currency": "USD",
        "shipping_address": ADDRESS,
    }

    def send() -> Any:
        client = APIClient(HTTP_HOST=live_store.domain)
        return client.post("/api/v1/orders", body, headers={"Idempotency-Key": "once"})

    answers = at_once(live_store, [send] * 20)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert Order.objects.count() == 1
    created = [answer for answer in answers if answer.status_code == 201]  # type: ignore[union-attr]
    waiting = [answer for answer in answers if answer.status_code == 409]  # type: ignore[union-attr]
    assert len(created) >= 1
    assert len(created) + len(waiting) == 20
    assert len({answer.json()["id"] for answer in created}) == 1  # type: ignore[union-attr]
    assert {answer.json()["code"] for answer in waiting} <= {"idempotency_key_running"}  # type: ignore[union-attr]


@pytest.mark.slow
@pytest.mark.covers("R3")
def test_paying_and_expiring_at_the_same_moment_never_leaves_a_paid_order_without_stock(
    live_store: StoreRef,
) -> None:
    make_product(sku="TEE-S", stock=100)
    outcomes: Counter[tuple[str, str]] = Counter()
    held = 0

    for _ in range(30):
        order = make_order(sku="TEE-S", expires_at=timezone.now() - timedelta(seconds=1))
        results = at_once(live_store, [partial(tell, captured(order)), expire_orders])
        assert [result for result in results if isinstance(result, Exception)] == []
        info = get_order(order.id)
        assert info is not None
        outcomes[info.status, info.payment_status] += 1
        held += info.status == "paid"

    # Cancelled first means that the money goes back; paid first means that the stock stays held.
    assert set(outcomes) <= {("paid", "paid"), ("cancelled", "paid")}
    variant = Order.objects.first().lines.get().variant_id  # type: ignore[union-attr]
    assert availability([variant]) == {variant: 100 - held}
