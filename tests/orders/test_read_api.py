"""Who sees which orders, and what they may do with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.orders.facade import LineRequest, visible_order, visible_order_ids
from apps.orders.models import Order
from tests.catalog.factories import make_product, make_vendor
from tests.orders.factories import make_order
from tests.orders.facts import captured, parcel, tell
from tests.support.people import make_user

Api = Callable[..., Any]
ORDERS = "/api/v1/orders"


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


@pytest.mark.covers("ORD-04", "ORD-05", "ORD-18")
def test_staff_see_all_orders_and_customers_their_own(api: Api) -> None:
    ada, bob = make_user(), make_user()
    of_ada, of_bob, of_guest = make_order(user=ada), make_order(user=bob), make_order()

    assert ids(api(ada).get(ORDERS)) == [str(of_ada.id)]
    assert ids(api(make_user("support")).get(ORDERS)) == [
        str(order.id) for order in (of_guest, of_bob, of_ada)
    ]
    assert ids(api(make_user("editor")).get(ORDERS)) == []
    assert api().get(ORDERS).status_code == 401
    assert api(ada).get(f"{ORDERS}/{of_ada.id}").json()["number"] == of_ada.number
    for hidden in (of_bob.id, of_guest.id, uuid4()):
        answer = api(ada).get(f"{ORDERS}/{hidden}")
        assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found")


@pytest.mark.covers("ORD-17", "ORD-18")
def test_a_vendor_sees_their_part_of_an_order_and_no_more(api: Api) -> None:
    northwind = make_vendor("Northwind")
    make_product(sku="OURS", price_cents=1000, stock=9)
    make_product(sku="THEIRS", price_cents=300, stock=9, vendor=northwind)
    mixed = make_order(items=[LineRequest("OURS"), LineRequest("THEIRS", quantity=2)])
    make_order(sku="OURS")
    vendor = make_user("vendor_owner", vendor_id=northwind.id)

    listed = api(vendor).get(ORDERS).json()["results"]
    shown = api(vendor).get(f"{ORDERS}/{mixed.id}").json()
    parts = api(vendor).get("/api/v1/vendor-orders").json()["results"]

    for order in (*listed, shown):
        assert order["id"] == str(mixed.id)
        assert [item["sku"] for item in order["items"]] == ["THEIRS"]
        assert [part["vendor_name"] for part in order["vendor_orders"]] == ["Northwind"]
        assert (order["subtotal_cents"], order["total_cents"]) == (600, 600)
    assert [(part["order_number"], part["subtotal_cents"]) for part in parts] == [
        (mixed.number, 600)
    ]
    info = visible_order(mixed.id, vendor)
    assert info is not None
    assert [line.sku for line in info.lines] == ["THEIRS"]
    assert Order.objects.get(pk=mixed.id).total_cents == 1600


@pytest.mark.covers("ORD-17")
def test_a_vendors_person_without_a_vendor_sees_nothing(api: Api) -> None:
    make_order()
    nobody = make_user("vendor_staff")

    assert ids(api(nobody).get(ORDERS)) == []
    assert ids(api(nobody).get("/api/v1/vendor-orders")) == []


@pytest.mark.covers("ORD-17")
def test_vendor_orders_are_for_vendors_and_staff(api: Api) -> None:
    make_order(sku=None)
    make_order()

    assert len(ids(api(make_user("owner")).get("/api/v1/vendor-orders"))) == 2
    assert api(make_user()).get("/api/v1/vendor-orders").status_code == 403
    narrowed = api(make_user("owner")).get("/api/v1/vendor-orders?fulfillment_status=shipped")
    assert ids(narrowed) == []


@pytest.mark.covers("ORD-06")
def test_the_orders_of_a_person(api: Api) -> None:
    ada, bob = make_user(), make_user()
    order = make_order(user=ada)
    make_order(user=bob)

    for path, who in [("me", ada), (ada.id, ada), (ada.id, make_user("support"))]:
        assert ids(api(who).get(f"/api/v1/users/{path}/orders")) == [str(order.id)]
    for path in (ada.id, uuid4(), "nobody"):
        assert api(bob).get(f"/api/v1/users/{path}/orders").status_code == 404
    assert api().get("/api/v1/users/me/orders").status_code == 401


@pytest.mark.covers("ORD-04")
def test_lists_are_filtered_ordered_and_refuse_what_they_do_not_know(api: Api) -> None:
    cheap = make_order(price_cents=100, email="one@example.com")
    dear = make_order(price_cents=900, email="two@example.com")
    tell(captured(dear))
    client = api(make_user("owner"))
    tomorrow = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert ids(client.get(f"{ORDERS}?status=paid")) == [str(dear.id)]
    assert ids(client.get(f"{ORDERS}?payment_status=unpaid")) == [str(cheap.id)]
    assert ids(client.get(f"{ORDERS}?email=ONE@example.com")) == [str(cheap.id)]
    assert ids(client.get(f"{ORDERS}?number={dear.number}")) == [str(dear.id)]
    assert ids(client.get(f"{ORDERS}?created_after={tomorrow}")) == []
    assert len(ids(client.get(f"{ORDERS}?created_before={tomorrow}"))) == 2
    assert ids(client.get(f"{ORDERS}?ordering=total_cents")) == [str(cheap.id), str(dear.id)]
    assert ids(client.get(f"{ORDERS}?ordering=-total_cents")) == [str(dear.id), str(cheap.id)]
    for bad in ("status=lost", "ordering=email", "limit=0", "created_after=soon"):
        assert client.get(f"{ORDERS}?{bad}").status_code == 400, bad


@pytest.mark.covers("ORD-18", "TEN-01")
def test_an_order_of_one_store_does_not_exist_in_another(api: Api, globex: StoreRef) -> None:
    order = make_order()
    with enter_store(globex):
        owner = make_user("owner")
    client = api(owner, globex)

    assert client.get(f"{ORDERS}/{order.id}").status_code == 404
    assert client.post(f"{ORDERS}/{order.id}/cancel", {}).status_code == 404
    assert client.get(f"{ORDERS}/{order.id}/history").status_code == 404
    assert ids(client.get(ORDERS)) == []


@pytest.mark.covers("ORD-16")
def test_buyers_cancel_their_own_order_until_it_ships(api: Api) -> None:
    ada = make_user()
    make_product(sku="TEE-S", stock=9)
    fresh, paid, sent = (make_order(user=ada, sku="TEE-S") for _ in range(3))
    tell(captured(paid))
    tell(captured(sent))
    tell(parcel(sent, {"TEE-S": 1}))
    client = api(ada)

    answer = client.post(f"{ORDERS}/{fresh.id}/cancel", {"reason": "Changed my mind"})
    assert (answer.status_code, answer.json()["status"], answer.json()["cancel_reason"]) == (
        200,
        "cancelled",
        "Changed my mind",
    )
    assert client.post(f"{ORDERS}/{paid.id}/cancel").json()["cancel_reason"] == "customer"
    for order in (fresh, sent):
        refusal = client.post(f"{ORDERS}/{order.id}/cancel", {})
        assert (refusal.status_code, refusal.json()["code"]) == (409, "invalid_transition")


@pytest.mark.covers("ORD-16", "ORD-18")
def test_only_the_buyer_and_staff_who_may_write_cancel(api: Api) -> None:
    northwind = make_vendor("Northwind")
    make_product(sku="THEIRS", stock=9, vendor=northwind)
    order = make_order(user=make_user(), sku="THEIRS")
    path = f"{ORDERS}/{order.id}/cancel"

    assert api().post(path, {}).status_code == 401
    assert api(make_user()).post(path, {}).status_code == 404
    assert api(make_user("vendor_owner", vendor_id=northwind.id)).post(path, {}).status_code == 403
    assert api(make_user("analyst")).post(path, {}).status_code == 403
    assert api(make_user("support")).post(path, {}).json()["cancel_reason"] == "staff"


@pytest.mark.covers("ORD-15")
def test_staff_set_the_status_only_where_no_fact_decides_it(api: Api) -> None:
    order = make_order()
    path = f"{ORDERS}/{order.id}/status"
    staff = api(make_user("support"))

    paid = staff.put(path, {"status": "paid"})
    assert (paid.status_code, paid.json()["code"]) == (409, "invalid_transition")
    assert "payment" in paid.json()["detail"]
    assert staff.put(path, {"status": "delivered"}).status_code == 409
    assert staff.put(path, {"status": "lost"}).status_code == 400
    assert staff.put(path, {}).status_code == 400
    assert api(make_user()).put(path, {"status": "cancelled"}).status_code == 403
    assert staff.put(f"{ORDERS}/{uuid4()}/status", {"status": "cancelled"}).status_code == 404
    done = staff.put(path, {"status": "cancelled", "reason": "Fraud"})
    assert (done.json()["status"], done.json()["cancel_reason"]) == ("cancelled", "Fraud")


@pytest.mark.covers("ORD-20")
def test_the_history_names_who_did_what(api: Api) -> None:
    ada = make_user()
    order = make_order(user=ada)
    api(ada).post(f"{ORDERS}/{order.id}/cancel", {"reason": "late"})

    rows = api(ada).get(f"{ORDERS}/{order.id}/history").json()["results"]

    assert [(row["old_value"], row["new_value"], row["reason"]) for row in rows] == [
        ("", "created", ""),
        ("created", "confirmed", ""),
        ("confirmed", "cancelled", "late"),
    ]
    assert rows[-1]["actor"] == f"user:{ada.id}"
    assert api(make_user()).get(f"{ORDERS}/{order.id}/history").status_code == 404


@pytest.mark.covers("ORD-28")
@pytest.mark.parametrize("path", ["orders", "vendor-orders", "users/me/orders"])
def test_a_page_costs_the_same_few_queries_however_long_it_is(
    api: Api, django_assert_max_num_queries: Any, path: str
) -> None:
    owner = make_user("owner")
    for _ in range(6):
        make_order(user=owner)
    client = api(owner)
    client.get(f"/api/v1/{path}")

    # Four for the list; entering the store and knowing the caller come before it.
    with django_assert_max_num_queries(4 + 3):
        assert len(client.get(f"/api/v1/{path}").json()["results"]) == 6


@pytest.mark.covers("ORD-18")
def test_other_apps_scope_their_lists_by_what_a_user_sees(store: StoreRef) -> None:
    ada = make_user()
    mine = make_order(user=ada)
    make_order()

    scoped = visible_order_ids(ada)

    assert scoped is not None
    assert list(scoped) == [mine.id]
    assert visible_order_ids(make_user("owner")) is None
    assert visible_order(mine.id, make_user()) is None
