"""How an order follows its payment and its parcels."""

from __future__ import annotations

from uuid import uuid4

import pytest

from apps.common.context import StoreRef
from apps.events.models import Event
from apps.inventory.facade import availability
from apps.orders.facade import LineRequest, cancel_order, get_order
from apps.orders.models import Order, OrderHistory, OrderLine
from apps.orders.services.apply_shipment import apply_shipment
from apps.orders.types import OrderInfo
from tests.catalog.factories import make_product, make_vendor
from tests.orders.factories import make_order
from tests.orders.facts import authorized, captured, failed, parcel, refunded, tell


def state(order: OrderInfo) -> tuple[str, str, str]:
    row = Order.objects.get(pk=order.id)
    return row.status, row.payment_status, row.fulfillment_status


def count(topic: str) -> int:
    return Event.objects.filter(topic=topic).count()


def paid_order(*items: LineRequest) -> OrderInfo:
    order = make_order(items=items)
    tell(captured(order))
    return order


# --- Payment ------------------------------------------------------------------------------------


@pytest.mark.covers("ORD-14", "ORD-23")
def test_an_authorized_payment_marks_the_order_and_a_capture_pays_it(store: StoreRef) -> None:
    order = make_order()

    tell(authorized(order))
    assert state(order) == ("confirmed", "authorized", "unfulfilled")

    tell(captured(order))
    assert state(order) == ("paid", "paid", "unfulfilled")
    assert Order.objects.get(pk=order.id).paid_at is not None
    assert count("order.paid") == 1


@pytest.mark.covers("P1")
def test_a_repeated_capture_and_a_late_authorization_change_nothing(store: StoreRef) -> None:
    order = make_order()

    for event in (captured(order), captured(order), authorized(order)):
        tell(event)

    assert state(order) == ("paid", "paid", "unfulfilled")
    assert count("order.paid") == 1


@pytest.mark.covers("P4")
@pytest.mark.parametrize("currency", ["EUR", "JPY"])
def test_money_in_another_currency_pays_nothing_and_is_written_down(
    store: StoreRef, currency: str
) -> None:
    order = make_order()

    tell(authorized(order, currency=currency))
    tell(captured(order, currency=currency))
    tell(refunded(order, 100, currency=currency))

    assert state(order) == ("confirmed", "unpaid", "unfulfilled")
    notes = OrderHistory.objects.filter(order_id=order.id, field="payment_status")
    assert [row.reason for row in notes] == [f"ignored a payment in {currency}"] * 3


@pytest.mark.covers("P4")
def test_less_than_the_total_does_not_pay_the_order(store: StoreRef) -> None:
    order = make_order(price_cents=1000)

    tell(authorized(order, 999))
    assert state(order)[1] == "unpaid"
    tell(captured(order, 999))
    assert state(order) == ("confirmed", "partially_paid", "unfulfilled")
    tell(captured(order, 1000))
    assert state(order) == ("paid", "paid", "unfulfilled")


@pytest.mark.covers("R3", "ORD-16")
def test_money_that_comes_after_the_cancellation_is_noted_and_revives_nothing(
    store: StoreRef,
) -> None:
    order = make_order()
    cancel_order(order_id=order.id, reason="customer")

    tell(captured(order))

    assert state(order) == ("cancelled", "paid", "unfulfilled")
    assert count("order.paid") == 0
    row = OrderHistory.objects.filter(order_id=order.id, field="payment_status").get()
    assert row.reason == "paid after cancellation"


@pytest.mark.covers("PAY-08")
def test_a_failed_attempt_is_remembered_and_the_order_waits_for_another(store: StoreRef) -> None:
    order = make_order()

    tell(failed(order))
    tell(captured(order))

    assert state(order) == ("paid", "paid", "unfulfilled")
    assert OrderHistory.objects.filter(reason="payment failed: card_declined").count() == 1


def test_a_hold_that_was_given_back_leaves_the_order_voided(store: StoreRef) -> None:
    order = make_order()

    tell(authorized(order))
    tell(failed(order, status="voided"))

    assert state(order) == ("confirmed", "voided", "unfulfilled")


@pytest.mark.covers("PAY-09")
def test_refunds_in_part_and_in_full(store: StoreRef) -> None:
    order = make_order(price_cents=1000)
    tell(captured(order))

    tell(refunded(order, 400))
    assert state(order) == ("paid", "partially_refunded", "unfulfilled")
    tell(refunded(order, 1000))
    assert state(order) == ("paid", "refunded", "unfulfilled")
    tell(refunded(order, 400))
    assert state(order) == ("paid", "refunded", "unfulfilled")


# --- Cancellation -------------------------------------------------------------------------------


@pytest.mark.covers("ORD-16", "ORD-14")
def test_cancelling_gives_the_stock_back_and_tells_what_the_order_was(store: StoreRef) -> None:
    make_product(sku="TEE-S", stock=5)
    order = paid_order(LineRequest("TEE-S", quantity=2))

    info = cancel_order(order_id=order.id, reason="customer")

    assert (info.status, info.cancel_reason) == ("cancelled", "customer")
    variant = order.lines[0].variant_id
    assert availability([variant]) == {variant: 5}
    payload = Event.objects.get(topic="order.cancelled").payload
    assert (payload["reason"], payload["previousStatus"]) == ("customer", "paid")


