"""Other goods instead of the money, and claims, for which nothing need come back."""

from __future__ import annotations

from typing import Any

import pytest

from apps.catalog.models import Variant
from apps.common.context import StoreRef
from apps.common.errors import ValidationFailed
from apps.events.models import Event
from apps.inventory.facade import availability
from apps.orders.errors import OutOfStock, StepNotPossible
from apps.orders.facade import LineRequest, get_order
from apps.orders.models import Order, OrderLine, Return, ShippingMethod, ShippingZone
from apps.orders.return_errors import RefundTooLarge
from apps.orders.return_types import ReceivedUnits
from apps.orders.services.approve_return import approve_return
from apps.orders.services.cancel_order import cancel_order
from apps.orders.services.cancel_return import cancel_return
from apps.orders.services.complete_return import complete_return
from apps.orders.services.receive_return import receive_return
from apps.payments.models import Payment
from tests.catalog.factories import make_product, make_vendor
from tests.orders.returns.factories import ask, came_back, deliver, delivered_order, fresh
from tests.support.people import make_user
from tests.support.work import drain_all


def _sizes(stock: int = 5, dearer: int = 0) -> tuple[Any, Any]:
    """Two sizes of one shirt."""
    variants = [
        {"sku": "TEE-S", "price_cents": 2000, "options": {"size": "S"}},
        {"sku": "TEE-M", "price_cents": 2000 + dearer, "options": {"size": "M"}},
    ]
    product = make_product(variants=variants, stock=stock)
    return product.variant_ids[0], product.variant_ids[1]


def _units(order: Any, quantity: int = 1) -> list[ReceivedUnits]:
    return [ReceivedUnits(order.lines[0].id, quantity)]


@pytest.mark.covers("PEER-07")
def test_another_size_is_set_aside_free_of_charge_and_waits_for_the_goods(store: StoreRef) -> None:
    _, medium = _sizes()
    zone = ShippingZone.objects.create(name="Everywhere")
    rates = [{"currency": "USD", "from": 0, "amount_cents": 700}]
    ShippingMethod.objects.create(zone=zone, code="post", name="Post", rates=rates)
    order = delivered_order(make_user(), sku="TEE-S", quantity=2)
    found = ask(order, 2, kind="exchange", wanted=medium)

    found = approve_return(return_id=found.pk)
    instead = Order.objects.get(pk=found.exchange_order_id)
    held = (instead.hold_kind, instead.hold_reason)
    receive_return(return_id=found.pk, units=_units(order, 2))
    done = complete_return(return_id=found.pk)
    instead.refresh_from_db()

    assert availability([medium])[medium] == 3
    assert (instead.total_cents, instead.subtotal_cents, instead.discount_cents) == (0, 4000, 4000)
    assert instead.shipping_cents == 0
    assert (instead.status, instead.payment_status) == ("paid", "paid")
    assert instead.source == f"exchange:{found.number}"
    assert held == ("manual", f"Waits for return {found.number}")
    assert instead.held_at is None
    assert done.refund_cents == 0
    assert not Event.objects.filter(topic="order.refund_due").exists()


@pytest.mark.covers("PEER-07")
def test_a_dearer_one_is_returned_and_ordered_anew(store: StoreRef) -> None:
    _, medium = _sizes(dearer=1)
    order = delivered_order(sku="TEE-S")

    with pytest.raises(ValidationFailed) as refused:
        ask(order, kind="exchange", wanted=medium)

    error = refused.value.errors[0]
    assert (error.field, error.code) == ("lines.0.exchange_variant", "dearer")
    assert error.detail == "TEE-M costs more: return TEE-S and order it instead."
    assert not Return.objects.exists()


