"""No refund is told that does not happen: what went back already does not go back again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.common.context import StoreRef
from apps.events.models import Event
from apps.orders.editing import EditRequest
from apps.orders.facade import LineRequest
from apps.orders.models import Order, OrderHistory
from apps.orders.return_types import ReceivedUnits, ReturnLineRequest
from apps.orders.services.approve_return import approve_return
from apps.orders.services.complete_return import complete_return
from apps.orders.services.edit_order import edit_order
from apps.orders.services.receive_return import receive_return
from apps.orders.services.request_return import request_return
from apps.orders.types import OrderInfo
from apps.payments.models import Payment
from tests.catalog.factories import make_product
from tests.orders.factories import make_order
from tests.orders.facts import captured, parcel, refunded, tell
from tests.orders.returns.factories import came_back, deliver, fresh
from tests.orders.rules_factories import make_method, make_tax
from tests.payments.factories import make_payment
from tests.support.people import make_user

Api = Callable[..., Any]


def paid(goodwill: int, api: Api, **fields: Any) -> OrderInfo:
    """A paid order, three at 1000 unless said otherwise, of which so much went back."""
    ada = make_user()
    order = make_order(ada, **{"price_cents": 1000, "quantity": 3, **fields})
    payment = make_payment(ada, order)
    url = f"/api/v1/payments/{payment.pk}/refund"
    answer = api(make_user("finance")).post(url, {"amount_cents": goodwill, "reason": "sorry"})
    assert answer.status_code == 201, answer.content
    return fresh(order)


def owed() -> list[int]:
    events = Event.objects.filter(topic="order.refund_due").order_by("id")
    return [event.payload["refundDueCents"] for event in events]


@pytest.mark.covers("PEER-08", "C-43", "I-18")
def test_an_edit_tells_what_really_goes_back(api: Api, drain: Any) -> None:
    order = paid(2900, api)
    staff = api(make_user("support"))
    body = {"lines": [{"line_id": str(order.lines[0].id), "quantity": 1}]}

    preview = staff.post(f"/api/v1/orders/{order.id}/edits/preview", body).json()
    done = staff.post(f"/api/v1/orders/{order.id}/edits", body).json()
    drain()

    assert preview["edit"] == done["edit"]
    assert (done["edit"]["outcome"], done["edit"]["refund_cents"]) == ("refund", 100)
    assert owed() == [100]
    (row,) = OrderHistory.objects.filter(order_id=order.id, field="edit_refund")
    assert row.new_value == "100"
    assert Payment.objects.get().refunded_cents == 3000
    assert fresh(order).payment_status == "refunded"


@pytest.mark.covers("PEER-08", "C-43")
def test_goodwill_that_leaves_enough_changes_nothing_of_an_edit(api: Api, drain: Any) -> None:
    order = paid(500, api)
    staff = api(make_user("support"))
    url, line = f"/api/v1/orders/{order.id}/edits", str(order.lines[0].id)

    fewer = staff.post(url, {"lines": [{"line_id": line, "quantity": 2}]}).json()["edit"]
    # The refund of the first one is under way still.
    fewest = staff.post(url, {"lines": [{"line_id": line, "quantity": 1}]}).json()["edit"]
    drain()
    again = staff.post(url, {"lines": [{"line_id": line, "quantity": 2}]}).json()["edit"]

    assert (fewer["refund_cents"], fewest["refund_cents"]) == (1000, 1000)
    assert Payment.objects.get().refunded_cents == 2500
    assert (again["outcome"], again["due_cents"]) == ("due", 1000)


@pytest.mark.covers("PEER-07", "C-43", "I-18")
def test_a_return_tells_what_really_goes_back(api: Api, drain: Any) -> None:
    found = came_back(deliver(paid(2900, api)), 2)
    client, url = api(make_user("finance")), f"/api/v1/returns/{found.pk}/complete"

    refused = client.post(url, {"refund_cents": 101})
    done = client.post(url, {})
    drain()

    assert (refused.status_code, refused.json()["available_cents"]) == (422, 100)
    assert (done.status_code, done.json()["refund_cents"]) == (200, 100)
    assert [row.refund_cents for row in found.lines.all()] == [100]
    assert owed() == [100]
    assert Payment.objects.get().refunded_cents == 3000


@pytest.mark.covers("PEER-07", "C-43")
def test_what_is_left_is_shared_among_the_lines_and_the_shipping(api: Api, drain: Any) -> None:
    for sku, cents in (("TEA", 1000), ("CUP", 3000)):
        make_product(sku=sku, price_cents=cents, stock=10)
    goods = [LineRequest(sku="TEA"), LineRequest(sku="CUP")]
    order = deliver(paid(3100, api, items=goods))
    asked = [ReturnLineRequest(line.id, 1, "unwanted") for line in order.lines]
    (found,) = request_return(order_id=order.id, lines=asked)
    approve_return(return_id=found.pk)
    units = [ReceivedUnits(line.id, 1) for line in order.lines]
    receive_return(return_id=found.pk, units=units)
    Order.objects.filter(pk=order.id).update(shipping_cents=500, total_cents=4500)

    client, url = api(make_user("finance")), f"/api/v1/returns/{found.pk}/complete"
    over = client.post(url, {"refund_shipping_cents": 501})
    done = client.post(url, {"refund_shipping_cents": 500})

    assert (over.status_code, over.json()["available_cents"]) == (422, 500)
    assert (done.status_code, done.json()["refund_cents"]) == (200, 900)
    shares = found.lines.order_by("order_line__position").values_list("refund_cents", flat=True)
    assert list(shares) == [100, 300]


@pytest.mark.covers("PEER-07", "C-43")
def test_the_form_to_complete_a_return_offers_what_is_left(store: StoreRef, api: Api) -> None:
    found = came_back(deliver(paid(2900, api)), 2)
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("owner"))

    page = client.get(f"/admin/orders/return/{found.pk}/complete_one/").content.decode()

    assert 'value="1.00"' in page


@pytest.mark.covers("PEER-07", "PEER-08", "C-43", "P8")
def test_what_a_return_gave_for_a_unit_an_edit_does_not_give_again(store: StoreRef) -> None:
    """Two units for 2459: the one that came back is worth 1230, and the other costs 1229."""
    make_tax("19")
    for code in ("parcel", "express"):
        make_method(0, code=code)
    for sku, cents in (("TEA", 1033), ("CUP", 500)):
        make_product(sku=sku, price_cents=cents, stock=10)
    order = make_order(items=[LineRequest(sku="TEA", quantity=2), LineRequest(sku="CUP")])
    tell(captured(order))
    tell(parcel(order, {"TEA": 1}))
    returned = complete_return(return_id=came_back(fresh(order)).pk)
    tell(refunded(order, 1230))

    fewer = EditRequest(lines=((order.lines[0].id, 1),))
    first = edit_order(order_id=order.id, request=fewer)
    again = edit_order(order_id=order.id, request=EditRequest(shipping_method="express"))

    assert (first.before["total_cents"], first.after["total_cents"]) == (3054, 1824)
    assert (returned.refund_cents, first.refund_cents) == (1230, 1229)
    assert (again.refund_cents, again.due_cents) == (0, 0)
