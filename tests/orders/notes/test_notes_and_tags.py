"""Notes, tags, and what the lists and exports find by them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from apps.orders.facade import LineRequest
from apps.orders.models import Order, OrderNote
from tests.catalog.factories import make_product, make_vendor
from tests.orders.factories import make_order
from tests.support.people import make_user

Api = Callable[..., Any]
ORDERS = "/api/v1/orders"


@pytest.mark.covers("PEER-12", "ORD-27", "ORD-20")
def test_staff_and_vendors_write_notes_that_the_buyer_never_sees(api: Api) -> None:
    ada, staff, north = make_user(), make_user("support"), make_vendor("Northwind")
    south = make_vendor("Southwind")
    make_product(sku="N", price_cents=100, stock=9, vendor=north)
    make_product(sku="S", price_cents=100, stock=9, vendor=south)
    order = make_order(ada, items=[LineRequest("N"), LineRequest("S")])
    url = f"{ORDERS}/{order.id}/notes"
    northern = make_user("vendor_owner", vendor_id=north.id)
    southern = make_user("vendor_owner", vendor_id=south.id)

    assert api(staff).post(url, {"text": "Rang twice.\nNobody home."}).status_code == 201
    assert api(northern).post(url, {"text": "Packed"}).status_code == 201

    assert [row["text"] for row in api(staff).get(url).json()["results"]] == [
        "Rang twice.\nNobody home.",
        "Packed",
    ]
    assert [row["text"] for row in api(northern).get(url).json()["results"]] == ["Packed"]
    assert api(southern).get(url).json()["results"] == []
    assert api(ada).get(url).status_code == 403
    for caller in (ada, southern):
        rows = api(caller).get(f"{ORDERS}/{order.id}/history").json()["results"]
        assert "note" not in {row["field"] for row in rows}
    # Finance reads and does not write.
    assert api(make_user("finance")).post(url, {"text": "x"}).status_code == 403
    stranger = make_user("vendor_owner", vendor_id=make_vendor("Elsewhere").id)
    assert api(stranger).get(url).status_code == 404
    assert api(stranger).post(url, {"text": "x"}).status_code == 404


@pytest.mark.covers("PEER-12", "P5")
@pytest.mark.parametrize("text", ["", "  ", "a\x00b", "a\x1bb", "a\u202eb", "x" * 5001, 5, None])
def test_bad_notes_are_refused(api: Api, text: Any) -> None:
    order = make_order()

    answer = api(make_user("support")).post(f"{ORDERS}/{order.id}/notes", {"text": text})

    assert answer.status_code == 400, answer.content
    assert not OrderNote.objects.exists()


@pytest.mark.covers("PEER-12")
def test_a_note_may_have_lines_and_joined_letters(api: Api) -> None:
    order = make_order()
    text = "Family 👩\u200d👧\r\nnext"

    answer = api(make_user("support")).post(f"{ORDERS}/{order.id}/notes", {"text": text})

    assert (answer.status_code, answer.json()["text"]) == (201, "Family 👩\u200d👧\nnext")


@pytest.mark.covers("PEER-12")
def test_tags_are_kept_once_in_lower_case_and_found_by(api: Api) -> None:
    staff, ada = make_user("support"), make_user()
    order, _ = make_order(ada), make_order(ada)
    url = f"{ORDERS}/{order.id}/tags"

    answer = api(staff).put(url, {"tags": ["Gift", "vip ", "gift"]})
    assert (answer.status_code, answer.json()) == (200, {"tags": ["gift", "vip"]})
    assert api(staff).get(url).json() == {"tags": ["gift", "vip"]}
    found = api(staff).get(f"{ORDERS}?tag=Gift").json()["results"]
    assert [row["id"] for row in found] == [str(order.id)]
    # Whoever may not see tags does not find by them either.
    assert api(ada).get(f"{ORDERS}?tag=gift").json()["results"] == []
    assert api(ada).put(url, {"tags": []}).status_code == 403
    for bad in (
        {},
        {"tags": "gift"},
        {"tags": ["a\nb"]},
        {"tags": ["x" * 51]},
        {"tags": ["t"] * 21},
    ):
        assert api(staff).put(url, bad).status_code == 400, bad
    assert Order.objects.get(pk=order.id).tags == ["gift", "vip"]


@pytest.mark.covers("PEER-12")
def test_lists_are_narrowed_by_hold_vendor_sku_and_total(api: Api) -> None:
    staff, north = make_user("support"), make_vendor("Northwind")
    make_product(sku="N", price_cents=700, stock=9, vendor=north)
    theirs = make_order(sku="N")
    ours = make_order(price_cents=100)
    api(staff).post(f"{ORDERS}/{ours.id}/hold", {"reason": "look"})

    def found(query: str, user: Any = staff) -> list[str]:
        answer = api(user).get(f"{ORDERS}?{query}")
        assert answer.status_code == 200, answer.content
        return [row["id"] for row in answer.json()["results"]]

    assert found("held=true") == [str(ours.id)]
    assert found("held=false") == [str(theirs.id)]
    assert found("hold_kind=manual") == [str(ours.id)]
    assert found(f"vendor_id={north.id}") == found("sku=N") == [str(theirs.id)]
    assert found("total_min=500") == found("total_min=700&total_max=700") == [str(theirs.id)]
    assert found("total_max=100") == [str(ours.id)]
    vendor = make_user("vendor_owner", vendor_id=north.id)
    assert found("sku=N", vendor) == [str(theirs.id)]
    assert found("total_min=1", vendor) == []
    for bad in ("total_min=x", "vendor_id=1", "hold_kind=odd", "held_by=1&total_min=-1"):
        assert api(staff).get(f"{ORDERS}?{bad}").status_code == 400, bad


@pytest.mark.covers("PEER-12", "P5")
def test_a_tag_that_is_too_long_in_lower_case_is_refused(api: Api) -> None:
    staff, order = make_user("support"), make_order()

    # Each of these becomes two characters in lower case.
    answer = api(staff).put(f"{ORDERS}/{order.id}/tags", {"tags": ["İ" * 30]})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too_long")


@pytest.mark.covers("PEER-12", "ORD-17")
def test_a_vendors_person_without_a_vendor_exports_as_a_buyer_does(api: Api) -> None:
    nobody = make_user("vendor_staff")
    make_order(nobody)

    answer = api(nobody).get("/api/v1/exports/orders.csv")

    header = b"".join(answer.streaming_content).decode().splitlines()[0].split(",")
    assert {"order_total", "tags", "held"}.isdisjoint(header)


@pytest.mark.covers("PEER-12", "I6")
def test_orders_are_exported_formula_safe_and_by_vendor(api: Api) -> None:
    north = make_vendor("=Northwind")
    make_product(sku="N", price_cents=700, stock=9, vendor=north, name="=HYPERLINK(1)")
    make_product(sku="O", price_cents=100, stock=9)
    order = make_order(
        items=[LineRequest("N", quantity=2), LineRequest("O")],
        billing_address={"name": "=Loom", "line1": "2 Mill Lane", "city": "Ulm", "country": "DE"},
        vat_id="DE136695976",
    )

    def rows(user: Any, query: str = "") -> list[dict[str, str]]:
        answer = api(user).get(f"/api/v1/exports/orders.csv{query}")
        assert answer.status_code == 200
        text = b"".join(answer.streaming_content).decode()
        return list(csv.DictReader(io.StringIO(text)))

    both = rows(make_user("support"))
    assert [(row["sku"], row["quantity"], row["line_total"]) for row in both] == [
        ("N", "2", "14.00"),
        ("O", "1", "1.00"),
    ]
    assert both[0]["order_total"] == "15.00"
    assert both[0]["vat_id"] == "DE136695976"
    assert both[0]["bill_to"] == "'=Loom, 2 Mill Lane, Ulm, DE"
    assert both[0]["ship_to"].startswith("Ada Lovelace, 1 Analytical Way, ")
    assert both[0]["name"].startswith("'=")
    assert rows(make_user("support"), "?status=cancelled") == []
    mine = rows(make_user("vendor_owner", vendor_id=north.id))
    assert [(row["order"], row["sku"]) for row in mine] == [(order.number, "N")]
    assert {"order_total", "vat_id", "bill_to", "ship_to"}.isdisjoint(mine[0])
    assert api(make_user()).get("/api/v1/exports/orders.csv").status_code == 403


@pytest.mark.covers("ORD-17")
def test_a_vendor_order_is_read_by_its_own_vendor_and_staff(api: Api) -> None:
    north, south = make_vendor("Northwind"), make_vendor("Southwind")
    make_product(sku="N", price_cents=700, stock=9, vendor=north)
    order = make_order(sku="N")
    url = f"/api/v1/vendor-orders/{order.vendor_orders[0].id}"

    assert api(make_user("support")).get(url).json()["items"][0]["sku"] == "N"
    assert api(make_user("vendor_owner", vendor_id=north.id)).get(url).status_code == 200
    assert api(make_user("vendor_owner", vendor_id=south.id)).get(url).status_code == 404
    assert api(make_user()).get(url).status_code == 403
