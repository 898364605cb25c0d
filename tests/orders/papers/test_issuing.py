"""Issuing: once, without a gap in the numbers, and with what was true then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from apps.accounts.types import Person
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.orders.companies import REVERSE_CHARGE_NOTE
from apps.orders.facade import cancel_order
from apps.orders.models import Invoice, NumberSeries, Order
from apps.orders.services.erase_person import erase_person, forget_old_orders
from apps.orders.services.issue_invoice import issue_invoice
from apps.payments.services.refund_payment import refund_payment
from apps.tenancy.services.update_store import update_store
from tests.orders.factories import ADDRESS, make_order
from tests.orders.rules_factories import make_tax
from tests.payments.factories import committing, make_payment
from tests.support.people import make_user
from tests.support.work import at_once

FRENCH = "FR40303265045"
PRINTED = {name: part for name, part in ADDRESS.items() if name != "phone"}
Drain = Callable[[], int]


def refund(payment: Any, cents: int) -> None:
    with committing():
        refund_payment(payment_id=payment.pk, amount_cents=cents, reason="Too big")


@pytest.mark.covers("PEER-11")
def test_a_paid_order_gets_one_invoice_that_says_what_was_bought(
    store: StoreRef, drain: Drain
) -> None:
    user = make_user()
    order = make_order(user, quantity=2, price_cents=1999, purchase_order_number="PO-7")
    assert not Invoice.objects.exists()

    make_payment(user, order)
    drain()
    drain()

    invoice = Invoice.objects.get()
    year = invoice.issued_at.year
    assert (invoice.number, invoice.kind, invoice.order_id) == (
        f"INV-{year}-000001",
        "invoice",
        order.id,
    )
    assert (invoice.total_cents, invoice.tax_cents, invoice.currency) == (3998, 0, "USD")
    content = invoice.content
    assert content["seller"]["name"] == store.name
    assert content["buyer"]["address"] == PRINTED
    assert content["order"]["number"] == order.number
    assert content["order"]["purchase_order_number"] == "PO-7"
    line = content["lines"][0]
    assert (line["sku"], line["quantity"], line["unit_price_cents"], line["gross_cents"]) == (
        order.lines[0].sku,
        2,
        1999,
        3998,
    )
    assert content["totals"]["total_cents"] == 3998


PARIS = {**ADDRESS, "city": "Paris", "state": "", "postal_code": "75001", "country": "FR"}


@pytest.mark.covers("PEER-11", "PEER-25")
def test_papers_say_what_the_store_is_now_and_not_when_the_worker_began(
    store: StoreRef, drain: Drain
) -> None:
    make_tax("20", country="FR")
    user = make_user()
    with committing():
        changed = update_store(store.slug, settings={"seller_country": "DE"}).settings
    with enter_store(replace(store, settings=changed)):
        order = make_order(user, price_cents=1_000, shipping_address=PARIS, vat_id=FRENCH)
        payment = make_payment(user, order)

    drain()
    with committing():
        new = {"seller_country": "AT", "credit_note_prefix": "GS"}
        update_store(store.slug, settings=new, branding={"legal_name": "Acme GmbH"})
    refund(payment, 500)
    drain()

    invoice, note = Invoice.objects.get(kind="invoice"), Invoice.objects.get(kind="credit_note")
    assert (order.total_cents, order.tax_cents) == (1_000, 0)
    assert (invoice.content["seller"]["country"], invoice.content["notes"]) == (
        "DE",
        [REVERSE_CHARGE_NOTE],
    )
    assert (note.content["seller"]["country"], note.content["seller"]["name"]) == (
        "AT",
        "Acme GmbH",
    )
    assert note.number == f"GS-{note.issued_at.year}-000001"
    assert note.content["notes"] == [REVERSE_CHARGE_NOTE]


@pytest.mark.covers("PEER-11", "PEER-25")
def test_what_was_priced_with_a_rate_of_nothing_is_no_reverse_charge(
    store: StoreRef, drain: Drain
) -> None:
    make_tax("0", country="FR")
    user = make_user()
    order = make_order(user, price_cents=1_000, shipping_address=PARIS, vat_id=FRENCH)
    with committing():
        update_store(store.slug, settings={"seller_country": "DE"})

    make_payment(user, order)
    drain()

    content = Invoice.objects.get().content
    assert (content["seller"]["country"], content["notes"]) == ("DE", [])


@pytest.mark.covers("PEER-11")
@pytest.mark.parametrize(("currency", "price"), [("JPY", 1980), ("KWD", 12_345)])
def test_each_refund_gets_a_credit_note_over_exactly_its_amount(
    store: StoreRef, drain: Drain, currency: str, price: int
) -> None:
    user = make_user()
    order = make_order(user, quantity=3, price_cents=price, currency=currency)
    payment = make_payment(user, order)
    drain()

    refund(payment, 1_000)
    drain()
    refund(payment, 3 * price - 1_000)
    drain()

    notes = list(Invoice.objects.filter(kind="credit_note").order_by("number"))
    assert [note.total_cents for note in notes] == [1_000, 3 * price - 1_000]
    invoice = Invoice.objects.get(kind="invoice")
    year = invoice.issued_at.year
    assert [note.number for note in notes] == [f"CRN-{year}-000001", f"CRN-{year}-000002"]
    assert {note.corrects_id for note in notes} == {invoice.pk}
    assert sum(note.content["lines"][0]["gross_cents"] for note in notes) == 3 * price


@pytest.mark.covers("PEER-11")
def test_a_refund_that_is_heard_of_first_still_corrects_an_invoice(
    store: StoreRef, drain: Drain
) -> None:
    user = make_user()
    payment = make_payment(user, make_order(user))

    refund(payment, 500)
    drain()

    invoice = Invoice.objects.get(kind="invoice")
    assert Invoice.objects.get(kind="credit_note").corrects_id == invoice.pk


@pytest.mark.covers("PEER-11")
def test_an_order_that_was_never_paid_has_no_papers(store: StoreRef, drain: Drain) -> None:
    order = make_order()

    cancel_order(order_id=order.id, reason="customer")
    drain()

    assert not Invoice.objects.exists()


@pytest.mark.covers("PEER-11")
def test_a_rolled_back_issue_leaves_no_gap(store: StoreRef) -> None:
    first, second = make_order(), make_order()

    class Boom(Exception):
        pass

    with pytest.raises(Boom), transaction.atomic():
        issue_invoice(order_id=first.id)
        raise Boom

    assert issue_invoice(order_id=second.id).number.endswith("-000001")
    assert issue_invoice(order_id=first.id).number.endswith("-000002")
    assert issue_invoice(order_id=first.id).number.endswith("-000002")


@pytest.mark.slow
@pytest.mark.covers("PEER-11")
def test_twenty_who_issue_at_once_take_the_numbers_one_to_twenty(live_store: StoreRef) -> None:
    user = make_user()
    orders = [make_order(user) for _ in range(20)]

    results = at_once(live_store, [lambda pk=one.id: issue_invoice(order_id=pk) for one in orders])

    assert [one for one in results if isinstance(one, Exception)] == []
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    year = Invoice.objects.earliest("number").issued_at.year
    assert numbers == [f"INV-{year}-{value:06d}" for value in range(1, 21)]
    assert NumberSeries.objects.get().next_value == 21


@pytest.mark.slow
@pytest.mark.covers("PEER-11")
def test_twenty_who_issue_the_same_invoice_issue_one(live_store: StoreRef) -> None:
    order = make_order(make_user())

    results: list[Any] = at_once(live_store, [lambda: issue_invoice(order_id=order.id)] * 20)

    assert {one.number for one in results} == {Invoice.objects.get().number}
    assert NumberSeries.objects.get().next_value == 2


@pytest.mark.covers("PEER-11", "CMP-01", "CMP-04")
def test_an_invoice_names_its_buyer_until_the_books_need_not_be_kept(
    store: StoreRef, drain: Drain, settings: Any
) -> None:
    user = make_user()
    make_payment(user, make_order(user, purchase_order_number="PO of Ada"))
    drain()
    erase_person(Person(user.id, user.email, "erased@erased.invalid"))
    assert Invoice.objects.get().content["buyer"]["address"] == PRINTED

    Order.objects.update(created_at=timezone.now() - timedelta(days=3_000))
    forget_old_orders()

    content = Invoice.objects.get().content
    assert content["buyer"] == {"company": "", "address": None, "vat_id": ""}
    assert content["ship_to"] is None
    assert content["order"]["purchase_order_number"] == ""
    assert content["totals"]["total_cents"] == 1999
