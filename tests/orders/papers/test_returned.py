"""The credit note of a return is about what came back, and about its tax alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.common.context import StoreRef
from apps.orders.facade import LineRequest
from apps.orders.models import Invoice
from apps.orders.services.complete_return import complete_return
from apps.payments.models import Payment
from apps.payments.services.refund_payment import refund_payment
from tests.catalog.factories import make_product
from tests.orders.returns.factories import came_back, delivered_order
from tests.orders.rules_factories import make_method, make_tax
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
