"""What has left is not cancelled, however little of the order it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.accounts.services.change_status import change_status
from apps.common.context import StoreRef
from apps.inventory.facade import availability
from apps.orders.editing import EditRequest
from apps.orders.errors import StepNotPossible
from apps.orders.facade import cancel_order, get_order
from apps.orders.models import Invoice, Order, Return
from apps.orders.return_types import ReceivedUnits
from apps.orders.services.approve_return import approve_return
from apps.orders.services.cancel_return import cancel_return
from apps.orders.services.complete_return import complete_return
from apps.orders.services.edit_order import edit_order
from apps.orders.services.expire_orders import expire_orders
from apps.orders.services.receive_return import receive_return
from apps.orders.types import LineRequest, OrderInfo
from apps.payments.models import Payment, Refund
from apps.shipping.models import Shipment
from tests.catalog.factories import make_product, make_vendor
from tests.orders.companies.factories import make_company, make_member
from tests.orders.factories import make_order
from tests.orders.facts import captured, parcel, tell
from tests.orders.returns.factories import ask, came_back, deliver, delivered_order, fresh
from tests.payments.factories import committing, make_payment
from tests.support.people import make_user

Api = Callable[..., Any]
Drain = Callable[[], int]


def _leaves(order: OrderInfo, units: dict[str, int], *steps: str) -> None:
    """A parcel with these units leaves, and goes through the steps."""
    shipment, previous = uuid4(), "label_created"
    for status in ("shipped", *steps):
        tell(parcel(order, units, status, shipment, previous))
        previous = status


def _standing(order: OrderInfo) -> tuple[str, str, str]:
    now = fresh(order)
    return now.status, now.payment_status, now.fulfillment_status


@pytest.mark.covers("ORD-16", "ORD-26")
@pytest.mark.parametrize("steps", [(), ("in_transit",), ("delivered",)])
def test_a_paid_order_of_which_a_part_has_left_is_not_cancelled(
    api: Api, drain: Drain, steps: tuple[str, ...]
) -> None:
    # given three units that were paid, of which one has left
    ada, staff = make_user(), make_user("admin")
    make_product(sku="TEE", price_cents=1000, stock=9)
    order = make_order(ada, items=[LineRequest("TEE", quantity=3)])
    make_payment(ada, order)
    _leaves(order, {"TEE": 1}, *steps)
    url = f"/api/v1/orders/{order.id}"

    # when buyer and staff try to cancel it
    answers = [
        api(ada).post(f"{url}/cancel", {}),
        api(staff).post(f"{url}/cancel", {"reason": "asked by phone"}),
        api(staff).put(f"{url}/status", {"status": "cancelled"}),
    ]
    drain()

    # then it stands as it did, and no money goes back
    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (409, "invalid_transition")
    ] * 3
    assert _standing(order) == ("paid", "paid", "partial")
    assert (Payment.objects.get().refunded_cents, Refund.objects.count()) == (0, 0)
    assert not Invoice.objects.filter(kind="credit_note").exists()


@pytest.mark.covers("ORD-16", "PEER-33")
def test_one_vendors_parcel_keeps_the_whole_order_from_being_cancelled(store: StoreRef) -> None:
    make_product(sku="OURS", stock=9)
    make_product(sku="THEIRS", stock=9, vendor=make_vendor())
    order = make_order(items=[LineRequest("OURS"), LineRequest("THEIRS")])
    tell(captured(order))
    _leaves(order, {"THEIRS": 1}, "delivered")

    with pytest.raises(StepNotPossible):
        cancel_order(order_id=order.id, reason="customer")

    assert _standing(order) == ("paid", "paid", "partial")


@pytest.mark.covers("ORD-16", "PEER-08")
def test_what_has_not_left_is_taken_off_by_an_edit(store: StoreRef, drain: Drain) -> None:
    ada = make_user()
    make_product(sku="TEE", price_cents=1000, stock=9)
    order = make_order(ada, items=[LineRequest("TEE", quantity=3)])
    make_payment(ada, order)
    _leaves(order, {"TEE": 1}, "delivered")

    edit_order(order_id=order.id, request=EditRequest(lines=((order.lines[0].id, 1),)))
    drain()

    assert _standing(order) == ("delivered", "partially_refunded", "delivered")
    assert Payment.objects.get().refunded_cents == 2000


@pytest.mark.covers("ORD-26")
def test_when_all_that_left_comes_back_undelivered_the_order_can_be_cancelled(
    store: StoreRef,
) -> None:
    make_product(sku="TEE", stock=9)
    order = make_order(items=[LineRequest("TEE", quantity=3)])
    tell(captured(order))
    _leaves(order, {"TEE": 1}, "returned")
    assert _standing(order) == ("paid", "paid", "returned")

    assert cancel_order(order_id=order.id, reason="customer").status == "cancelled"


@pytest.mark.covers("PEER-25", "ORD-24", "ACC-18")
def test_an_order_on_account_that_is_partly_sent_stays_when_its_buyer_leaves(
    store: StoreRef, drain: Drain
) -> None:
    # given two orders on account, of one of which a part has left
    company = make_company(net_terms_days=30)
    buyer = make_member(company)
    make_product(sku="TEE", stock=9)
    items = [LineRequest("TEE", quantity=2)]
    sent, waiting = (
        make_order(buyer, items=items, organization_id=str(company.pk)) for _ in range(2)
    )
    _leaves(sent, {"TEE": 1})
    with pytest.raises(StepNotPossible):
        cancel_order(order_id=sent.id, reason="customer")

    # when the buyer's account is closed
    change_status(user_id=buyer.id, status="deactivated")
    drain()

    # then the other one alone is cancelled
    assert _standing(sent) == ("confirmed", "unpaid", "partial")
    assert fresh(waiting).cancel_reason == "account_closed"


@pytest.mark.covers("R3")
def test_an_unpaid_order_of_which_something_left_does_not_expire(store: StoreRef) -> None:
    make_product(sku="TEE", stock=9)
    past = timezone.now() - timedelta(seconds=1)
    sent, waiting = (make_order(sku="TEE", quantity=2, expires_at=past) for _ in range(2))
    _leaves(sent, {"TEE": 1})

    assert expire_orders() == 1

    assert [fresh(order).status for order in (sent, waiting)] == ["confirmed", "cancelled"]


@pytest.mark.covers("PEER-07", "ORD-16")
def test_a_claim_is_not_called_off_once_a_part_of_its_replacement_has_left(
    api: Api, drain: Drain
) -> None:
    # given a claim for two units, which are sent again, one of them already
    ada = make_user()
    variant = make_product(sku="TEE", stock=9).variant_ids[0]
    order = delivered_order(ada, sku="TEE", quantity=2)
    claim = approve_return(return_id=ask(order, 2, kind="claim", wanted=variant).pk)
    drain()
    instead = Order.objects.get(pk=claim.exchange_order_id)
    _leaves(get_order(instead.pk), {"TEE": 1})  # type: ignore[arg-type]

    # when the buyer calls it off
    answer = api(ada).post(f"/api/v1/returns/{claim.pk}/cancel", {})

    # then claim and replacement stand, with what is to be sent still reserved
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert Return.objects.get().status == "approved"
    instead.refresh_from_db()
    assert (instead.status, instead.fulfillment_status) == ("paid", "partial")
    assert availability([variant]) == {variant: 5}
    with pytest.raises(StepNotPossible):
        cancel_return(return_id=claim.pk)


@pytest.mark.covers("ORD-16", "ORD-25")
def test_the_vendor_ships_its_parcel_and_the_buyer_cannot_cancel(api: Api, drain: Drain) -> None:
    # given a paid order of two vendors, whose parcels are made
    ada, vendor = make_user(), make_vendor()
    make_product(sku="OURS", price_cents=500, stock=9)
    make_product(sku="THEIRS", price_cents=700, stock=9, vendor=vendor)
    order = make_order(ada, items=[LineRequest("OURS"), LineRequest("THEIRS")])
    make_payment(ada, order)
    drain()
    seller = api(make_user("vendor_owner", vendor_id=vendor.id))
    theirs = Shipment.objects.get(vendor_order_id=order.lines[1].vendor_order_id)

    # when the vendor ships
    shipped = seller.post(f"/api/v1/shipments/{theirs.pk}/ship", {})
    answer = api(ada).post(f"/api/v1/orders/{order.id}/cancel", {})

    # then the order goes on
    assert (shipped.status_code, answer.status_code) == (200, 409)
    assert _standing(order) == ("paid", "paid", "partial")
    others = Shipment.objects.exclude(pk=theirs.pk).values_list("status", flat=True)
    assert "cancelled" not in list(others)


def _shipped_order(user: Any, **fields: Any) -> OrderInfo:
    """A paid order that has left, and has not arrived."""
    order = make_order(user, **fields)
    make_payment(user, order)
    return deliver(fresh(order), status="shipped")


@pytest.mark.covers("ORD-16", "ORD-26", "PEER-07", "C-43")
def test_an_order_whose_goods_were_exchanged_is_not_cancelled(api: Api, drain: Drain) -> None:
    # given goods on their way that came back for others, which have arrived
    ada = make_user()
    variants = [
        {"sku": "TEE-S", "price_cents": 2000, "options": {"size": "S"}},
        {"sku": "TEE-M", "price_cents": 2000, "options": {"size": "M"}},
    ]
    medium = make_product(variants=variants, stock=5).variant_ids[1]
    order = _shipped_order(ada, sku="TEE-S")
    found = approve_return(return_id=ask(order, kind="exchange", wanted=medium).pk)
    receive_return(return_id=found.pk, units=[ReceivedUnits(order.lines[0].id, 1)])
    complete_return(return_id=found.pk)
    drain()
    deliver(get_order(found.exchange_order_id))  # type: ignore[arg-type]
    assert _standing(order) == ("shipped", "paid", "returned")

    # when the buyer cancels what they bought
    answer = api(ada).post(f"/api/v1/orders/{order.id}/cancel", {})
    drain()

    # then they keep what they have, and pay for it
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        f"Return {found.number} settles what came back of order {order.number}.",
    )
    assert _standing(order) == ("shipped", "paid", "returned")
    assert Payment.objects.get().refunded_cents == 0


@pytest.mark.covers("ORD-16", "ORD-26", "PEER-07", "C-43")
def test_what_a_return_held_back_is_not_given_by_cancelling(api: Api, drain: Drain) -> None:
    # given goods that came back worn, for which staff gave little
    ada = make_user()
    order = _shipped_order(ada, price_cents=2000)
    found = came_back(order, restock=False)
    with committing():
        complete_return(return_id=found.pk, refund_cents=100)
    drain()

    # when buyer and staff cancel the order
    url = f"/api/v1/orders/{order.id}/cancel"
    answers = [api(who).post(url, {}) for who in (ada, make_user("admin"))]
    drain()

    # then nothing more goes back
    assert [answer.status_code for answer in answers] == [409, 409]
    assert _standing(order) == ("shipped", "partially_refunded", "returned")
    assert Payment.objects.get().refunded_cents == 100
    notes = Invoice.objects.filter(kind="credit_note")
    assert list(notes.values_list("total_cents", flat=True)) == [100]


@pytest.mark.covers("ORD-26", "PEER-07")
def test_an_open_return_keeps_an_undelivered_order_until_it_is_called_off(store: StoreRef) -> None:
    order = make_order()
    tell(captured(order))
    sku, shipment = order.lines[0].sku, uuid4()
    tell(parcel(order, {sku: 1}, shipment_id=shipment))
    found = ask(order)
    tell(parcel(order, {sku: 1}, "returned", shipment, "shipped"))

    with pytest.raises(StepNotPossible, match=f"Return {found.number} settles"):
        cancel_order(order_id=order.id, reason="returned")
    cancel_return(return_id=found.pk)

    assert cancel_order(order_id=order.id, reason="returned").status == "cancelled"
