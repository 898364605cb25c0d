"""The credit note of a return is about what came back, and about its tax alone."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from apps.common.context import StoreRef
from apps.orders.facade import LineRequest, get_order
from apps.orders.models import Invoice
from apps.orders.return_types import ReceivedUnits, ReturnLineRequest
from apps.orders.services.approve_return import approve_return
from apps.orders.services.complete_return import complete_return
from apps.orders.services.receive_return import receive_return
from apps.orders.services.request_return import request_return
from apps.orders.types import OrderInfo
from apps.payments.models import Payment
from apps.payments.services.refund_payment import refund_payment
from tests.catalog.factories import make_product
from tests.orders.returns.factories import came_back, deliver, delivered_order
from tests.orders.rules_factories import make_market, make_method, make_tax
from tests.payments.factories import committing
from tests.support.people import make_user

Drain = Callable[[], int]


def said(note: Invoice) -> list[tuple[str, int, int]]:
    """SKU, gross and tax of its lines, and of the shipping without a SKU."""
    rows = [*note.content["lines"], *filter(None, [note.content["shipping"]])]
    return [(row.get("sku", ""), row["gross_cents"], row["tax_cents"]) for row in rows]


@pytest.fixture
def notes(store: StoreRef, drain: Drain) -> Callable[[], list[Invoice]]:
    """Works off what is owed; the credit notes, oldest first."""

    def issued() -> list[Invoice]:
        drain()
        return list(Invoice.objects.filter(kind="credit_note").order_by("number"))

    return issued


@pytest.mark.covers("PEER-07", "PEER-11")
@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_a_return_is_credited_by_its_own_lines_and_rates(
    store: StoreRef, notes: Callable[[], list[Invoice]], currency: str
) -> None:
    # given books at 5 %, cups at 20 %, and shipping at no tax
    make_tax("20")
    make_tax("5", category="books")
    make_tax("0", category="shipping")
    make_method(300, currency=currency)
    make_product(sku="BOOK", price_cents=1_000, stock=9, currency=currency, tax_category="books")
    make_product(sku="CUP", price_cents=2_000, stock=9, currency=currency)
    items = [LineRequest("BOOK", quantity=2), LineRequest("CUP")]
    order = delivered_order(make_user(), paid=True, items=items, currency=currency)
    notes()

    # when a book comes back, and then another one with the shipping
    with committing():
        complete_return(return_id=came_back(order).pk, refund_cents=1_050)
    (first,) = notes()
    with committing():
        last = came_back(order)
        complete_return(return_id=last.pk, refund_cents=1_350, refund_shipping_cents=300)
    second = notes()[1]

    # then nothing is said of the cup
    assert said(first) == [("BOOK", 1_050, 50)]
    assert said(second) == [("BOOK", 1_050, 50), ("", 300, 0)]
    assert (first.tax_cents, second.total_cents, second.tax_cents) == (50, 1_350, 50)


@pytest.mark.covers("PEER-07", "PEER-11")
def test_what_was_given_back_of_a_line_before_is_not_credited_twice(
    store: StoreRef, notes: Callable[[], list[Invoice]]
) -> None:
    make_product(sku="BOOK", price_cents=1_000, stock=9)
    make_product(sku="CUP", price_cents=1_000, stock=9)
    items = [LineRequest("BOOK"), LineRequest("CUP")]
    order = delivered_order(make_user(), paid=True, items=items)
    with committing():
        # Of goodwill, and so of both.
        refund_payment(payment_id=Payment.objects.get().pk, amount_cents=600, reason="Late")
    with committing():
        complete_return(return_id=came_back(order).pk)

    goodwill, returned = notes()

    # The book is worth 1,000 still, of which its row has 700 left.
    assert said(goodwill) == [("BOOK", 300, 0), ("CUP", 300, 0)]
    assert said(returned) == [("BOOK", 700, 0), ("CUP", 300, 0)]


def exchanged(order: OrderInfo, variant_id: UUID, *skus: str) -> OrderInfo:
    """The order of the variant that was sent for a unit of each of these, and has arrived."""
    lines = [line for line in order.lines if line.sku in skus]
    wanted = [ReturnLineRequest(line.id, 1, "unwanted", "", variant_id) for line in lines]
    (found,) = request_return(order_id=order.id, lines=wanted, kind="exchange")
    found = approve_return(return_id=found.pk)
    receive_return(return_id=found.pk, units=[ReceivedUnits(line.id, 1) for line in lines])
    complete_return(return_id=found.pk)
    assert found.exchange_order_id is not None
    instead = get_order(found.exchange_order_id)
    assert instead is not None
    return deliver(instead)


@pytest.mark.covers("PEER-07", "PEER-11", "C-43")
@pytest.mark.parametrize("times", [1, 2])
def test_goods_that_were_sent_for_others_are_credited_by_what_was_paid_for_these(
    store: StoreRef, notes: Callable[[], list[Invoice]], times: int
) -> None:
    # given a cup at 19 % that was exchanged, and books at 7 %, with the tax in the prices
    make_market(prices_include_tax=True)
    make_tax("19")
    make_tax("7", category="books")
    cup = make_product(sku="CUP", price_cents=777, stock=9).variant_ids[0]
    make_product(sku="BOOK", price_cents=1_000, stock=9, tax_category="books")
    items = [LineRequest("CUP"), LineRequest("BOOK", quantity=3)]
    instead = delivered_order(make_user(), paid=True, items=items)
    for _ in range(times):
        instead = exchanged(instead, cup, "CUP")
    notes()

    # when what was sent for it comes back
    with committing():
        done = complete_return(return_id=came_back(instead).pk)
    (note,) = notes()

    # then the cup is credited, with its tax
    assert done.refund_cents == 777
    assert said(note) == [("CUP", 777, 124)]
    assert (note.order.number, note.tax_cents) == (note.content["order"]["number"], 124)


@pytest.mark.covers("PEER-07", "PEER-11", "C-43")
def test_one_variant_for_two_lines_is_credited_by_what_either_cost(
    store: StoreRef, notes: Callable[[], list[Invoice]]
) -> None:
    # given a cup and a dearer mug, for both of which cups were sent, and a book
    make_tax("20")
    make_tax("10", category="mugs")
    cup = make_product(sku="CUP", price_cents=1_000, stock=9).variant_ids[0]
    make_product(sku="MUG", price_cents=2_000, stock=9, tax_category="mugs")
    make_product(sku="BOOK", price_cents=5_000, stock=9)
    items = [LineRequest("CUP"), LineRequest("MUG"), LineRequest("BOOK")]
    order = delivered_order(make_user(), paid=True, items=items)
    instead = exchanged(order, cup, "CUP", "MUG")
    notes()

    # when all of them come back
    units = [ReturnLineRequest(line.id, line.quantity, "unwanted") for line in instead.lines]
    (found,) = request_return(order_id=instead.id, lines=units)
    approve_return(return_id=found.pk)
    came = [ReceivedUnits(line.id, line.quantity) for line in instead.lines]
    receive_return(return_id=found.pk, units=came)
    with committing():
        done = complete_return(return_id=found.pk)
    (note,) = notes()

    # then nothing is said of the book
    assert done.refund_cents == 3_400
    assert said(note) == [("CUP", 1_200, 200), ("MUG", 2_200, 200)]
