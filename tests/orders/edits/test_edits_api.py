"""Edits over HTTP: who may, what is answered, and paying what is due."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.common.context import StoreRef
from apps.orders.editing import EditRequest
from apps.orders.models import Order, OrderHistory, OrderLine
from apps.orders.services.edit_order import edit_order
from apps.orders.types import LineRequest
from apps.payments.models import Payment, Refund
from apps.shipping.models import Shipment
from tests.catalog.factories import make_product, make_vendor
from tests.orders.factories import make_order
from tests.payments.factories import make_payment
from tests.support.people import make_user

Api = Callable[..., Any]


def url(order: Any, rest: str = "edits") -> str:
    return f"/api/v1/orders/{order.id}/{rest}"


@pytest.mark.covers("PEER-08", "I-14")
def test_an_edit_is_previewed_done_and_the_rest_is_paid(api: Api, drain: Any) -> None:
    staff, ada = make_user("support"), make_user()
    order = make_order(ada, price_cents=1000, quantity=2)
    make_payment(ada, order)
    line = str(order.lines[0].id)
    body = {"lines": [{"line_id": line, "quantity": 3}], "reason": "wants one more"}

    preview = api(staff).post(url(order, "edits/preview"), body).json()
    assert preview["possible"] is True
    assert preview["edit"]["difference_cents"] == 1000
    assert (preview["edit"]["outcome"], preview["edit"]["due_cents"]) == ("due", 1000)
    assert [(row["quantity"], row["total_cents"]) for row in preview["items"]] == [(3, 3000)]
    assert Order.objects.get(pk=order.id).total_cents == 2000

    done = api(staff).post(url(order), body)
    assert done.status_code == 200, done.content
    assert done.json()["edit"] == preview["edit"]
    assert (done.json()["paid_cents"], done.json()["due_cents"]) == (2000, 1000)
    assert done.json()["payment_status"] == "partially_paid"
    # Nothing is sent until the rest is paid.
    refused = api(staff).post("/api/v1/shipments", {"order_id": str(order.id)})
    assert (refused.status_code, refused.json()["code"]) == (409, "order_not_paid")

    paid = api(ada).post(
        "/api/v1/payments", {"order_id": str(order.id), "payment_method": "pm_card_visa"}
    )
    assert (paid.status_code, paid.data["amount_cents"]) == (201, 1000)
    row = Order.objects.get(pk=order.id)
    assert (row.status, row.payment_status, row.paid_cents) == ("paid", "paid", 3000)
    again = api(ada).post(
        "/api/v1/payments", {"order_id": str(order.id), "payment_method": "pm_card_visa"}
    )
    assert (again.status_code, again.json()["code"]) == (409, "payment_open")


@pytest.mark.covers("PEER-08")
def test_what_was_paid_too_much_goes_back_and_the_parcel_fits_again(api: Api, drain: Any) -> None:
    staff, ada = make_user("support"), make_user()
    order = make_order(ada, price_cents=1000, quantity=3)
    make_payment(ada, order)
    drain()
    (parcel,) = Shipment.objects.filter(order_id=order.id)

    body = {"lines": [{"line_id": str(order.lines[0].id), "quantity": 1}]}
    done = api(staff).post(url(order), body)
    assert done.json()["edit"]["outcome"] == "refund"
    drain()

    parcel.refresh_from_db()
    assert parcel.status == "cancelled"
    others = Shipment.objects.filter(order_id=order.id).exclude(pk=parcel.pk)
    assert [line.quantity for new in others for line in new.lines.all()] == [1]
    assert [refund.amount_cents for refund in Refund.objects.all()] == [2000]
    row = Order.objects.get(pk=order.id)
    assert (row.payment_status, row.refunded_cents) == ("partially_refunded", 2000)


@pytest.mark.covers("PEER-08", "I-14")
def test_a_cancelled_order_gives_back_all_its_payments(api: Api, drain: Any) -> None:
    staff, ada = make_user("support"), make_user()
    order = make_order(ada, price_cents=1000, quantity=1)
    make_payment(ada, order)
    api(staff).post(url(order), {"lines": [{"line_id": str(order.lines[0].id), "quantity": 4}]})
    make_payment(ada, order)
    assert sorted(Payment.objects.values_list("amount_cents", flat=True)) == [1000, 3000]

    api(staff).post(url(order, "cancel"), {"reason": "off"})
    drain()

    assert sorted(Refund.objects.values_list("amount_cents", flat=True)) == [1000, 3000]
    row = Order.objects.get(pk=order.id)
    assert (row.payment_status, row.paid_cents, row.refunded_cents) == ("refunded", 4000, 4000)


@pytest.mark.covers("PEER-08", "PEER-56")
def test_if_match_is_honoured_and_the_tag_is_the_orders(api: Api) -> None:
    staff = make_user("support")
    order = make_order(price_cents=1000)
    tag = api(staff).get(f"/api/v1/orders/{order.id}").headers["ETag"]
    body = {"lines": [{"line_id": str(order.lines[0].id), "quantity": 2}]}

    done = api(staff).post(url(order), body, headers={"If-Match": tag})
    assert done.status_code == 200
    assert done.headers["ETag"] == api(staff).get(f"/api/v1/orders/{order.id}").headers["ETag"]
    stale = api(staff).post(
        url(order),
        {"lines": [{"line_id": str(order.lines[0].id), "quantity": 5}]},
        headers={"If-Match": tag},
    )
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert OrderLine.objects.get(order_id=order.id).quantity == 2


@pytest.mark.covers("PEER-08", "P5")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"lines": [{"line_id": "x", "quantity": 1}]}, 400),
        ({"lines": [{"quantity": 1}]}, 400),
        ({"lines": "all"}, 400),
        ({"add": [{"quantity": 1}]}, 400),
        ({"add": [{"sku": "A\x00B", "quantity": 1}]}, 400),
        ({"add": [{"sku": "TEA", "quantity": 1.5}]}, 400),
        ({"add": [{"sku": "TEA", "quantity": True}]}, 400),
        ({"add": [{"sku": "NONE", "quantity": 1}]}, 422),
        ({"shipping_address": {"country": "Atlantis"}}, 400),
        ({"shipping_method": "\u202eexpress"}, 400),
        ({"lines": [{"line_id": str(uuid4()), "quantity": 1}]}, 422),
        ({"lines": [{"line_id": str(uuid4()), "quantity": -1}]}, 400),
        ({"reason": "x" * 201}, 400),
        ([], 400),
    ],
)
def test_bad_edits_are_refused_and_change_nothing(api: Api, body: Any, status: int) -> None:
    staff = make_user("support")
    order = make_order()
    before = OrderHistory.objects.count()

    for rest in ("edits", "edits/preview"):
        answer = api(staff).post(url(order, rest), body)
        assert answer.status_code == status, answer.content
    assert OrderHistory.objects.count() == before


@pytest.mark.covers("PEER-08", "T12")
def test_only_those_who_change_orders_edit_them(api: Api, store: StoreRef) -> None:
    ada = make_user()
    order = make_order(ada)
    body = {"lines": [{"line_id": str(order.lines[0].id), "quantity": 2}]}

    for caller, status in ((ada, 403), (make_user("finance"), 403), (None, 401)):
        for rest in ("edits", "edits/preview"):
            assert api(caller).post(url(order, rest), body).status_code == status
    assert (
        api(make_user("support")).post(f"/api/v1/orders/{uuid4()}/edits", body).status_code == 404
    )


@pytest.mark.covers("PEER-08")
def test_a_shortage_is_told_in_the_preview_and_refuses_the_edit(api: Api) -> None:
    staff = make_user("support")
    make_product(sku="RARE", price_cents=100, stock=1)
    order = make_order(sku="RARE")
    body = {"lines": [{"line_id": str(order.lines[0].id), "quantity": 5}]}

    preview = api(staff).post(url(order, "edits/preview"), body).json()
    assert (preview["possible"], preview["edit"]) == (False, None)
    assert [row["sku"] for row in preview["shortages"]] == ["RARE"]
    refused = api(staff).post(url(order), body)
    assert (refused.status_code, refused.json()["code"]) == (409, "out_of_stock")


@pytest.mark.covers("PEER-08", "ORD-17", "ORD-20")
def test_a_vendor_learns_of_an_edit_neither_the_sums_nor_what_others_sell(
    api: Api, drain: Any
) -> None:
    vendor = make_vendor("Potters")
    make_product(sku="POT", price_cents=3000, stock=10, vendor=vendor)
    make_product(sku="TEA", price_cents=500, stock=10)
    ada, potter = make_user(), make_user("vendor_owner", vendor_id=vendor.pk)
    order = make_order(ada, items=[LineRequest(sku="POT"), LineRequest(sku="TEA", quantity=3)])
    make_payment(ada, order)
    tea = next(row for row in order.lines if row.sku == "TEA")
    body = {"lines": [{"line_id": str(tea.id), "quantity": 1}], "shipping_method": ""}
    assert api(make_user("support")).post(url(order), body).status_code == 200

    def fields(user: Any) -> set[str]:
        return {row["field"] for row in api(user).get(url(order, "history")).json()["results"]}

    assert fields(potter) == {"status"}
    assert fields(ada) == {"status", "payment_status", "line", "total_cents", "edit_refund"}


@pytest.mark.covers("PEER-08", "UI-04")
def test_admin_writes_the_amounts_of_an_edit_as_money(store: StoreRef) -> None:
    user = make_user()
    order = make_order(user, price_cents=1999, quantity=2)
    make_payment(user, order)
    request = EditRequest(lines=((order.lines[0].id, 1),))
    edit_order(order_id=order.id, request=request)
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("owner"))

    page = client.get(f"/admin/orders/order/{order.id}/change/").content.decode()

    rows = [
        [text for cell in re.findall(r">([^<>]*)<", row) if (text := " ".join(cell.split()))]
        for row in page.split("<tr")
    ]
    steps = [row[row.index("Total") :][:3] for row in rows if "Total" in row]
    assert ["Total", "39.98 USD", "19.99 USD"] in steps
    refunds = [row[row.index("Edit refund") :][:3] for row in rows if "Edit refund" in row]
    assert refunds == [["Edit refund", "–", "19.99 USD"]]
