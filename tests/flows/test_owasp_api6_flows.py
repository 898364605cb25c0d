"""API6:2023 Unrestricted access to sensitive business flows: buying out, joining, signing up.

And what a repeat does to them: the same key twice is one order (I-15).
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.group_commerce.models import Participant
from apps.orders.api import views as order_views
from apps.orders.models import Order
from apps.payments.gateways.sandbox import SandboxGateway
from apps.payments.models import Payment, SandboxIntent
from tests.flows.owasp import ADDRESS, API, caller
from tests.inventory.factories import make_variant
from tests.isolation.world import Side, build
from tests.orders.factories import make_order
from tests.support.client import StoreClient
from tests.support.people import PASSWORD, make_user

KEY = {"HTTP_IDEMPOTENCY_KEY": "one-key"}


@pytest.fixture
def side(acme: StoreRef) -> Side:
    """A store with a row of everything."""
    return build(acme)


def order_of(quantity: int, sku: str = "SAME") -> dict[str, Any]:
    return {
        "items": [{"sku": sku, "quantity": quantity}],
        "currency": "USD",
        "email": "guest@example.com",
        "shipping_address": ADDRESS,
    }


@pytest.mark.covers("INV-04", "P6")
def test_api6_nobody_reserves_more_than_there_is_nor_ten_thousand_and_one(side: Side) -> None:
    guest = side.client()

    too_many = guest.post(f"{API}/orders", order_of(10_001), format="json")
    more = guest.post(f"{API}/orders", order_of(9_999), format="json")

    assert (too_many.status_code, more.status_code) == (400, 409)
    assert more.json()["code"] == "out_of_stock"
    last = guest.post(f"{API}/orders", order_of(1), format="json")
    assert last.status_code == 201


@pytest.mark.covers("API-10", "R3")
def test_api6_hoarding_by_one_client_is_slowed_and_what_is_hoarded_comes_back(
    side: Side, settings: Any
) -> None:
    """A robot reserves as often as its rate lets it, and for as long as an unpaid order lives."""
    from datetime import timedelta

    from django.utils import timezone

    from apps.orders.services.expire_orders import expire_orders

    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "public": "5/minute"}
    robot = side.client()
    answers = [robot.post(f"{API}/orders", order_of(1), format="json") for _ in range(8)]

    assert [answer.status_code for answer in answers] == [201] * 5 + [429] * 3
    with enter_store(side.store):
        mine = Order.objects.filter(email="guest@example.com")
        assert all(order.expires_at for order in mine)
        mine.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert expire_orders() == 5
        assert set(mine.values_list("status", flat=True)) == {"cancelled"}


@pytest.mark.covers("GRP-10", "R4", "I-15")
def test_api6_one_person_has_one_place_in_a_campaign(side: Side) -> None:
    path = f"{API}/campaigns/{side.ids['campaign']}/join"
    body = {"quantity": 1, "shipping_address": ADDRESS}
    client = caller(side, "customer")

    answers = [client.post(path, body, format="json") for _ in range(5)]
    guest = side.client().post(path, body, format="json")

    assert [answer.status_code for answer in answers] == [201] + [409] * 4
    assert guest.status_code == 401
    with enter_store(side.store):
        assert Participant.objects.count() == 1


@pytest.mark.covers("ACC-01", "T15", "API-10")
def test_api6_accounts_are_not_opened_by_the_hundred(api: Any, settings: Any) -> None:
    settings.REGISTRATIONS_PER_HOUR = 20
    body = {"password": PASSWORD}

    answers = [
        api().post(f"{API}/auth/register", {**body, "email": f"r{number}@example.com"}).status_code
        for number in range(30)
    ]

    assert answers == [202] * 20 + [429] * 10


@pytest.mark.covers("P5", "ORD-02")
@pytest.mark.parametrize("price", [0, 1, 999, 1001, -1, "0.01", 1e-9, None, "free"])
def test_api6_the_price_is_the_stores_whatever_the_buyer_sends(side: Side, price: Any) -> None:
    guest = side.client()
    line = {"sku": "SAME", "quantity": 2, "unit_price_cents": price, "price_cents": price}
    body = {**order_of(2), "items": [line], "total_cents": price, "discount_cents": 10**6}

    answer = guest.post(f"{API}/orders", body, format="json")
    said = guest.post(
        f"{API}/orders",
        {**body, "items": [{**line, "expected_price_cents": price}]},
        format="json",
    )

    assert answer.status_code == 201
    assert (answer.json()["subtotal_cents"], answer.json()["discount_cents"]) == (2000, 0)
    assert said.status_code == (
        201 if price is None else 409 if type(price) is int and price >= 0 else 400
    )


class Gate:
    """Holds the first call inside until it is told to go on."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.inside, self.go_on = threading.Event(), threading.Event()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.inside.set()
        assert self.go_on.wait(30)
        return self.call(*args, **kwargs)


def _sent(store: StoreRef, path: str, body: Any, user: Any) -> Any:
    """A request on a connection of its own."""
    try:
        with enter_store(store):
            return StoreClient(store, user).post(path, body, format="json", **KEY)
    finally:
        connection.close()


def repeated(store: StoreRef, path: str, body: Any, user: Any, gate: Gate) -> tuple[Any, ...]:
    """(twin while the first one runs, the first one, the same key later, other body)."""
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(_sent, store, path, body, user)
        assert gate.inside.wait(30)
        twin = _sent(store, path, body, user)
        gate.go_on.set()
        answered = first.result(60)
    again = _sent(store, path, body, user)
    other = _sent(store, path, {**body, "notes": "x", "capture": "manual"}, user)
    return twin, answered, again, other


def check_repeats(twin: Any, first: Any, again: Any, other: Any) -> None:
    assert twin.status_code == 409, twin.content
    assert twin.json()["code"] == "idempotency_key_running"
    assert 1 <= int(twin["Retry-After"]) <= 20
    assert first.status_code == 201, first.content
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.covers("I-15", "R8", "PEER-52", "I-17")
def test_api6_a_twin_order_waits_with_a_409_and_later_gets_the_first_answer(
    live_store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_variant(sku="SAME", stock=10)
    user = make_user()
    gate = Gate(order_views.place_order)
    monkeypatch.setattr(order_views, "place_order", gate)

    check_repeats(*repeated(live_store, f"{API}/orders", order_of(1), user, gate))

    assert Order.objects.count() == 1


@pytest.mark.covers("I-15", "R8", "PAY-08", "I-16")
def test_api6_a_twin_payment_waits_with_a_409_and_there_is_one_charge(
    live_store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user()
    body = {"order_id": str(make_order(user).id), "payment_method": "pm_card_visa"}
    gate = Gate(SandboxGateway.create)

    def create(self: Any, *args: Any, **kwargs: Any) -> Any:
        return gate(self, *args, **kwargs)

    monkeypatch.setattr(SandboxGateway, "create", create)

    check_repeats(*repeated(live_store, f"{API}/payments", body, user, gate))

    assert (Payment.objects.count(), SandboxIntent.objects.count()) == (1, 1)
