"""Shipments over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.common.context import StoreRef
from apps.orders.facade import LineRequest
from apps.orders.types import OrderInfo
from apps.shipping.models import Shipment
from apps.shipping.services.cancel_shipment import cancel_shipment
from tests.catalog.factories import make_product, make_vendor
from tests.orders.factories import make_order
from tests.shipping.factories import make_paid_order, shipment_of
from tests.support.people import make_user

Drain = Callable[[], int]
Api = Callable[..., Any]
PATH = "/api/v1/shipments"


@pytest.fixture
def packed(store: StoreRef, drain: Drain) -> OrderInfo:
    """A paid order whose label is made."""
    order = make_paid_order(make_user())
    drain()
    return order


@pytest.fixture
def unpacked(packed: OrderInfo) -> OrderInfo:
    """A paid order whose parcel was cancelled again."""
    cancel_shipment(shipment_id=shipment_of(packed).id)
    return packed


@pytest.mark.covers("SHP-01")
def test_staff_create_a_shipment_of_what_is_left(api: Api, unpacked: OrderInfo) -> None:
    line = unpacked.lines[0]

    answer = api(make_user("support")).post(
        PATH, {"order_id": str(unpacked.id), "items": [{"line_id": str(line.id), "quantity": 1}]}
    )

    assert answer.status_code == 201
    body = answer.json()
    assert body["status"] == "label_created"
    assert body["order_number"] == unpacked.number
    assert body["items"] == [
        {
            "line_id": str(line.id),
            "variant_id": str(line.variant_id),
            "sku": line.sku,
            "name": line.name,
            "quantity": 1,
        }
    ]
    assert body["label_url"] == f"{PATH}/{body['id']}/label.pdf"
    assert body["tracking_url"] == f"/api/v1/tracking/{body['tracking_number']}"
    assert [event["status"] for event in body["events"]] == ["label_created"]


@pytest.mark.covers("SHP-01")
def test_a_shipment_can_be_asked_for_by_vendor_order(api: Api, unpacked: OrderInfo) -> None:
    part = str(unpacked.vendor_orders[0].id)

    answer = api(make_user("admin")).post(PATH, {"vendor_order_id": part})

    assert (answer.status_code, answer.json()["vendor_order_id"]) == (201, part)


@pytest.mark.covers("SHP-01")
def test_an_unpaid_order_is_not_shipped(api: Api) -> None:
    order = make_order()

    answer = api(make_user("support")).post(PATH, {"order_id": str(order.id)})

    assert (answer.status_code, answer.json()["code"]) == (409, "order_not_paid")


def test_an_order_that_is_packed_already_tells_which_shipments_it_has(
    api: Api, packed: OrderInfo
) -> None:
    answer = api(make_user("support")).post(PATH, {"order_id": str(packed.id)})

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_ship")
    assert answer.json()["shipments"] == [str(shipment_of(packed).id)]


def test_more_than_is_left_is_refused_by_name_of_the_line(api: Api, unpacked: OrderInfo) -> None:
    items = [{"line_id": str(unpacked.lines[0].id), "quantity": 2}]

    answer = api(make_user("support")).post(PATH, {"order_id": str(unpacked.id), "items": items})

    assert (answer.status_code, answer.json()["code"]) == (409, "quantity_not_left")
    assert answer.json()["errors"][0]["field"] == "items.0.quantity"
    assert Shipment.objects.count() == 1


def test_an_order_of_two_vendors_needs_the_vendor_order(api: Api, store: StoreRef) -> None:
    make_product(sku="A", stock=5)
    make_product(sku="B", stock=5, vendor=make_vendor("Bolt"))
    order = make_paid_order(items=[LineRequest(sku="A"), LineRequest(sku="B")])

    answer = api(make_user("support")).post(PATH, {"order_id": str(order.id)})

    assert (answer.status_code, answer.json()["code"]) == (409, "vendor_order_needed")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "order_id"),
        ({"order_id": "x"}, "order_id"),
        ({"order_id": str(uuid4()), "items": []}, "items"),
        ({"order_id": str(uuid4()), "items": [{"line_id": "x", "quantity": 1}]}, "items.0.line_id"),
        (
            {"order_id": str(uuid4()), "items": [{"line_id": str(uuid4()), "quantity": "1"}]},
            "items.0.quantity",
        ),
        (
            {"order_id": str(uuid4()), "items": [{"line_id": str(uuid4()), "quantity": 0}]},
            "items.0.quantity",
        ),
        ({"order_id": [], "items": {}}, "order_id"),
    ],
)
def test_bad_input_is_told_by_field(api: Api, body: dict[str, Any], field: str) -> None:
    answer = api(make_user("support")).post(PATH, body)

    assert answer.status_code == 400
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_a_repeat_with_the_same_key_answers_the_same_shipment(
    api: Api, unpacked: OrderInfo
) -> None:
    client = api(make_user("support"))
    body = {"order_id": str(unpacked.id)}

    answers = [client.post(PATH, body, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Shipment.objects.exclude(status="cancelled").count() == 1


@pytest.mark.covers("SHP-09")
def test_a_parcel_is_shipped_and_delivered(api: Api, packed: OrderInfo) -> None:
    client = api(make_user("support"))
    path = f"{PATH}/{shipment_of(packed).id}"

    shipped = client.post(f"{path}/ship")
    again = client.post(f"{path}/ship")
    delivered = client.post(f"{path}/deliver")

    assert (shipped.status_code, shipped.json()["status"]) == (200, "shipped")
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    assert (delivered.status_code, delivered.json()["status"]) == (200, "delivered")


def test_a_parcel_that_has_not_left_is_cancelled_and_has_no_label_then(
    api: Api, packed: OrderInfo, drain: Drain
) -> None:
    client = api(make_user("support"))
    path = f"{PATH}/{shipment_of(packed).id}"

    cancelled = client.post(f"{path}/cancel")
    drain()

    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert client.get(path).json()["label_url"] is None
    label = client.get(f"{path}/label.pdf")
    assert (label.status_code, label.json()["code"]) == (404, "no_label")


@pytest.mark.covers("SHP-04")
@pytest.mark.parametrize("accept", ["*/*", "application/pdf", "application/json"])
def test_the_label_is_a_pdf_that_no_browser_takes_for_something_else(
    api: Api, packed: OrderInfo, accept: str
) -> None:
    shipment = shipment_of(packed)

    answer = api(make_user("support")).get(
        f"{PATH}/{shipment.id}/label.pdf", headers={"Accept": accept}
    )

    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    name = f"label-{shipment.tracking_number}.pdf"
    assert answer["Content-Disposition"] == f'inline; filename="{name}"'


@pytest.mark.covers("SHP-02")
def test_staff_list_and_filter_shipments_in_a_bounded_number_of_queries(
    api: Api, store: StoreRef, drain: Drain
) -> None:
    orders = [make_paid_order() for _ in range(3)]
    drain()
    client = api(make_user("support"))
    client.post(f"{PATH}/{shipment_of(orders[0]).id}/ship")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        everything = client.get(PATH).json()

    assert everything["count"] == 3
    assert len(queries) <= 8
    assert client.get(PATH, {"status": "shipped"}).json()["count"] == 1
    assert client.get(PATH, {"order": str(orders[1].id)}).json()["count"] == 1
    assert client.get(PATH, {"carrier": "ups"}).json()["count"] == 0
    assert client.get(PATH, {"status": "lost"}).status_code == 400
    assert client.get(PATH, {"order": "x"}).status_code == 400


def test_customers_see_the_shipments_of_their_own_orders_without_the_label(
    api: Api, store: StoreRef, drain: Drain
) -> None:
    buyer, other = make_user(), make_user()
    mine, theirs = make_paid_order(buyer), make_paid_order(other)
    drain()
    client = api(buyer)

    listed = client.get(PATH).json()["results"]

    assert [row["order_number"] for row in listed] == [mine.number]
    assert client.get(f"{PATH}/{shipment_of(mine).id}").status_code == 200
    assert client.get(f"{PATH}/{shipment_of(theirs).id}").status_code == 404
    assert client.get(f"{PATH}/{shipment_of(mine).id}/label.pdf").status_code == 403
    for step in ("ship", "deliver", "cancel"):
        assert client.post(f"{PATH}/{shipment_of(mine).id}/{step}").status_code == 403
    assert client.post(PATH, {"order_id": str(mine.id)}).status_code == 403


def test_a_vendor_handles_its_own_parcels_alone(api: Api, store: StoreRef, drain: Drain) -> None:
    bolt = make_vendor("Bolt")
    make_product(sku="A", stock=5)
    make_product(sku="B", stock=5, vendor=bolt)
    order = make_paid_order(items=[LineRequest(sku="A"), LineRequest(sku="B")])
    drain()
    own = Shipment.objects.get(vendor_order__vendor_id=bolt.id)
    other = Shipment.objects.exclude(pk=own.pk).get()
    client = api(make_user("vendor_staff", vendor_id=bolt.id))

    assert [row["id"] for row in client.get(PATH).json()["results"]] == [str(own.id)]
    assert client.get(f"{PATH}/{other.id}").status_code == 404
    assert client.get(f"{PATH}/{other.id}/label.pdf").status_code == 404
    assert client.post(f"{PATH}/{other.id}/cancel").status_code == 404
    refused = client.post(PATH, {"vendor_order_id": str(other.vendor_order_id)})
    assert refused.status_code == 404
    assert client.post(f"{PATH}/{own.id}/cancel").status_code == 200
    made = client.post(PATH, {"order_id": str(order.id)})
    assert (made.status_code, made.json()["vendor_order_id"]) == (201, str(own.vendor_order_id))


def test_a_vendor_user_without_a_vendor_sees_nothing(api: Api, packed: OrderInfo) -> None:
    assert api(make_user("vendor_staff")).get(PATH).json()["count"] == 0


def test_a_stranger_is_turned_away(api: Api, packed: OrderInfo) -> None:
    client = api()

    assert client.get(PATH).status_code == 401
    assert client.get(f"{PATH}/{shipment_of(packed).id}/label.pdf").status_code == 401


def test_another_store_knows_nothing_of_the_parcel(
    api: Api, packed: OrderInfo, globex: StoreRef
) -> None:
    number = shipment_of(packed).tracking_number

    assert api(store=globex).get(f"/api/v1/tracking/{number}").status_code == 404


@pytest.mark.covers("SHP-03")
def test_anybody_with_the_number_follows_the_parcel_and_learns_nothing_personal(
    api: Api, packed: OrderInfo
) -> None:
    shipment = shipment_of(packed)

    answer = api().get(f"/api/v1/tracking/{shipment.tracking_number}")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert set(body) == {
        "tracking_number",
        "carrier",
        "service",
        "status",
        "destination",
        "shipped_at",
        "delivered_at",
        "events",
    }
    assert body["destination"] == {"city": "Springfield", "country": "US"}
    for personal in ("Lovelace", "Analytical", "62701", packed.number, packed.email, "+1217"):
        assert personal not in answer.content.decode()


@pytest.mark.covers("SHP-03")
@pytest.mark.parametrize(
    ("query", "accept"),
    [("", "text/html,application/xhtml+xml,*/*;q=0.8"), ("?format=html", "*/*")],
)
def test_a_browser_gets_a_page(api: Api, packed: OrderInfo, query: str, accept: str) -> None:
    number = shipment_of(packed).tracking_number

    answer = api().get(f"/api/v1/tracking/{number}{query}", headers={"Accept": accept})

    page = answer.content.decode()
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert number in page
    assert "Springfield, US" in page
    assert "Lovelace" not in page


def test_markup_in_a_town_stays_text_on_the_page(api: Api, packed: OrderInfo) -> None:
    shipment = shipment_of(packed)
    address = {**shipment.to_address, "city": "<script>alert(1)</script>"}
    Shipment.objects.filter(pk=shipment.pk).update(to_address=address)

    answer = api().get(f"/api/v1/tracking/{shipment.tracking_number}?format=html")

    assert "<script" not in answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("number", ["FC0", "x" * 300, "FC%27--"])
def test_an_unknown_number_is_not_found_in_either_form(api: Api, number: str) -> None:
    plain = api().get(f"/api/v1/tracking/{number}")
    page = api().get(f"/api/v1/tracking/{number}?format=html")

    assert (plain.status_code, plain["Content-Type"]) == (404, "application/problem+json")
    assert (page.status_code, page["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "Parcel not found" in page.content.decode()