@pytest.mark.covers("PEER-07")
def test_what_can_be_had_instead_is_of_the_same_vendor_and_for_sale(store: StoreRef) -> None:
    small, _ = _sizes()
    foreign = make_product(sku="X", price_cents=1, vendor=make_vendor()).variant_ids[0]
    variants = [{"sku": "Y", "price_cents": 1, "is_active": False}]
    hidden = make_product(variants=variants).variant_ids[0]
    order = delivered_order(sku="TEE-S")

    codes = []
    for kind, wanted in (
        ("exchange", None),
        ("exchange", foreign),
        ("exchange", hidden),
        ("exchange", order.id),
        ("return", small),
    ):
        with pytest.raises(ValidationFailed) as refused:
            ask(order, kind=kind, wanted=wanted)
        codes.append(refused.value.errors[0].code)

    assert codes == ["required", "other_vendor", "unknown_variant", "unknown_variant", "not_taken"]


@pytest.mark.covers("PEER-07", "INV-09")
def test_calling_it_off_gives_the_stock_back(store: StoreRef) -> None:
    _, medium = _sizes()
    order = delivered_order(make_user(), sku="TEE-S")
    found = approve_return(return_id=ask(order, kind="exchange", wanted=medium).pk)

    cancel_return(return_id=found.pk, reason="changed my mind")

    assert Order.objects.get(pk=found.exchange_order_id).status == "cancelled"
    assert availability([medium])[medium] == 5
    assert ask(order).status == "requested"


@pytest.mark.covers("PEER-07")
def test_where_nothing_is_left_to_exchange_for_the_return_stays_requested(store: StoreRef) -> None:
    _, medium = _sizes(stock=1)
    order = delivered_order(make_user(), sku="TEE-S")
    found = ask(order, kind="exchange", wanted=medium)
    delivered_order(sku="TEE-M")

    with pytest.raises(OutOfStock):
        approve_return(return_id=found.pk)

    found.refresh_from_db()
    assert (found.status, found.exchange_order_id) == ("requested", None)


@pytest.mark.covers("PEER-07", "C-43")
def test_an_exchange_whose_order_was_cancelled_gives_the_money_back(store: StoreRef) -> None:
    _, medium = _sizes()
    order = delivered_order(make_user(), sku="TEE-S")
    found = approve_return(return_id=ask(order, kind="exchange", wanted=medium).pk)
    cancel_order(order_id=found.exchange_order_id, reason="customer")  # type: ignore[arg-type]

    receive_return(return_id=found.pk, units=_units(order))
    done = complete_return(return_id=found.pk)

    assert done.refund_cents == 2000


@pytest.mark.covers("PEER-07", "I-61")
def test_a_claim_is_refunded_with_nothing_sent_back_and_only_once(store: StoreRef) -> None:
    order = delivered_order(quantity=2, price_cents=1000)
    found = ask(order, kind="claim")
    approve_return(return_id=found.pk)

    done = complete_return(return_id=found.pk)

    assert (done.status, done.refund_cents) == ("completed", 1000)
    assert OrderLine.objects.get(pk=order.lines[0].id).returned_quantity == 0
    assert fresh(order).fulfillment_status == "delivered"
    with pytest.raises(ValidationFailed):
        ask(order, 2)


@pytest.mark.covers("PEER-07", "I-61")
def test_a_claim_is_replaced_at_once_also_when_it_is_not_sold_any_more(store: StoreRef) -> None:
    small, _ = _sizes()
    order = delivered_order(make_user(), sku="TEE-S")
    Variant.objects.filter(pk=small).update(is_active=False)
    found = approve_return(return_id=ask(order, kind="claim", wanted=small).pk)

    instead = Order.objects.get(pk=found.exchange_order_id)
    done = complete_return(return_id=found.pk)

    assert (instead.status, instead.held_at, instead.total_cents) == ("paid", None, 0)
    assert done.refund_cents == 0
    with pytest.raises(StepNotPossible):
        cancel_return(return_id=found.pk)