@pytest.mark.covers("ORD-16")
def test_cancelling_twice_from_inside_happens_once(store: StoreRef) -> None:
    order = make_order()

    cancel_order(order_id=order.id, reason="expired")
    again = cancel_order(order_id=order.id, reason="customer")

    assert again.cancel_reason == "expired"
    assert count("order.cancelled") == 1


# --- Parcels ------------------------------------------------------------------------------------


@pytest.mark.covers("ORD-25", "ORD-14")
def test_an_order_ships_in_two_parcels_and_arrives_with_the_second(store: StoreRef) -> None:
    make_product(sku="TEE-S", stock=5)
    order = paid_order(LineRequest("TEE-S", quantity=3))
    first, second = uuid4(), uuid4()

    tell(parcel(order, {"TEE-S": 1}, shipment_id=first, tracking="T-1"))
    assert state(order) == ("paid", "paid", "partial")
    tell(parcel(order, {"TEE-S": 2}, shipment_id=second, tracking="T-2"))
    assert state(order) == ("shipped", "paid", "shipped")
    payload = Event.objects.get(topic="order.shipped").payload
    assert payload["trackingNumbers"] == ["T-1", "T-2"]

    tell(parcel(order, {"TEE-S": 1}, "delivered", first, "shipped", "T-1"))
    assert state(order) == ("shipped", "paid", "shipped")
    tell(parcel(order, {"TEE-S": 2}, "delivered", second, "shipped", "T-2"))
    assert state(order) == ("delivered", "paid", "delivered")
    assert count("order.delivered") == 1


@pytest.mark.covers("P1")
def test_repeated_and_late_parcel_news_never_count_twice_nor_go_back(store: StoreRef) -> None:
    make_product(sku="TEE-S", stock=9)
    order = paid_order(LineRequest("TEE-S", quantity=4))
    shipment = uuid4()

    tell(parcel(order, {"TEE-S": 2}, shipment_id=shipment))
    tell(parcel(order, {"TEE-S": 2}, "in_transit", shipment, "shipped"))
    tell(parcel(order, {"TEE-S": 2}, "in_transit", shipment, "shipped"))

    assert OrderLine.objects.get(order_id=order.id).shipped_quantity == 2
    assert state(order)[2] == "partial"
    assert OrderHistory.objects.filter(field="fulfillment_status").count() == 1


def test_a_parcel_that_claims_too_much_never_exceeds_the_line(store: StoreRef) -> None:
    make_product(sku="TEE-S", stock=9)
    order = make_order(sku="TEE-S", quantity=2)

    apply_shipment(parcel(order, {"TEE-S": 7}))

    assert OrderLine.objects.get(order_id=order.id).shipped_quantity == 2


@pytest.mark.covers("PEER-33", "ORD-17")
def test_each_vendors_part_is_fulfilled_on_its_own(store: StoreRef) -> None:
    make_product(sku="OURS", stock=9)
    make_product(sku="THEIRS", stock=9, vendor=make_vendor("Northwind"))
    order = paid_order(LineRequest("OURS"), LineRequest("THEIRS"))

    tell(parcel(order, {"THEIRS": 1}))

    info = get_order(order.id)
    assert info is not None
    assert {part.vendor_name: part.fulfillment_status for part in info.vendor_orders} == {
        info.vendor_orders[0].vendor_name: "unfulfilled",
        "Northwind": "shipped",
    }
    assert state(order) == ("paid", "paid", "partial")


def test_what_is_downloaded_does_not_hold_up_the_parcel(store: StoreRef) -> None:
    make_product(sku="TEE-S", stock=9)
    make_product(variants=[{"sku": "SONG", "price_cents": 99, "requires_shipping": False}], stock=9)
    order = paid_order(LineRequest("TEE-S"), LineRequest("SONG"))

    tell(parcel(order, {"TEE-S": 1}))

    assert state(order) == ("shipped", "paid", "shipped")


@pytest.mark.covers("ORD-26")
def test_an_order_that_comes_back_before_delivery_can_be_cancelled(store: StoreRef) -> None:
    make_product(sku="TEE-S", stock=9)
    order = paid_order(LineRequest("TEE-S"))
    shipment = uuid4()

    tell(parcel(order, {"TEE-S": 1}, shipment_id=shipment))
    tell(parcel(order, {"TEE-S": 1}, "returned", shipment, "shipped"))
    assert state(order) == ("shipped", "paid", "returned")

    assert cancel_order(order_id=order.id, reason="returned").status == "cancelled"


def test_a_parcel_that_left_before_the_money_ships_the_order_once_it_is_paid(
    store: StoreRef,
) -> None:
    make_product(sku="TEE-S", stock=9)
    order = make_order(sku="TEE-S")

    tell(parcel(order, {"TEE-S": 1}))
    assert state(order) == ("confirmed", "unpaid", "shipped")
    tell(captured(order))
    assert state(order) == ("shipped", "paid", "shipped")
