"""Drafts are changed, and nobody overwrites what somebody else has changed (PEER-27, PEER-56)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from apps.catalog.models import Vendor
from apps.inventory.models import BackorderPolicy
from apps.inventory.services.reserve_order import reserve_order
from tests.inventory.factories import demand, make_variant, make_warehouse
from tests.support.people import make_user

TRANSFERS, ORDERS = "/api/v1/transfers", "/api/v1/purchase-orders"
BACKORDERS = "/api/v1/inventory/backorders"


@pytest.fixture
def client(api: Any) -> Any:
    return api(make_user("editor"))


@pytest.fixture
def transfer(client: Any) -> str:
    for sku in ("TEE", "MUG"):
        make_variant(sku, 9)
    make_warehouse("far")
    make_warehouse("shop")
    body = {"source": "main", "destination": "far", "lines": [{"sku": "TEE", "quantity": 2}]}
    return f"{TRANSFERS}/{client.post(TRANSFERS, body).json()['id']}"


@pytest.fixture
def bought(client: Any) -> str:
    make_variant("TEE", 9)
    lines = [{"sku": "TEE", "quantity": 2, "cost_cents": 700}]
    body = {"supplier": "Weaver", "currency": "USD", "lines": lines}
    return f"{ORDERS}/{client.post(ORDERS, body).json()['id']}"


def lines_of(body: dict[str, Any]) -> list[tuple[str, int]]:
    return [(line["sku"], line["quantity"]) for line in body["lines"]]


@pytest.mark.covers("PEER-27")
def test_a_draft_of_a_transfer_is_changed_and_what_is_not_named_stays(
    client: Any, transfer: str
) -> None:
    lines = [{"sku": "MUG", "quantity": 4}, {"sku": "TEE", "quantity": 1}]
    changed = client.patch(transfer, {"destination": "shop", "lines": lines}).json()
    assert (changed["source"], changed["destination"]) == ("main", "shop")
    assert lines_of(changed) == [("MUG", 4), ("TEE", 1)]
    noted = client.patch(transfer, {"note": "By van"}).json()
    assert (noted["note"], lines_of(noted)) == ("By van", [("MUG", 4), ("TEE", 1)])
    client.post(f"{transfer}/dispatch")
    late = client.patch(transfer, {"note": "Too late"})
    assert (late.status_code, late.json()["code"]) == (409, "step_not_possible")
    assert client.get(transfer).json()["note"] == "By van"


@pytest.mark.covers("PEER-27", "P6")
@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"destination": "main"}, 422, "destination"),
        ({"source": "far"}, 422, "destination"),
        ({"source": "moon"}, 404, "warehouse"),
        ({"lines": []}, 400, "lines"),
        ({"lines": None}, 400, "lines"),
        ({"lines": [{"sku": "TEE"}]}, 400, "lines.0.quantity"),
        ({"lines": [{"quantity": 1}]}, 400, "lines.0.sku"),
        ({"lines": [{"sku": "TEE", "quantity": 0}]}, 400, "lines.0.quantity"),
        ({"lines": [{"sku": "NO", "quantity": 1}]}, 404, "lines.0.sku"),
        ({"note": "two\nlines"}, 400, "note"),
    ],
)
def test_a_change_that_cannot_be_changes_nothing(
    client: Any, transfer: str, change: dict[str, Any], status: int, field: str
) -> None:
    before = client.get(transfer).json()
    answer = client.patch(transfer, {"note": "Lost", **change})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)
    assert client.get(transfer).json() == before


@pytest.mark.covers("PEER-27")
def test_a_draft_of_a_purchase_order_is_changed(client: Any, bought: str) -> None:
    make_warehouse("far")
    change = {"supplier": "Loom", "warehouse": "far", "expected_on": "2026-12-09"}
    changed = client.patch(bought, change).json()
    assert {name: changed[name] for name in change} == change
    assert changed["total_cost_cents"] == 1400
    assert client.patch(bought, {"expected_on": None}).json()["expected_on"] is None
    bare = client.patch(bought, {"currency": "JPY"})
    assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "lines")
    lines = [{"sku": "TEE", "quantity": 3, "cost_cents": 90}]
    yen = client.patch(bought, {"currency": "JPY", "lines": lines}).json()
    assert (yen["currency"], yen["total_cost_cents"]) == ("JPY", 270)
    client.post(f"{bought}/order")
    late = client.patch(bought, {"supplier": "Nobody"})
    assert (late.status_code, late.json()["code"]) == (409, "step_not_possible")


@pytest.mark.covers("PEER-27", "T12", "PEER-32")
def test_a_vendor_changes_no_document_of_the_store(api: Any, transfer: str, client: Any) -> None:
    vendor = Vendor.objects.create(name="Loom", slug="loom", status="active")
    theirs = api(make_user("vendor_owner", vendor_id=vendor.id))
    assert theirs.patch(transfer, {"note": "Mine"}).status_code == 404
    assert theirs.patch(f"{ORDERS}/{uuid4()}", {"note": "Mine"}).status_code == 404
    assert client.get(transfer).json()["note"] == ""


@pytest.mark.covers("PEER-56", "PEER-27")
@pytest.mark.parametrize("kind", ["transfer", "bought"])
def test_a_document_that_somebody_changed_is_not_overwritten(
    client: Any, kind: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(kind)
    seen = client.get(url).headers["ETag"]
    first = client.patch(url, {"note": "First"}, HTTP_IF_MATCH=seen)
    assert first.status_code == 200
    assert first.headers["ETag"] == client.get(url).headers["ETag"] != seen
    second = client.patch(url, {"note": "Second"}, HTTP_IF_MATCH=seen)
    assert (second.status_code, second.json()["code"]) == (412, "precondition_failed")
    step = "dispatch" if kind == "transfer" else "order"
    stale = client.post(f"{url}/{step}", HTTP_IF_MATCH=seen)
    assert stale.status_code == 412
    assert client.get(url).json()["status"] == "draft"
    done = client.post(f"{url}/{step}", HTTP_IF_MATCH=first.headers["ETag"])
    assert (done.status_code, done.headers["ETag"]) == (200, client.get(url).headers["ETag"])


@pytest.mark.covers("PEER-56", "PEER-27")
def test_a_new_document_tells_its_version(client: Any, transfer: str) -> None:
    body = {"source": "main", "destination": "far", "lines": [{"sku": "TEE", "quantity": 1}]}
    made = client.post(TRANSFERS, body)
    assert made.headers["ETag"] == client.get(f"{TRANSFERS}/{made.json()['id']}").headers["ETag"]


@pytest.mark.covers("PEER-56", "PEER-29")
def test_a_back_order_rule_is_read_and_set_by_its_version(client: Any) -> None:
    tee = make_variant("A/B", 1)
    assert client.get(f"{BACKORDERS}/A/B").json()["code"] == "backorder_not_found"
    gone = client.put(BACKORDERS, {"sku": "A/B", "limit": 1}, HTTP_IF_MATCH='"0"')
    assert gone.status_code == 412
    made = client.put(BACKORDERS, {"sku": "A/B", "limit": 4})
    read = client.get(f"{BACKORDERS}/A/B")
    assert (read.status_code, read.json()) == (200, made.json())
    assert made.headers["ETag"] == read.headers["ETag"]
    # Who orders changes no version: nobody has edited the rule.
    reserve_order(order_id=uuid4(), lines=[demand(tee, 3)])
    sold = client.get(f"{BACKORDERS}/A/B")
    assert (sold.json()["backordered"], sold.headers["ETag"]) == (2, read.headers["ETag"])
    seen = {"HTTP_IF_MATCH": read.headers["ETag"]}
    raised = client.put(BACKORDERS, {"sku": "A/B", "limit": 6}, **seen)
    assert (raised.status_code, raised.json()["limit"]) == (200, 6)
    assert client.put(BACKORDERS, {"sku": "A/B", "limit": 9}, **seen).status_code == 412
    assert client.put(BACKORDERS, {"sku": "A/B", "limit": "9"}, **seen).status_code == 400
    assert client.delete(f"{BACKORDERS}/A/B", **seen).status_code == 412
    assert BackorderPolicy.objects.get().limit == 6
    newest = {"HTTP_IF_MATCH": raised.headers["ETag"]}
    assert client.delete(f"{BACKORDERS}/A/B", **newest).status_code == 204
