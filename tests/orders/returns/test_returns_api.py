"""A return over HTTP: asked for, approved, received in parts, completed, refunded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.events.models import Event
from apps.inventory.facade import availability
from apps.orders.guests import order_token
from apps.orders.models import Order, OrderHistory
from apps.payments.models import Refund
from tests.catalog.factories import make_vendor
from tests.orders.factories import make_order
from tests.orders.returns.factories import ask, delivered_order, fresh, order_of_two_vendors
from tests.support.people import make_user

Api = Callable[..., Any]
URL = "/api/v1/returns"


def _body(order: Any, quantity: Any = 1, **fields: Any) -> dict[str, Any]:
    line = {"line_id": str(order.lines[0].id), "quantity": quantity, "reason": "unwanted"}
    return {"lines": [{**line, **fields}]}


@pytest.mark.covers("PEER-07", "I-61", "C-04", "C-43", "I-18")
def test_a_delivered_order_comes_back_and_its_money_goes_back(api: Api, drain: Any) -> None:
    user = make_user()
    order = delivered_order(user, paid=True, quantity=3, price_cents=1000, stock=10)
    variant = order.lines[0].variant_id
    buyer, staff = api(user), api(make_user("admin"))

    asked = buyer.post(f"/api/v1/orders/{order.id}/returns", _body(order, 3))
    url = f"{URL}/{asked.data[0]['id']}"
    approved = staff.post(f"{url}/approve", {"note": "as agreed"})
    line = {"line_id": str(order.lines[0].id)}
    part = staff.post(f"{url}/receive", {"lines": [{**line, "quantity": 1}]})
    rest = staff.post(f"{url}/receive", {"lines": [{**line, "quantity": 2, "restock": False}]})
    done = staff.post(f"{url}/complete", {})
    drain()

    assert asked.status_code == 201
    assert asked.data[0]["number"] == f"{order.number}-R1"
    assert (asked.data[0]["status"], asked.data[0]["currency"]) == ("requested", "USD")
    assert (approved.status_code, approved.data["status"]) == (200, "approved")
    assert (approved.data["staff_note"], buyer.get(url).data["staff_note"]) == ("as agreed", "")
    assert (part.data["status"], part.data["lines"][0]["received_quantity"]) == (
        "partially_received",
        1,
    )
    assert (rest.data["status"], rest.data["lines"][0]["restocked_quantity"]) == ("received", 1)
    assert (done.data["status"], done.data["refund_cents"]) == ("completed", 3000)
    assert availability([variant])[variant] == 8
    assert list(Refund.objects.values_list("amount_cents", "status")) == [(3000, "processed")]
    now = fresh(order)
    assert (now.status, now.fulfillment_status, now.payment_status) == (
        "delivered",
        "returned",
        "refunded",
    )
    assert list(
        OrderHistory.objects.filter(field="return").values_list("old_value", "new_value")
    ) == [
        ("", "requested"),
        ("requested", "approved"),
        ("approved", "partially_received"),
        ("partially_received", "received"),
        ("received", "completed"),
    ]
    topics = Event.objects.filter(topic__startswith="return.").order_by("id")
    assert list(topics.values_list("topic", flat=True)) == [
        "return.requested",
        "return.approved",
        "return.received",
        "return.received",
        "return.completed",
    ]


@pytest.mark.covers("PEER-07")
@pytest.mark.parametrize("quantity", [0, -1, 1.5, 10**12, "2", None, True])
def test_a_quantity_that_is_none_is_a_400(api: Api, quantity: Any) -> None:
    user = make_user()
    order = delivered_order(user, quantity=2)

    answer = api(user).post(f"/api/v1/orders/{order.id}/returns", _body(order, quantity))

    assert answer.status_code == 400
    assert answer.data["errors"][0]["field"] == "lines.0.quantity"


@pytest.mark.covers("PEER-07")
def test_more_than_was_shipped_and_what_is_asked_back_already_are_refused(api: Api) -> None:
    user = make_user()
    order = delivered_order(user, quantity=2)
    client, url = api(user), f"/api/v1/orders/{order.id}/returns"

    over = client.post(url, _body(order, 3))
    first = client.post(url, _body(order, 2))
    again = client.post(url, _body(order, 1))
    declined = api(make_user("admin")).post(
        f"{URL}/{first.data[0]['id']}/decline", {"reason": "worn"}
    )
    free = client.post(url, _body(order, 2))

    assert (over.status_code, over.data["errors"][0]["code"]) == (422, "too_many")
    assert over.data["errors"][0]["available"] == 2
    assert (again.status_code, again.data["errors"][0]["available"]) == (422, 0)
    assert (declined.status_code, declined.data["status"]) == (200, "declined")
    assert (free.status_code, free.data[0]["number"]) == (201, f"{order.number}-R2")


@pytest.mark.covers("PEER-07")
def test_lines_of_others_unknown_and_repeated_ones_are_named(api: Api) -> None:
    user = make_user()
    order, other = delivered_order(user), delivered_order(user)
    body = _body(order)
    body["lines"] += [*_body(other)["lines"], *body["lines"]]

    answer = api(user).post(f"/api/v1/orders/{order.id}/returns", body)

    assert answer.status_code == 422
    assert [(row["field"], row["code"]) for row in answer.data["errors"]] == [
        ("lines.1.line_id", "unknown_line"),
        ("lines.2.line_id", "duplicate_line"),
    ]


@pytest.mark.covers("PEER-07", "ORD-26")
def test_what_has_not_left_or_is_cancelled_cannot_come_back(api: Api) -> None:
    user = make_user()
    waiting = make_order(user)
    cancelled = make_order(user)
    api(user).post(f"/api/v1/orders/{cancelled.id}/cancel", {})

    early = api(user).post(f"/api/v1/orders/{waiting.id}/returns", _body(waiting))
    off = api(user).post(f"/api/v1/orders/{cancelled.id}/returns", _body(cancelled))

    assert (early.status_code, early.data["errors"][0]["available"]) == (422, 0)
    assert (off.status_code, off.data["code"]) == (409, "not_returnable")


@pytest.mark.covers("PEER-07")
def test_after_the_window_only_staff_and_claims_get_through(api: Api) -> None:
    user = make_user()
    order = delivered_order(user, quantity=3)
    Order.objects.update(delivered_at=timezone.now() - timedelta(days=31))
    url = f"/api/v1/orders/{order.id}/returns"

    late = api(user).post(url, _body(order))
    claim = api(user).post(url, {**_body(order), "kind": "claim"})
    staff = api(make_user("support")).post(url, _body(order))

    assert (late.status_code, late.data["code"]) == (409, "return_window_closed")
    assert (claim.status_code, staff.status_code) == (201, 201)


@pytest.mark.covers("PEER-07", "PEER-32")
def test_each_vendor_gets_a_return_of_its_own_and_handles_that_alone(api: Api) -> None:
    user, vendor, rival = make_user(), make_vendor(), make_vendor()
    order = order_of_two_vendors(user, vendor)
    lines = [{"line_id": str(line.id), "quantity": 1, "reason": "too_late"} for line in order.lines]
    seller = api(make_user("vendor_staff", vendor_id=vendor.id))
    stranger = api(make_user("vendor_owner", vendor_id=rival.id))

    asked = api(user).post(f"/api/v1/orders/{order.id}/returns", {"lines": lines})
    ours, theirs = (row["id"] for row in asked.data)
    seen = seller.get(URL)
    foreign = seller.post(f"{URL}/{ours}/approve", {})
    approved = seller.post(f"{URL}/{theirs}/approve", {})
    received = seller.post(
        f"{URL}/{theirs}/receive", {"lines": [{"line_id": lines[1]["line_id"], "quantity": 1}]}
    )
    completed = seller.post(f"{URL}/{theirs}/complete", {})

    assert [row["vendor_name"] for row in asked.data][1] == vendor.name
    assert [row["id"] for row in seen.data["results"]] == [theirs]
    assert foreign.status_code == 404
    assert (approved.status_code, received.status_code) == (200, 200)
    assert received.data["status"] == "received"
    assert completed.status_code == 403
    assert stranger.get(URL).data["count"] == 0
    assert stranger.get(f"{URL}/{theirs}").status_code == 404
    assert seller.post(f"/api/v1/orders/{order.id}/returns", {"lines": lines}).status_code == 403


@pytest.mark.covers("PEER-07", "INV-10")
@pytest.mark.parametrize("restock", [True, False])
def test_nothing_is_received_at_a_warehouse_that_is_not_there(api: Api, restock: bool) -> None:
    order = delivered_order(make_user(), stock=5)
    variant = order.lines[0].variant_id
    url, staff = f"{URL}/{ask(order).pk}", api(make_user("admin"))
    staff.post(f"{url}/approve", {})
    line = {"line_id": str(order.lines[0].id), "quantity": 1, "restock": restock}

    refused = staff.post(f"{url}/receive", {"lines": [line], "warehouse": "nope"})
    still = staff.get(url).data["status"]
    received = staff.post(f"{url}/receive", {"lines": [line], "warehouse": "main"})

    assert (refused.status_code, refused.data["code"]) == (404, "warehouse_not_found")
    assert refused.data["errors"][0]["field"] == "warehouse"
    assert still == "approved"
    assert (received.status_code, received.data["status"]) == (200, "received")
    assert availability([variant]) == {variant: 4 + restock}


@pytest.mark.covers("PEER-07")
def test_only_those_who_may_take_a_step_take_it(api: Api) -> None:
    user = make_user()
    found = ask(delivered_order(user))
    url = f"{URL}/{found.pk}"

    refused = {
        step: api(user).post(f"{url}/{step}", body).status_code
        for step, body in {
            "approve": {},
            "decline": {"reason": "no"},
            "receive": {"lines": [{"line_id": str(found.pk), "quantity": 1}]},
            "complete": {},
        }.items()
    }
    finance = api(make_user("finance")).post(f"{url}/approve", {}).status_code
    support = api(make_user("support")).post(f"{url}/complete", {}).status_code
    other = api(make_user()).post(f"{url}/cancel", {}).status_code
    own = api(user).post(f"{url}/cancel", {})

    assert refused == {"approve": 403, "decline": 403, "receive": 403, "complete": 403}
    assert (finance, support, other) == (403, 403, 404)
    assert (own.status_code, own.data["status"]) == (200, "cancelled")


@pytest.mark.covers("PEER-07")
def test_the_list_filters_orders_and_costs_the_same_however_long(api: Api) -> None:
    order = delivered_order(quantity=5)
    first = ask(order)
    staff = api(make_user("admin"))
    staff.get(URL)
    with CaptureQueriesContext(
        connection,
    ) as few:
        staff.get(URL)
    ask(order, kind="claim")
    ask(order)
    with CaptureQueriesContext(connection) as many:
        everything = staff.get(f"{URL}?ordering=number")

    claims = staff.get(f"{URL}?kind=claim&status=requested&order_id={order.id}")
    nothing = staff.get(f"{URL}?created_before=2020-01-01T00:00:00Z")
    wrong = staff.get(f"{URL}?status=lost")

    assert len(many) == len(few) <= 6
    assert [row["number"][-2:] for row in everything.data["results"]] == ["R1", "R2", "R3"]
    assert everything.data["results"][0]["id"] == str(first.pk)
    assert (claims.data["count"], nothing.data["count"]) == (1, 0)
    assert wrong.status_code == 400
    assert len(api(make_user("admin")).get(f"/api/v1/orders/{order.id}/returns").data) == 3


@pytest.mark.covers("PEER-52", "R8")
def test_a_repeated_key_asks_once(api: Api) -> None:
    user = make_user()
    order = delivered_order(user, quantity=5)
    client, url = api(user), f"/api/v1/orders/{order.id}/returns"

    answers = [
        client.post(url, _body(order), headers={"Idempotency-Key": "once"}) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data[0]["id"] == answers[1].json()[0]["id"]


@pytest.mark.covers("PEER-07", "PEER-15")
def test_a_guest_who_knows_number_and_address_may_ask(api: Api) -> None:
    order, other = delivered_order(), delivered_order()
    url = f"/api/v1/orders/{order.id}/returns"
    token = order_token(Order.objects.get(pk=order.id))
    headers = {"X-Order-Token": token}

    asked = api().post(url, _body(order), headers=headers)
    listed = api().get(url, headers=headers)
    foreign = api().post(f"/api/v1/orders/{other.id}/returns", _body(other), headers=headers)
    forged = api().get(url, headers={"X-Order-Token": token[:-1]})
    nothing = api().post(url, _body(order))
    Order.objects.filter(pk=order.id).update(customer_id=make_user().id)
    claimed = api().get(url, headers=headers)

    assert (asked.status_code, asked.data[0]["staff_note"]) == (201, "")
    assert [row["number"] for row in listed.data] == [f"{order.number}-R1"]
    assert [answer.status_code for answer in (foreign, forged, nothing, claimed)] == [401] * 4


@pytest.mark.covers("PEER-07", "PEER-15")
def test_a_guest_reads_and_cancels_their_own_return_and_takes_no_other_step(api: Api) -> None:
    order, other, account = delivered_order(), delivered_order(), delivered_order(make_user())
    mine, theirs, owned = ask(order), ask(other), ask(account)
    headers = {"X-Order-Token": order_token(Order.objects.get(pk=order.id))}
    forged = {"X-Order-Token": headers["X-Order-Token"][:-1]}
    guest, url = api(), f"{URL}/{mine.pk}"

    read = guest.get(url, headers=headers)
    approved = guest.post(f"{url}/approve", {}, headers=headers)
    foreign = [guest.post(f"{URL}/{row.pk}/cancel", {}, headers=headers) for row in (theirs, owned)]
    unproven = [guest.post(f"{url}/cancel", {}, headers=sent) for sent in (forged, {})]
    cancelled = guest.post(f"{url}/cancel", {"reason": "kept it"}, headers=headers)
    Order.objects.filter(pk=order.id).update(customer_id=make_user().id)
    claimed = guest.get(url, headers=headers)

    assert (read.status_code, read.data["staff_note"]) == (200, "")
    assert approved.status_code == 401
    assert [answer.status_code for answer in foreign] == [404, 404]
    assert [answer.status_code for answer in unproven] == [401, 401]
    assert (cancelled.status_code, cancelled.data["status"]) == (200, "cancelled")
    assert claimed.status_code == 401
    theirs.refresh_from_db()
    owned.refresh_from_db()
    assert (theirs.status, owned.status) == ("requested", "requested")