def _exchanged(order: Any, wanted: Any, quantity: int = 1, kind: str = "exchange") -> Any:
    """The order that was sent instead of the order's first line, and has arrived."""
    found = ask(order, quantity, kind=kind, wanted=wanted)
    approve_return(return_id=found.pk)
    if kind == "exchange":
        receive_return(return_id=found.pk, units=_units(order, quantity))
    complete_return(return_id=found.pk)
    found.refresh_from_db()
    instead = get_order(found.exchange_order_id)
    assert instead is not None
    return deliver(instead)


def _owed() -> list[tuple[str, int]]:
    """Who owes how much, in the order in which it was said."""
    events = Event.objects.filter(topic="order.refund_due").order_by("id")
    return [(event.payload["number"], event.payload["refundDueCents"]) for event in events]


@pytest.mark.covers("PEER-07", "C-43", "I-18")
@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_what_was_sent_instead_is_worth_what_was_paid_for_what_came_back(
    store: StoreRef, currency: str
) -> None:
    """Three units for 1000, exchanged in two steps, and back unit by unit: 1000, once."""
    sizes = {"A": "S", "B": "M"}
    product = make_product(
        variants=[
            {"sku": sku, "price_cents": 334, "currency": currency, "options": {"size": size}}
            for sku, size in sizes.items()
        ],
        stock=10,
    )
    order = delivered_order(
        make_user(),
        paid=True,
        items=[LineRequest(sku="A", quantity=3)],
        currency=currency,
        discount_cents=2,
    )
    first = _exchanged(order, product.variant_ids[1], 1)
    second = _exchanged(order, product.variant_ids[1], 2)

    refunds = [
        complete_return(return_id=came_back(one).pk).refund_cents for one in (second, first, second)
    ]
    drain_all()

    assert refunds == [334, 333, 333]
    assert _owed() == [(order.number, cents) for cents in refunds]
    assert Payment.objects.get().refunded_cents == order.total_cents == 1000
    assert fresh(order).payment_status == "refunded"


@pytest.mark.covers("PEER-07", "C-43")
def test_it_is_worth_no_more_than_that_and_staff_may_give_less(store: StoreRef) -> None:
    small, medium = _sizes()
    order = delivered_order(make_user(), sku="TEE-S")
    instead = _exchanged(order, medium)
    again = _exchanged(instead, small, kind="claim")
    found = came_back(again)

    with pytest.raises(RefundTooLarge) as refused:
        complete_return(return_id=found.pk, refund_cents=2001)
    done = complete_return(return_id=found.pk, refund_cents=1500)

    assert refused.value.extra == {"available_cents": 2000}
    assert done.refund_cents == 1500
    assert _owed() == [(order.number, 1500)]


@pytest.mark.covers("PEER-07", "C-43")
def test_goods_sent_instead_are_settled_after_the_return_that_they_were_sent_for(
    store: StoreRef,
) -> None:
    small, _ = _sizes()
    order = delivered_order(make_user(), sku="TEE-S")
    claim = approve_return(return_id=ask(order, kind="claim", wanted=small).pk)
    assert claim.exchange_order_id is not None
    instead = get_order(claim.exchange_order_id)
    assert instead is not None
    found = came_back(deliver(instead))

    with pytest.raises(StepNotPossible, match=f"Complete return {claim.number} first"):
        complete_return(return_id=found.pk)
    complete_return(return_id=claim.pk)
    done = complete_return(return_id=found.pk)

    assert done.refund_cents == 2000
    assert _owed() == [(order.number, 2000)]


@pytest.mark.covers("PEER-07", "PEER-08", "C-43")
def test_what_was_paid_for_it_besides_comes_out_of_its_own_order(store: StoreRef) -> None:
    _, medium = _sizes()
    order = delivered_order(make_user(), sku="TEE-S")
    instead = _exchanged(order, medium)
    Order.objects.filter(pk=instead.id).update(discount_cents=1700, total_cents=300)
    OrderLine.objects.filter(order_id=instead.id).update(discount_cents=1700, total_cents=300)

    done = complete_return(return_id=came_back(fresh(instead)).pk)

    assert done.refund_cents == 2300
    assert _owed() == [(order.number, 2000), (instead.number, 300)]
