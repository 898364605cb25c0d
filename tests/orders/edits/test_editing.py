"""Editing an order that was placed, and the preview of it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from apps.catalog.models import Price, Variant
from apps.common.context import StoreRef
from apps.common.errors import ValidationFailed
from apps.events.models import Event
from apps.inventory.errors import OutOfStock
from apps.inventory.facade import availability
from apps.orders.editing import EditRequest
from apps.orders.errors import StepNotPossible
from apps.orders.facade import LineRequest
from apps.orders.models import Order, OrderHistory, OrderLine, VendorOrder
from apps.orders.services.edit_order import edit_order
from apps.orders.services.preview_edit import preview_edit
from apps.orders.types import OrderInfo
from tests.catalog.factories import make_product, make_vendor
from tests.orders.factories import make_order
from tests.orders.facts import captured, parcel, refunded, tell
from tests.orders.returns.factories import came_back


def order_of(*wanted: tuple[str, int, int], **fields: Any) -> OrderInfo:
    """An order of (SKU, price, quantity) lines, each with 10 in stock."""
    for sku, price, _ in wanted:
        make_product(sku=sku, price_cents=price, currency=fields.get("currency", "USD"), stock=10)
    items = [LineRequest(sku=sku, quantity=quantity) for sku, _, quantity in wanted]
    return make_order(items=items, **fields)


def lines_of(order: OrderInfo) -> list[tuple[str, int, int]]:
    rows = OrderLine.objects.filter(order_id=order.id).order_by("position")
    return [(row.sku, row.quantity, row.total_cents) for row in rows]


def line(order: OrderInfo, sku: str) -> Any:
    return next(row.id for row in order.lines if row.sku == sku)


def edit(
    order: OrderInfo, *lines: tuple[str, int], add: tuple[LineRequest, ...] = (), **f: Any
) -> Any:
    wanted = tuple((line(order, sku), quantity) for sku, quantity in lines)
    request = EditRequest(lines=wanted, add=add, reason="by phone", **f)
    return edit_order(order_id=order.id, request=request)


def free(sku: str) -> int:
    variant = Variant.objects.get(sku=sku)
    return availability([variant.pk])[variant.pk]


@pytest.mark.covers("PEER-08", "ORD-20")
def test_an_unpaid_order_is_edited_with_its_stock_sums_and_history(store: StoreRef) -> None:
    order = order_of(("TEA", 500, 2), ("CUP", 900, 1))
    make_product(sku="POT", price_cents=3000, currency="USD", stock=10)

    result = edit(order, ("TEA", 3), ("CUP", 0), add=(LineRequest(sku="POT", quantity=1),))

    assert (result.before["total_cents"], result.after["total_cents"]) == (1900, 4500)
    assert (result.refund_cents, result.due_cents) == (0, 4500)
    assert lines_of(order) == [("TEA", 3, 1500), ("POT", 1, 3000)]
    assert (free("TEA"), free("CUP"), free("POT")) == (7, 10, 9)
    rows = OrderHistory.objects.filter(order_id=order.id, reason="by phone").order_by("id")
    assert {(row.field, row.old_value, row.new_value) for row in rows} == {
        ("line", "1 × CUP", "–"),
        ("line", "2 × TEA", "3 × TEA"),
        ("line", "", "1 × POT"),
        ("total_cents", "1900", "4500"),
    }
    part = VendorOrder.objects.get(order_id=order.id)
    assert part.total_cents == 4500


@pytest.mark.covers("PEER-08")
def test_lines_that_stay_keep_their_price_and_new_ones_take_todays(store: StoreRef) -> None:
    order = order_of(("TEA", 500, 2))
    Price.objects.filter(variant__sku="TEA").update(amount_cents=800)

    edit(order, ("TEA", 3), add=(LineRequest(sku="TEA", quantity=1),))

    assert lines_of(order) == [("TEA", 3, 1500), ("TEA", 1, 800)]


@pytest.mark.covers("PEER-08", "I-14")
def test_a_paid_order_made_dearer_is_partially_paid_until_the_rest_comes(store: StoreRef) -> None:
    order = order_of(("TEA", 500, 2))
    tell(captured(order))

    result = edit(order, ("TEA", 3))
    assert (result.due_cents, result.refund_cents) == (500, 0)
    row = Order.objects.get(pk=order.id)
    assert (row.status, row.payment_status, row.paid_cents) == ("paid", "partially_paid", 1000)

    tell(captured(order, 500, order_captured_cents=1500))
    row.refresh_from_db()
    assert (row.status, row.payment_status, row.paid_cents) == ("paid", "paid", 1500)
    assert Event.objects.filter(topic="order.released").count() == 1
    assert Event.objects.filter(topic="order.paid").count() == 1


@pytest.mark.covers("PEER-08")
@pytest.mark.parametrize(("currency", "price"), [("USD", 500), ("JPY", 500), ("KWD", 1250)])
def test_a_paid_order_made_cheaper_owes_the_difference_once(
    store: StoreRef, currency: str, price: int
) -> None:
    order = order_of(("TEA", price, 3), currency=currency)
    tell(captured(order))

    result = edit(order, ("TEA", 1))
    assert (result.refund_cents, result.due_cents) == (2 * price, 0)
    (due,) = Event.objects.filter(topic="order.refund_due")
    assert due.payload["refundDueCents"] == 2 * price
    tell(refunded(order, 2 * price))

    # What went back is due again when the order grows again.
    again = edit(order, ("TEA", 2))
    assert (again.refund_cents, again.due_cents) == (0, price)
    row = Order.objects.get(pk=order.id)
    assert (row.payment_status, row.refunded_cents) == ("partially_paid", 2 * price)


@pytest.mark.covers("PEER-08")
def test_what_came_back_out_of_goodwill_is_not_due_again(store: StoreRef) -> None:
    order = order_of(("TEA", 500, 3))
    tell(captured(order))
    tell(refunded(order, 300))

    assert edit(order, ("TEA", 4)).due_cents == 500


@pytest.mark.covers("PEER-08")
def test_the_preview_writes_nothing_and_is_what_the_edit_does(store: StoreRef) -> None:
    order = order_of(("TEA", 500, 2), ("CUP", 900, 1))
    tell(captured(order))
    request = EditRequest(lines=((line(order, "TEA"), 4), (line(order, "CUP"), 0)), reason="why")
    rows = (lines_of(order), OrderHistory.objects.count(), Event.objects.count(), free("TEA"))

    preview = preview_edit(order_id=order.id, request=request)
    assert rows == (
        lines_of(order),
        OrderHistory.objects.count(),
        Event.objects.count(),
        free("TEA"),
    )
    assert Order.objects.get(pk=order.id).total_cents == 1900

    done = edit_order(order_id=order.id, request=request)
    assert preview.result is not None
    assert preview.result.after == done.after
    assert (preview.result.refund_cents, preview.result.due_cents) == (0, 100)
    assert (done.refund_cents, done.due_cents) == (0, 100)


@pytest.mark.covers("PEER-08", "R4")
def test_an_edit_that_the_stock_does_not_allow_changes_nothing(store: StoreRef) -> None:
    order = order_of(("TEA", 500, 2))
    request = EditRequest(lines=((line(order, "TEA"), 11),))

    preview = preview_edit(order_id=order.id, request=request)
    assert preview.result is None
    assert [row["sku"] for row in preview.shortages] == ["TEA"]
    with pytest.raises(OutOfStock, match="TEA"):
        edit_order(order_id=order.id, request=request)
    assert lines_of(order) == [("TEA", 2, 1000)]
    assert free("TEA") == 8


@pytest.mark.covers("PEER-08")
def test_an_edit_that_changes_nothing_does_nothing(store: StoreRef) -> None:
    order = order_of(("TEA", 500, 2))
    before = OrderHistory.objects.count()

    result = edit(order, ("TEA", 2), shipping_method="")

    assert not result.changed
    assert OrderHistory.objects.count() == before
    assert Event.objects.filter(topic="order.edited").count() == 0


@pytest.mark.covers("PEER-08")
def test_bad_edits_name_the_line(store: StoreRef) -> None:
    order = order_of(("TEA", 500, 2), ("CUP", 900, 1))
    tea = line(order, "TEA")
    cases: list[tuple[EditRequest, str, str]] = [
        (EditRequest(lines=((uuid4(), 1),)), "lines.0.line_id", "unknown_line"),
        (EditRequest(lines=((tea, 1), (tea, 3))), "lines.1.line_id", "repeated"),
        (EditRequest(lines=((tea, 10_001),)), "lines.0.quantity", "invalid_quantity"),
        (EditRequest(lines=((tea, 0), (line(order, "CUP"), 0))), "lines", "last_line"),
        (EditRequest(add=(LineRequest(sku="NONE"),)), "add.0.sku", "unknown_sku"),
    ]
    for request, field, code in cases:
        with pytest.raises(ValidationFailed) as refused:
            edit_order(order_id=order.id, request=request)
        assert [(row.field, row.code) for row in refused.value.errors] == [(field, code)]
    assert lines_of(order) == [("TEA", 2, 1000), ("CUP", 1, 900)]


@pytest.mark.covers("PEER-08", "PEER-10")
def test_after_a_parcel_left_only_the_rest_is_edited(store: StoreRef) -> None:
    order = order_of(("TEA", 500, 3), ("CUP", 900, 1))
    tell(captured(order))
    tell(parcel(order, {"TEA": 2}))

    with pytest.raises(ValidationFailed) as refused:
        edit(order, ("TEA", 1))
    assert refused.value.errors[0].code == "below_shipped"

    # All that is left is what has left: the order is on its way.
    result = edit(order, ("TEA", 2), ("CUP", 0))
    assert result.refund_cents == 1400
    row = Order.objects.get(pk=order.id)
    assert (row.status, row.fulfillment_status) == ("shipped", "shipped")

    # And something more of it makes it partial again.
    edit(order, ("TEA", 3))
    row.refresh_from_db()
    assert (row.status, row.fulfillment_status) == ("shipped", "partial")


@pytest.mark.covers("PEER-08", "PEER-07", "PEER-33", "C-04")
def test_a_vendors_part_that_came_back_stays_returned_when_the_rest_is_edited(
    store: StoreRef,
) -> None:
    # given a vendor's goods that came back, and the store's own, which have not left
    make_product(sku="THEIRS", price_cents=700, stock=9, vendor=make_vendor())
    make_product(sku="OURS", price_cents=500, stock=9)
    items = [LineRequest("THEIRS"), LineRequest("OURS", quantity=2)]
    order = make_order(items=items)
    tell(captured(order))
    shipment = uuid4()
    tell(parcel(order, {"THEIRS": 1}, shipment_id=shipment))
    tell(parcel(order, {"THEIRS": 1}, "delivered", shipment, "shipped"))
    came_back(order)

    def parts() -> list[str]:
        rows = VendorOrder.objects.filter(order_id=order.id).order_by("number")
        return list(rows.values_list("fulfillment_status", flat=True))

    before = parts()

    # when the store's own goods are edited
    edit(order, ("OURS", 1))
    after = parts()
    edit(order, ("OURS", 0))

    # then the vendor's part is where it was, and the order follows when nothing else is left of it
    assert sorted(before) == sorted(after) == ["returned", "unfulfilled"]
    assert parts() == ["returned"]
    row = Order.objects.get(pk=order.id)
    assert (row.status, row.fulfillment_status) == ("delivered", "returned")


@pytest.mark.covers("PEER-08")
@pytest.mark.parametrize("status", ["delivered", "cancelled"])
def test_an_order_that_is_over_is_not_edited(store: StoreRef, status: str) -> None:
    order = order_of(("TEA", 500, 3))
    Order.objects.filter(pk=order.id).update(status=status)

    with pytest.raises(StepNotPossible):
        edit(order, ("TEA", 1))


@pytest.mark.covers("PEER-08", "ORD-17")
def test_another_vendors_goods_bring_a_part_and_take_it_away(store: StoreRef) -> None:
    order = order_of(("TEA", 500, 1))
    vendor = make_vendor("Potters")
    make_product(sku="POT", price_cents=3000, currency="USD", stock=10, vendor=vendor)

    edit(order, add=(LineRequest(sku="POT"),))
    parts = VendorOrder.objects.filter(order_id=order.id).order_by("number")
    assert [(part.number, part.total_cents) for part in parts] == [
        (f"{order.number}-1", 500),
        (f"{order.number}-2", 3000),
    ]
    pot = OrderLine.objects.get(order_id=order.id, sku="POT")
    edit_order(order_id=order.id, request=EditRequest(lines=((pot.pk, 0),)))
    assert [part.number for part in parts.all()] == [f"{order.number}-1"]
