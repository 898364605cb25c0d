"""A held order stands still: no payment, no capture, no parcel, no expiry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.common.context import StoreRef
from apps.orders.errors import StepNotPossible
from apps.orders.models import Order, OrderHistory
from apps.orders.services.expire_orders import expire_orders
from apps.orders.services.hold_order import hold_order
from apps.orders.services.release_order import BY_HAND, release_order
from apps.shipping.models import Shipment
from tests.orders.factories import make_order
from tests.orders.facts import captured, tell
from tests.payments.factories import make_payment
from tests.support.people import make_user

Api = Callable[..., Any]


@pytest.mark.covers("PEER-13")
def test_a_held_order_is_neither_paid_nor_captured_nor_sent(api: Api, drain: Any) -> None:
    staff, ada = make_user("admin"), make_user()
    order = make_order(ada)
    payment = make_payment(ada, order, capture="manual")
    url = f"/api/v1/orders/{order.id}"

    held = api(staff).post(f"{url}/hold", {"kind": "fraud", "reason": "three cards"})
    assert held.status_code == 200, held.content
    assert (held.json()["held"], held.json()["kind"]) == (True, "fraud")
    assert api(staff).get(f"{url}/hold").json() == held.json()
    taken = api(staff).post(f"/api/v1/payments/{payment.pk}/capture", {})
    assert (taken.status_code, taken.json()["code"]) == (409, "order_held")
    assert api(ada).get(url).json()["held"] is True

    assert api(staff).post(f"{url}/release", {"reason": "called them"}).status_code == 200
    assert api(staff).post(f"/api/v1/payments/{payment.pk}/capture", {}).status_code == 200
    rows = OrderHistory.objects.filter(order_id=order.id, field="hold").order_by("id")
    assert [(row.old_value, row.new_value, row.reason) for row in rows] == [
        ("", "fraud", "three cards"),
        ("fraud", "released", "called them"),
    ]
    # The buyer does not learn of what was suspected.
    assert "hold" not in {row["field"] for row in api(ada).get(f"{url}/history").json()["results"]}
    assert "hold" in {row["field"] for row in api(staff).get(f"{url}/history").json()["results"]}


@pytest.mark.covers("PEER-13")
def test_an_unpaid_held_order_cannot_be_paid(api: Api) -> None:
    ada = make_user()
    order = make_order(ada)
    hold_order(order_id=order.id, reason="look first")

    answer = api(ada).post(
        "/api/v1/payments", {"order_id": str(order.id), "payment_method": "pm_card_visa"}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "order_held")


@pytest.mark.covers("PEER-13", "SHP-04")
def test_parcels_wait_for_the_release(store: StoreRef, drain: Any) -> None:
    order = make_order()
    hold_order(order_id=order.id, reason="look first")
    tell(captured(order))
    drain()
    assert Order.objects.get(pk=order.id).status == "paid"
    assert Shipment.objects.count() == 0

    release_order(order_id=order.id)
    drain()
    assert Shipment.objects.filter(order_id=order.id).count() == 1


@pytest.mark.covers("PEER-13", "R3")
def test_a_held_order_does_not_expire_and_gets_its_time_anew(store: StoreRef) -> None:
    order = make_order()
    hold_order(order_id=order.id, reason="look first")
    Order.objects.update(expires_at=timezone.now() - timedelta(days=1))

    assert expire_orders() == 0
    release_order(order_id=order.id)
    assert expire_orders() == 0
    row = Order.objects.get(pk=order.id)
    assert row.status == "confirmed"
    assert row.expires_at is not None
    assert row.expires_at > timezone.now()


@pytest.mark.covers("PEER-13")
def test_holds_are_refused_where_they_make_no_sense(store: StoreRef) -> None:
    order = make_order()
    with pytest.raises(StepNotPossible):
        release_order(order_id=order.id)
    hold_order(order_id=order.id, kind="approval", reason="over the limit")
    with pytest.raises(StepNotPossible):
        hold_order(order_id=order.id, reason="again")
    with pytest.raises(StepNotPossible):
        release_order(order_id=order.id, kinds=BY_HAND)
    release_order(order_id=order.id)
    Order.objects.update(status="delivered")
    with pytest.raises(StepNotPossible):
        hold_order(order_id=order.id, reason="too late")


@pytest.mark.covers("PEER-13", "P5")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": ""},
        {"reason": "a\nb"},
        {"reason": "x" * 201},
        {"kind": "approval", "reason": "x"},
    ],
)
def test_bad_holds_are_refused(api: Api, body: dict[str, Any]) -> None:
    order = make_order()

    assert (
        api(make_user("support")).post(f"/api/v1/orders/{order.id}/hold", body).status_code == 400
    )
    assert Order.objects.get(pk=order.id).held_at is None
