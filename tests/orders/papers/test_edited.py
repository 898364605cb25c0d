"""What was invoiced follows what edits make of the order, line by line and once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.orders.editing import EditRequest
from apps.orders.facade import LineRequest, cancel_order, get_order
from apps.orders.models import Invoice, Order, OrderLine
from apps.orders.papers.invoice_pdf import draw_invoice
from apps.orders.services.edit_order import edit_order
from apps.orders.services.follow_edit import follow_edit
from apps.orders.types import OrderInfo
from apps.payments.models import Payment, Refund
from apps.payments.services.refund_payment import refund_payment
from apps.shipping.models import Shipment
from apps.shipping.services.ship_shipment import ship_shipment
from tests.catalog.factories import make_product
from tests.orders.companies.factories import make_company, make_member
from tests.orders.factories import make_order
from tests.orders.rules_factories import make_tax
from tests.payments.factories import committing, make_payment
from tests.support.people import make_user
from tests.support.work import at_once

Drain = Callable[[], int]


def edit(order: OrderInfo, *lines: tuple[str, int], add: tuple[LineRequest, ...] = ()) -> None:
    """So many of each SKU there are to be."""
    ids = dict(OrderLine.objects.filter(order_id=order.id).values_list("sku", "pk"))
    wanted = tuple((ids[sku], quantity) for sku, quantity in lines)
    with committing():
        edit_order(order_id=order.id, request=EditRequest(lines=wanted, add=add))


def papers() -> list[tuple[str, int]]:
    rows = Invoice.objects.order_by("issued_at", "number")
    return [(row.kind, row.total_cents) for row in rows]


def said(paper: Invoice) -> list[tuple[str, int, int]]:
    """SKU, quantity and gross amount of its lines."""
    lines = paper.content["lines"]
    return [(line["sku"], line["quantity"], line["gross_cents"]) for line in lines]


def bought(drain: Drain, *, quantity: int = 2, **fields: Any) -> tuple[OrderInfo, Any]:
    """A paid order of cups, with its invoice."""
    make_product(sku="CUP", price_cents=1_000, stock=50, currency=fields.get("currency", "USD"))
    user = make_user()
    order = make_order(user, sku="CUP", quantity=quantity, **fields)
    make_payment(user, order)
    drain()
    return order, user


@pytest.mark.covers("PEER-08", "PEER-11")
@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_an_order_made_dearer_gets_a_second_invoice_over_the_difference_once(
    store: StoreRef, drain: Drain, currency: str
) -> None:
    order, _ = bought(drain, currency=currency)

    edit(order, ("CUP", 5))
    drain()
    follow_edit(order_id=order.id)

    assert papers() == [("invoice", 2_000), ("invoice", 3_000)]
    first, second = Invoice.objects.order_by("number")
    year = first.issued_at.year
    assert second.number == f"INV-{year}-000002"
    assert said(second) == [("CUP", 3, 3_000)]
    assert second.content["totals"] == {
        "subtotal_cents": 3_000,
        "discount_cents": 0,
        "shipping_cents": 0,
        "net_cents": 3_000,
        "tax_cents": 0,
        "total_cents": 3_000,
    }
    assert draw_invoice(second.content).startswith(b"%PDF")


@pytest.mark.covers("PEER-08", "PEER-11")
def test_what_is_swapped_is_told_line_by_line_with_its_own_tax(
    store: StoreRef, drain: Drain
) -> None:
    # given cups at 20 % and books at 5 %
    make_tax("20")
    make_tax("5", category="books")
    order, _ = bought(drain)
    make_product(sku="BOOK", price_cents=4_000, stock=9, tax_category="books")

    # when a cup is swapped for a book
    edit(order, ("CUP", 1), add=(LineRequest(sku="BOOK"),))
    drain()

    # then the papers come to the order, tax by tax
    second = Invoice.objects.order_by("number")[1]
    assert said(second) == [("CUP", -1, -1_200), ("BOOK", 1, 4_200)]
    row = Order.objects.get(pk=order.id)
    assert sum(paper.total_cents for paper in Invoice.objects.all()) == row.total_cents == 5_400
    assert sum(paper.tax_cents for paper in Invoice.objects.all()) == row.tax_cents == 400


@pytest.mark.covers("PEER-08", "PEER-11")
def test_an_order_made_cheaper_gets_one_credit_note_about_what_went(
    store: StoreRef, drain: Drain
) -> None:
    order, _ = bought(drain, quantity=3)

    edit(order, ("CUP", 1))
    drain()

    # The money went back, and no second credit note says so.
    assert Refund.objects.get().amount_cents == 2_000
    assert papers() == [("invoice", 3_000), ("credit_note", 2_000)]
    note = Invoice.objects.get(kind="credit_note")
    assert said(note) == [("CUP", 2, 2_000)]
    assert note.content["corrects"]["number"] == Invoice.objects.get(kind="invoice").number


@pytest.mark.covers("PEER-08", "PEER-11")
def test_an_edit_that_is_taken_back_before_it_is_paid_takes_its_invoice_back(
    store: StoreRef, drain: Drain
) -> None:
    order, user = bought(drain)
    edit(order, ("CUP", 5))
    drain()

    edit(order, ("CUP", 2))
    drain()

    assert not Refund.objects.exists()
    assert papers() == [("invoice", 2_000), ("invoice", 3_000), ("credit_note", 3_000)]
    # And again: what is paid then is what the papers say.
    edit(order, ("CUP", 3))
    drain()
    make_payment(user, get_order(order.id))
    drain()
    assert papers()[3:] == [("invoice", 1_000)]


@pytest.mark.covers("PEER-08", "PEER-11")
def test_goodwill_and_edits_are_told_apart(store: StoreRef, drain: Drain) -> None:
    order, _ = bought(drain, quantity=3)
    payment = Payment.objects.get()
    with committing():
        refund_payment(payment_id=payment.pk, amount_cents=300, reason="Scratched")
    drain()

    edit(order, ("CUP", 2))
    drain()
    edit(order, ("CUP", 4))
    drain()
    with committing():
        refund_payment(payment_id=payment.pk, amount_cents=200, reason="Scratched")
    drain()

    assert papers() == [
        ("invoice", 3_000),
        ("credit_note", 300),
        ("credit_note", 1_000),
        ("invoice", 2_000),
        ("credit_note", 200),
    ]


@pytest.mark.covers("PEER-08", "PEER-11")
def test_an_edit_before_the_invoice_is_told_by_the_invoice_alone(
    store: StoreRef, drain: Drain
) -> None:
    make_product(sku="CUP", price_cents=1_000, stock=50)
    user = make_user()
    order = make_order(user, sku="CUP", quantity=3)
    # Paid, and edited before the news of it is worked off.
    make_payment(user, order)
    edit(order, ("CUP", 1))
    drain()

    assert Refund.objects.get().amount_cents == 2_000
    assert papers() == [("invoice", 1_000)]


@pytest.mark.covers("PEER-08", "PEER-11", "PEER-25")
def test_papers_on_account_follow_edits_and_are_taken_back_with_the_order(
    store: StoreRef, drain: Drain
) -> None:
    make_product(sku="CUP", price_cents=1_000, stock=50)
    company = make_company(net_terms_days=30)
    order = make_order(make_member(company), sku="CUP", quantity=3, organization_id=str(company.pk))
    drain()
    ship_shipment(shipment_id=Shipment.objects.get().pk)
    drain()

    edit(order, ("CUP", 5))
    drain()
    edit(order, ("CUP", 4))
    drain()
    Order.objects.filter(pk=order.id).update(fulfillment_status="returned")
    cancel_order(order_id=order.id, reason="returned")
    drain()

    assert papers() == [
        ("invoice", 3_000),
        ("invoice", 2_000),
        ("credit_note", 1_000),
        ("credit_note", 4_000),
    ]


@pytest.mark.covers("PEER-08", "PEER-11", "PEER-25")
def test_what_is_never_sent_after_an_edit_is_invoiced_then(store: StoreRef, drain: Drain) -> None:
    make_product(sku="CUP", price_cents=1_000, stock=50)
    make_product(
        variants=[
            {"sku": "FILE", "price_cents": 700, "currency": "USD", "requires_shipping": False}
        ],
        stock=9,
    )
    company = make_company(net_terms_days=30)
    order = make_order(
        make_member(company),
        items=[LineRequest(sku="CUP"), LineRequest(sku="FILE")],
        organization_id=str(company.pk),
    )
    drain()
    assert papers() == []

    edit(order, ("CUP", 0))
    drain()

    assert papers() == [("invoice", 700)]


@pytest.mark.slow
@pytest.mark.covers("PEER-08", "PEER-11")
def test_twenty_who_follow_the_same_edit_issue_one_invoice(
    live_store: StoreRef, drain: Drain
) -> None:
    order, _ = bought(drain)
    edit(order, ("CUP", 5))

    results = at_once(live_store, [lambda: follow_edit(order_id=order.id)] * 20)

    assert results == [None] * 20
    assert papers() == [("invoice", 2_000), ("invoice", 3_000)]
