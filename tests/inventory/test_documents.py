"""Transfers, purchase orders and counts over HTTP, and what is refused of them (PEER-27)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from apps.catalog.models import Vendor
from apps.inventory.audit import find_differences
from apps.inventory.models import PurchaseOrder, StockMovement, Transfer
from apps.inventory.services.reserve_order import reserve_order
from apps.inventory.services.set_backorder import set_backorder
from tests.inventory.factories import (
    demand,
    held_by,
    ledger_of,
    level_of,
    make_variant,
    make_warehouse,
)
from tests.support.people import make_user

TRANSFERS, ORDERS = "/api/v1/transfers", "/api/v1/purchase-orders"
COUNTS, BACKORDERS = "/api/v1/inventory/counts", "/api/v1/inventory/backorders"
BAD_UNITS = [0, -1, 1.5, 10**12, "2", True, None]


@pytest.fixture
def client(api: Any) -> Any:
    return api(make_user("editor"))


def draft(client: Any, *lines: tuple[str, int]) -> str:
    body = {
        "source": "main",
        "destination": "far",
        "lines": [{"sku": sku, "quantity": units} for sku, units in lines],
    }
    answer = client.post(TRANSFERS, body)
    assert answer.status_code == 201, answer.json()
    return f"{TRANSFERS}/{answer.json()['id']}"


def bought(client: Any, units: int = 5, **fields: Any) -> str:
    body = {
        "supplier": "Weaver & Sons",
        "lines": [{"sku": "TEE", "quantity": units, "cost_cents": 700}],
        **fields,
    }
    answer = client.post(ORDERS, body)
    assert answer.status_code == 201, answer.json()
    return f"{ORDERS}/{answer.json()['id']}"


def came(units: int, sku: str = "TEE", **more: Any) -> dict[str, Any]:
    return {"lines": [{"sku": sku, "quantity": units}], **more}


def fields_of(answer: Any) -> list[str]:
    return [error["field"] for error in answer.json()["errors"]]


@pytest.mark.covers("PEER-27", "MOON-09")
def test_a_transfer_leaves_arrives_in_parts_and_says_why_the_rest_never_did(client: Any) -> None:
    tee = make_variant("TEE", 9)
    make_warehouse("far")
    url = draft(client, ("TEE", 6))
    assert level_of(tee) == (9, 0)
    sent = client.post(f"{url}/dispatch").json()
    assert (sent["status"], level_of(tee)) == ("in_transit", (3, 0))
    part = client.post(f"{url}/receive", came(4)).json()
    assert (part["status"], level_of(tee, "far")) == ("partially_received", (4, 0))
    unexplained = client.post(f"{url}/receive", {"close": True})
    assert (unexplained.status_code, fields_of(unexplained)) == (422, ["reason"])
    done = client.post(f"{url}/receive", came(1, close=True, reason="Fell off the van")).json()
    (line,) = done["lines"]
    assert done["status"] == "received"
    assert line == {
        "sku": "TEE",
        "product_name": "Product TEE",
        "quantity": 6,
        "received": 5,
        "missing": 1,
        "reason": "Fell off the van",
    }
    assert level_of(tee, "far") == (5, 0)
    assert ledger_of(tee)[1:] == [("transfer", -6, 0), ("transfer", 4, 0), ("transfer", 1, 0)]
    assert set(
        StockMovement.objects.exclude(kind="import").values_list("reference", flat=True)
    ) == {done["number"]}
    assert find_differences() == []
    for step in ("dispatch", "cancel"):
        assert client.post(f"{url}/{step}").json()["code"] == "step_not_possible"


@pytest.mark.covers("PEER-27", "INV-06")
def test_what_orders_hold_does_not_leave_and_then_no_line_does(client: Any) -> None:
    tee, mug = make_variant("TEE", 9), make_variant("MUG", 3)
    make_warehouse("far")
    reserve_order(order_id=uuid4(), lines=[demand(mug, 2)])
    url = draft(client, ("TEE", 4), ("MUG", 2))
    refused = client.post(f"{url}/dispatch")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_enough_free")
    assert fields_of(refused) == ["lines.1.quantity"]
    assert (level_of(tee), level_of(mug)) == ((9, 0), (3, 2))


@pytest.mark.covers("PEER-27")
def test_a_cancelled_transfer_comes_back_while_nothing_of_it_has_arrived(client: Any) -> None:
    tee = make_variant("TEE", 9)
    make_warehouse("far")
    url = draft(client, ("TEE", 6))
    client.post(f"{url}/dispatch")
    assert client.post(f"{url}/cancel").json()["status"] == "cancelled"
    assert level_of(tee) == (9, 0)
    other = draft(client, ("TEE", 2))
    client.post(f"{other}/dispatch")
    client.post(f"{other}/receive", came(1))
    assert client.post(f"{other}/cancel").status_code == 409
    assert (level_of(tee), level_of(tee, "far")) == ((7, 0), (1, 0))
    assert find_differences() == []


@pytest.mark.covers("PEER-27")
def test_more_than_was_sent_or_twice_is_not_received(client: Any) -> None:
    tee = make_variant("TEE", 9)
    make_variant("MUG", 1)
    make_warehouse("far")
    url = draft(client, ("TEE", 3))
    early = client.post(f"{url}/receive", came(1))
    assert (early.status_code, early.json()["code"]) == (409, "step_not_possible")
    client.post(f"{url}/dispatch")
    over = client.post(f"{url}/receive", came(4))
    assert (over.status_code, over.json()["code"], fields_of(over)) == (
        409,
        "too_much_received",
        ["lines.0.quantity"],
    )
    foreign = client.post(f"{url}/receive", came(1, "MUG"))
    assert (foreign.status_code, fields_of(foreign)) == (422, ["lines.0.sku"])
    twice = {"lines": [{"sku": "TEE", "quantity": 1}] * 2}
    assert client.post(f"{url}/receive", twice).status_code == 400
    assert client.post(f"{url}/receive", {}).status_code == 422
    assert client.post(f"{url}/receive", came(3)).json()["status"] == "received"
    assert client.post(f"{url}/receive", came(3)).status_code == 409
    assert level_of(tee, "far") == (3, 0)


@pytest.mark.covers("PEER-27", "R8")
def test_the_same_key_receives_once(client: Any) -> None:
    tee = make_variant("TEE", 9)
    make_warehouse("far")
    url = draft(client, ("TEE", 4))
    client.post(f"{url}/dispatch")
    key = {"HTTP_IDEMPOTENCY_KEY": "parcel-1"}
    answers = [client.post(f"{url}/receive", came(2), **key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert level_of(tee, "far") == (2, 0)


@pytest.mark.covers("PEER-27", "P6")
@pytest.mark.parametrize("units", BAD_UNITS)
def test_units_that_are_none_are_a_400_that_names_the_line(client: Any, units: Any) -> None:
    make_variant("TEE", 9)
    make_warehouse("far")
    lines = [{"sku": "TEE", "quantity": units}]
    transfer = {"source": "main", "destination": "far", "lines": lines}
    for url, body in ((TRANSFERS, transfer), (ORDERS, {"supplier": "W", "lines": lines})):
        answer = client.post(url, body)
        assert (answer.status_code, fields_of(answer)) == (400, ["lines.0.quantity"])
    assert not Transfer.objects.exists()
    assert not PurchaseOrder.objects.exists()


@pytest.mark.covers("PEER-27", "P6")
@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"destination": "main"}, 422, "destination"),
        ({"destination": "moon"}, 404, "warehouse"),
        ({"lines": []}, 400, "lines"),
        ({"lines": [{"sku": "NONE", "quantity": 1}]}, 404, "lines.0.sku"),
        ({"lines": [{"sku": "TEE", "quantity": 1}] * 2}, 422, "lines.1.sku"),
        ({"lines": [{"sku": "A\x00B", "quantity": 1}]}, 400, "lines.0.sku"),
        ({"note": "two\nlines"}, 400, "note"),
    ],
)
def test_a_transfer_that_cannot_be_is_refused_by_field(
    client: Any, change: dict[str, Any], status: int, field: str
) -> None:
    make_variant("TEE", 9)
    make_warehouse("far")
    body = {"source": "main", "destination": "far", "lines": [{"sku": "TEE", "quantity": 1}]}
    answer = client.post(TRANSFERS, {**body, **change})
    assert (answer.status_code, fields_of(answer)[0]) == (status, field)
    assert not Transfer.objects.exists()


@pytest.mark.covers("PEER-27")
def test_a_purchase_order_is_ordered_and_received_in_parts(client: Any) -> None:
    tee = make_variant("TEE", 1)
    url = bought(client, currency="KWD", reference="WS-9", expected_on="2026-12-01")
    made = client.get(url).json()
    assert (made["status"], made["total_cost_cents"], made["currency"]) == ("draft", 3500, "KWD")
    assert client.post(f"{url}/receive", came(1)).json()["code"] == "step_not_possible"
    assert client.post(f"{url}/order").json()["status"] == "ordered"
    assert client.post(f"{url}/receive", came(2)).json()["status"] == "partially_received"
    over = client.post(f"{url}/receive", came(4))
    assert (over.status_code, over.json()["code"]) == (409, "too_much_received")
    more = client.post(f"{url}/receive", came(4, allow_over=True)).json()
    assert (more["status"], more["lines"][0]["received"]) == ("received", 6)
    assert level_of(tee) == (7, 0)
    assert ledger_of(tee)[1:] == [("receipt", 2, 0), ("receipt", 4, 0)]
    assert client.post(f"{url}/cancel").status_code == 409


@pytest.mark.covers("PEER-27", "PEER-29")
def test_what_a_supplier_brings_goes_to_those_who_wait(client: Any) -> None:
    tee = make_variant("TEE")
    set_backorder(sku="TEE", limit=3)
    order_id = uuid4()
    reserve_order(order_id=order_id, lines=[demand(tee, 3)])
    url = bought(client)
    client.post(f"{url}/order")
    client.post(f"{url}/receive", came(5))
    assert (held_by(order_id), level_of(tee)) == ([("main", 3, 0, "held")], (5, 3))
    cancelled = bought(client)
    assert client.post(f"{cancelled}/cancel").json()["status"] == "cancelled"


@pytest.mark.covers("PEER-27", "T12", "PEER-32")
def test_a_vendor_writes_and_sees_documents_of_their_own_goods_alone(api: Any, client: Any) -> None:
    vendor = Vendor.objects.create(name="Loom", slug="loom", status="active")
    make_variant("TEE", 9)
    make_warehouse("far")
    stores = draft(client, ("TEE", 1))
    theirs = api(make_user("vendor_owner", vendor_id=vendor.id))
    body = {"source": "main", "destination": "far", "lines": [{"sku": "TEE", "quantity": 1}]}
    refused = theirs.post(TRANSFERS, body)
    assert (refused.status_code, fields_of(refused)) == (404, ["lines.0.sku"])
    assert theirs.get(TRANSFERS).json()["count"] == 0
    assert theirs.get(stores).status_code == 404
    for step in ("dispatch", "cancel"):
        assert theirs.post(f"{stores}/{step}").json()["code"] == "document_not_found"
    assert theirs.post(f"{stores}/receive", came(1)).status_code == 404
    assert Transfer.objects.get().status == "draft"
    assert theirs.post(ORDERS, {**bought_body(), "vendor": str(uuid4())}).status_code == 404


def bought_body() -> dict[str, Any]:
    return {"supplier": "W", "lines": [{"sku": "TEE", "quantity": 1}]}


@pytest.mark.covers("PEER-27", "API-08")
def test_lists_are_filtered_ordered_and_bounded(
    client: Any, django_assert_max_num_queries: Any
) -> None:
    make_variant("TEE", 9)
    make_variant("MUG", 9)
    make_warehouse("far")
    first = client.get(draft(client, ("TEE", 1), ("MUG", 1))).json()["number"]
    second = client.get(draft(client, ("MUG", 2))).json()["number"]
    bought(client)

    def numbers(**query: Any) -> list[str]:
        return [row["number"] for row in client.get(TRANSFERS, query).json()["results"]]

    assert numbers() == [second, first]
    assert numbers(ordering="created_at") == [first, second]
    assert numbers(sku="TEE") == [first]
    assert (numbers(status="received"), numbers(source="far")) == ([], [])
    with django_assert_max_num_queries(6):
        client.get(TRANSFERS)
    assert client.get(ORDERS, {"supplier": "Weaver & Sons", "sku": "TEE"}).json()["count"] == 1
    assert client.get(ORDERS, {"expected_until": "soon"}).status_code == 400


@pytest.mark.covers("INV-02", "MOON-09")
def test_a_count_sets_what_was_found_and_answers_the_differences(client: Any) -> None:
    tee, mug, cap = make_variant("TEE", 5), make_variant("MUG", 7), make_variant("CAP")
    lines = [
        {"sku": "TEE", "counted": 3},
        {"sku": "MUG", "counted": 7},
        {"sku": "CAP", "counted": 2},
    ]
    answer = client.post(COUNTS, {"reason": "Year end", "lines": lines})
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert body["differences"] == 2
    assert [(row["sku"], row["expected"], row["difference"]) for row in body["lines"]] == [
        ("TEE", 5, -2),
        ("MUG", 7, 0),
        ("CAP", 0, 2),
    ]
    assert [level_of(variant) for variant in (tee, mug, cap)] == [(3, 0), (7, 0), (2, 0)]
    assert (ledger_of(tee)[-1], ledger_of(cap)) == (("count", -2, 0), [("count", 2, 0)])


@pytest.mark.covers("INV-02", "P6")
def test_a_count_that_cannot_be_changes_nothing(client: Any) -> None:
    tee, mug = make_variant("TEE", 5), make_variant("MUG", 5)
    reserve_order(order_id=uuid4(), lines=[demand(mug, 3)])
    lines = [{"sku": "TEE", "counted": 1}, {"sku": "MUG", "counted": 2}]
    below = client.post(COUNTS, {"reason": "Year end", "lines": lines})
    assert (below.status_code, below.json()["code"], fields_of(below)) == (
        409,
        "below_reserved",
        ["lines.1.counted"],
    )
    for counted in (-1, 1.5, 10**12, "2", None):
        lines = [{"sku": "TEE", "counted": counted}]
        bad = client.post(COUNTS, {"reason": "Year end", "lines": lines})
        assert (bad.status_code, fields_of(bad)) == (400, ["lines.0.counted"])
    unknown = client.post(COUNTS, {"reason": "x", "lines": [{"sku": "NO", "counted": 1}]})
    assert (unknown.status_code, fields_of(unknown)) == (404, ["lines.0.sku"])
    assert (level_of(tee), level_of(mug)) == ((5, 0), (5, 3))


@pytest.mark.covers("INV-02")
@pytest.mark.parametrize("count", [1, 30])
def test_a_count_costs_the_same_for_any_number_of_lines(
    client: Any, count: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        make_variant(f"SKU-{number}", 100)
    lines = [{"sku": f"SKU-{number}", "counted": 50} for number in range(count)]
    with django_assert_max_num_queries(12):
        assert client.post(COUNTS, {"reason": "Year end", "lines": lines}).status_code == 201


@pytest.mark.covers("PEER-29", "P6")
def test_a_back_order_rule_is_set_listed_and_ended(client: Any) -> None:
    tee = make_variant("TEE", 1)
    rule = {"sku": "TEE", "mode": "preorder", "limit": 4, "available_from": "2027-02-01"}
    answer = client.put(BACKORDERS, rule)
    assert (answer.status_code, answer.json()) == (
        200,
        {"variant_id": str(tee.id), "product_name": "Product TEE", "backordered": 0, **rule},
    )
    assert client.get(BACKORDERS, {"mode": "preorder"}).json()["results"] == [answer.json()]
    level = client.get("/api/v1/inventory").json()["results"][0]
    assert (level["available"], level["backordered"], level["backorder_limit"]) == (1, 0, 4)
    undated = client.put(BACKORDERS, {"sku": "TEE", "mode": "preorder", "limit": 4})
    assert (undated.status_code, fields_of(undated)) == (422, ["available_from"])
    for limit in (-1, 1.5, 10**12, "3"):
        bad = client.put(BACKORDERS, {"sku": "TEE", "limit": limit})
        assert (bad.status_code, fields_of(bad)) == (400, ["limit"])
    assert client.put(BACKORDERS, {"sku": "NO", "limit": 1}).status_code == 404
    assert client.delete(f"{BACKORDERS}/TEE").status_code == 204
    assert client.delete(f"{BACKORDERS}/TEE").json()["code"] == "backorder_not_found"


@pytest.mark.covers("MOON-09", "PEER-27")
def test_the_ledger_says_why_it_is_as_it_is(
    client: Any, django_assert_max_num_queries: Any
) -> None:
    tee = make_variant("TEE", 9)
    make_warehouse("far")
    order_id = uuid4()
    reserve_order(order_id=order_id, lines=[demand(tee, 2)], number="ORD-20261122-ABCD")
    url = draft(client, ("TEE", 3))
    client.post(f"{url}/dispatch")
    client.post(f"{url}/receive", came(3))
    path = "/api/v1/inventory/TEE/movements"
    with django_assert_max_num_queries(6):
        rows = client.get(path).json()["results"]
    assert [
        (row["kind"], row["warehouse"], row["on_hand_after"], row["reserved_after"]) for row in rows
    ] == [
        ("transfer", "far", 3, 0),
        ("transfer", "main", 6, 2),
        ("reservation", "main", 9, 2),
        ("import", "main", 9, 0),
    ]
    assert (rows[2]["reference"], rows[2]["reference_id"]) == ("ORD-20261122-ABCD", str(order_id))
    second = client.get(path, {"limit": 1, "offset": 1}).json()["results"]
    assert second == [rows[1]]
    assert client.get(path, {"warehouse": "far"}).json()["results"] == [rows[0]]
    assert client.get(path, {"kind": "reservation"}).json()["results"] == [rows[2]]
    assert client.get(path, {"until": "2020-01-01"}).json()["count"] == 0
    assert client.get(path, {"kind": "magic"}).status_code == 400
    assert client.get(path, {"since": "yesterday"}).status_code == 400
    # An empty id is nobody's, not everybody's.
    assert client.get(path, {"vendor": ""}).status_code == 404
