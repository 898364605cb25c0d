"""Orders that cost nothing, or cost nothing any more, and what edits make of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.orders.facade import LineRequest, get_order
from apps.orders.models import Order, OrderHistory
from apps.orders.types import OrderInfo
from apps.payments.models import Payment
from apps.shipping.models import Shipment
from tests.catalog.factories import make_product
from tests.orders.factories import make_order
from tests.orders.facts import captured, refunded, tell
from tests.payments.factories import committing, make_payment
from tests.support.people import make_user

Api = Callable[..., Any]


def given_away(user: Any) -> OrderInfo:
    """A paid order of one unit that staff gave for nothing."""
    make_product(sku="GIFT", price_cents=900, stock=10)
    return make_order(user, items=[LineRequest(sku="GIFT", unit_price_cents=0)], by_staff=True)


def edits(client: Any, order: OrderInfo, **body: Any) -> Any:
    answer = client.post(f"/api/v1/orders/{order.id}/edits", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def pay(client: Any, order: OrderInfo) -> Any:
    body = {"order_id": str(order.id), "payment_method": "pm_card_visa"}
    with committing():
        return client.post("/api/v1/payments", body)


def states(order: OrderInfo) -> tuple[str, str]:
    row = Order.objects.get(pk=order.id)
    return row.status, row.payment_status


def waiting(order: OrderInfo) -> list[Shipment]:
    return list(Shipment.objects.filter(order_id=order.id, status="label_created"))


@pytest.mark.covers("PEER-08", "I-14", "I-59")
def test_a_free_order_made_dearer_is_paid_before_it_is_sent(api: Api, drain: Any) -> None:
    staff, ada = make_user("support"), make_user()
    make_product(sku="POT", price_cents=3000, stock=10)
    order = given_away(ada)
    drain()
    (parcel,) = waiting(order)

    done = edits(api(staff), order, add=[{"sku": "POT", "quantity": 1}])
    drain()
    refused = api(staff).post(f"/api/v1/shipments/{parcel.id}/ship", {})

    assert (done["edit"]["outcome"], done["edit"]["due_cents"]) == ("due", 3000)
    assert (done["status"], done["payment_status"]) == ("paid", "partially_paid")
    assert (done["paid_cents"], done["due_cents"]) == (0, 3000)
    assert (refused.status_code, refused.json()["code"]) == (409, "order_not_paid")
    assert waiting(order) == [parcel]

    paid = pay(api(ada), order)
    drain()
    assert (paid.status_code, paid.data["amount_cents"]) == (201, 3000)
    assert states(order) == ("paid", "paid")
    assert sum(line.quantity for one in waiting(order) for line in one.lines.all()) == 2
    sent = api(staff).post(f"/api/v1/shipments/{parcel.id}/ship", {})
    assert sent.status_code == 200


@pytest.mark.covers("PEER-08", "I-59", "ORD-20")
def test_a_free_order_that_becomes_free_again_goes_on(api: Api, drain: Any) -> None:
    staff = api(make_user("support"))
    make_product(sku="POT", price_cents=3000, stock=10)
    order = given_away(make_user())
    drain()
    edits(staff, order, add=[{"sku": "POT", "quantity": 1}])
    now = get_order(order.id)
    assert now is not None
    pot = next(line.id for line in now.lines if line.sku == "POT")

    done = edits(staff, order, lines=[{"line_id": str(pot), "quantity": 0}])
    drain()

    assert (done["edit"]["outcome"], done["total_cents"], done["due_cents"]) == ("nothing", 0, 0)
    assert states(order) == ("paid", "paid")
    rows = OrderHistory.objects.filter(order_id=order.id, field="payment_status").order_by("id")
    assert [(row.old_value, row.new_value) for row in rows] == [
        ("unpaid", "paid"),
        ("paid", "partially_paid"),
        ("partially_paid", "paid"),
    ]
    (parcel,) = waiting(order)
    sent = staff.post(f"/api/v1/shipments/{parcel.id}/ship", {})
    assert sent.status_code == 200


def half_free(user: Any) -> OrderInfo:
    """A paid order of one unit for 5.00 by hand, and one for nothing."""
    for sku in ("PAID", "FREE"):
        make_product(sku=sku, price_cents=900, stock=10)
    goods = [
        LineRequest(sku="PAID", unit_price_cents=500),
        LineRequest(sku="FREE", unit_price_cents=0),
    ]
    order = make_order(user, items=goods, by_staff=True)
    make_payment(user, order)
    return order


@pytest.mark.covers("PEER-08", "I-59", "ORD-13")
def test_an_order_that_an_edit_makes_free_is_sent(api: Api, drain: Any) -> None:
    staff = api(make_user("support"))
    order = half_free(make_user())
    drain()

    done = edits(staff, order, lines=[{"line_id": str(order.lines[0].id), "quantity": 0}])
    drain()

    assert (done["edit"]["refund_cents"], done["total_cents"]) == (500, 0)
    assert Payment.objects.get().refunded_cents == 500
    assert states(order) == ("paid", "partially_refunded")
    (parcel,) = waiting(order)
    sent = staff.post(f"/api/v1/shipments/{parcel.id}/ship", {})
    assert sent.status_code == 200
    assert states(order) == ("shipped", "partially_refunded")


@pytest.mark.covers("PEER-08", "I-14", "ORD-13")
def test_an_order_that_was_made_free_grows_again_and_goes_on(api: Api, drain: Any) -> None:
    staff, ada = api(make_user("support")), make_user()
    order = half_free(ada)
    drain()
    edits(staff, order, lines=[{"line_id": str(order.lines[0].id), "quantity": 0}])
    drain()

    dearer = edits(staff, order, add=[{"sku": "PAID", "quantity": 2}])
    drain()
    (parcel,) = waiting(order)
    refused = staff.post(f"/api/v1/shipments/{parcel.id}/ship", {})
    paid = pay(api(ada), order)
    drain()

    assert (dearer["payment_status"], dearer["due_cents"]) == ("partially_paid", 1800)
    assert refused.json()["code"] == "order_not_paid"
    assert (paid.status_code, paid.data["amount_cents"]) == (201, 1800)
    row = Order.objects.get(pk=order.id)
    assert (row.paid_cents, row.refunded_cents) == (2300, 500)
    assert states(order) == ("paid", "partially_refunded")
    # What was added has its parcel without anybody's doing.
    assert sum(line.quantity for one in waiting(order) for line in one.lines.all()) == 3


@pytest.mark.covers("PEER-08", "C-43", "ORD-13")
def test_an_order_that_was_refunded_as_a_whole_stays_here(api: Api, drain: Any) -> None:
    staff, ada = api(make_user("admin")), make_user()
    order = half_free(ada)
    drain()
    (parcel,) = waiting(order)

    staff.post(f"/api/v1/payments/{Payment.objects.get().pk}/refund", {"reason": "sorry"})
    drain()

    assert states(order) == ("paid", "refunded")
    refused = staff.post(f"/api/v1/shipments/{parcel.id}/ship", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "order_not_paid")
    line = {"line_id": str(order.lines[0].id), "quantity": 0}
    assert staff.post(f"/api/v1/orders/{order.id}/edits", {"lines": [line]}).status_code == 409


@pytest.mark.covers("ORD-13", "I-14")
def test_an_order_paid_in_parts_goes_on_although_a_little_went_back(store: StoreRef) -> None:
    order = make_order(price_cents=1000)
    tell(captured(order, 600))
    tell(refunded(order, 100, captured_cents=600))

    tell(captured(order, 400, order_captured_cents=1000))

    assert states(order) == ("paid", "partially_refunded")
