"""Papers over HTTP: who sees which, as JSON and as PDF."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from apps.events.models import Event
from apps.orders.facade import LineRequest
from apps.orders.models import Invoice
from tests.catalog.factories import make_product, make_vendor
from tests.orders.factories import make_order
from tests.orders.rules_factories import make_method
from tests.payments.factories import make_payment
from tests.support.people import make_user

Api = Callable[..., Any]
Drain = Callable[[], int]
URL = "/api/v1/invoices"


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


@pytest.fixture
def invoice(store: Any, drain: Drain) -> Invoice:
    user = make_user()
    make_payment(user, make_order(user, quantity=2, price_cents=1250))
    drain()
    return Invoice.objects.select_related("order__customer").get()


@pytest.mark.covers("PEER-11")
def test_the_buyer_and_staff_read_an_invoice_and_nobody_else(api: Api, invoice: Invoice) -> None:
    buyer = invoice.order.customer
    for user in (buyer, make_user("support"), make_user("finance")):
        client = api(user)
        assert client.get(URL).json()["results"][0]["number"] == invoice.number
        shown = client.get(f"{URL}/{invoice.pk}").json()
        assert (shown["total_cents"], shown["order_number"]) == (2500, invoice.order.number)
        assert shown["content"]["lines"][0]["quantity"] == 2
        listed = client.get(f"/api/v1/orders/{invoice.order_id}/invoices").json()
        assert [row["id"] for row in listed["results"]] == [str(invoice.pk)]
        pdf = client.get(f"{URL}/{invoice.pk}.pdf")
        assert pdf.headers["Content-Type"] == "application/pdf"
        assert invoice.number in text_of(pdf.content)

    other = api(make_user())
    assert other.get(URL).json()["count"] == 0
    for path in (f"{URL}/{invoice.pk}", f"{URL}/{invoice.pk}.pdf"):
        answer = other.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "invoice_not_found")
    assert other.get(f"/api/v1/orders/{invoice.order_id}/invoices").status_code == 404
    assert api().get(f"{URL}/{invoice.pk}.pdf").status_code == 401


@pytest.mark.covers("PEER-11")
def test_a_vendor_has_packing_slips_and_no_invoices(api: Api, store: Any, drain: Drain) -> None:
    vendor = make_vendor(name="Weavers")
    make_product(sku="LOOM", name="Hand loom", vendor=vendor, stock=5, price_cents=4_000)
    make_product(sku="OWN", name="Store mug", stock=5)
    user = make_user()
    order = make_order(
        user,
        items=[LineRequest(sku="LOOM", quantity=2), LineRequest(sku="OWN", quantity=1)],
        notes="Leave it at the door",
    )
    make_payment(user, order)
    drain()
    part = next(row for row in order.vendor_orders if row.vendor_id == vendor.pk)
    foreign = next(row for row in order.vendor_orders if row.vendor_id != vendor.pk)
    client = api(make_user("vendor_owner", vendor_id=vendor.pk))

    slip = client.get(f"/api/v1/vendor-orders/{part.id}/packing-slip.pdf")

    shown = text_of(slip.content)
    assert (slip.status_code, slip.headers["Content-Type"]) == (200, "application/pdf")
    for words in ("Hand loom", "LOOM", "Ada Lovelace", "Leave it at the door", part.number):
        assert words in shown
    assert "Store mug" not in shown
    assert "40.00" not in shown
    assert client.get(f"/api/v1/vendor-orders/{foreign.id}/packing-slip.pdf").status_code == 404
    assert client.get(URL).json()["count"] == 0
    assert client.get(f"/api/v1/orders/{order.id}/invoices").status_code == 404
    assert client.get(f"{URL}/{Invoice.objects.get().pk}").status_code == 404


@pytest.mark.covers("PEER-11", "PEER-16")
def test_the_way_in_which_it_is_sent_is_named_on_the_slip(api: Api, store: Any) -> None:
    vendor = make_vendor(name="Weavers")
    make_product(sku="LOOM", vendor=vendor, stock=5, price_cents=4_000)
    make_product(sku="OWN", stock=5)
    make_method(code="std-1", name="Parcel, three days")
    make_method(code="std-1", name="Van of the weavers", vendor_id=vendor.pk)
    order = make_order(
        items=[LineRequest(sku="LOOM"), LineRequest(sku="OWN")], shipping_method="std-1"
    )
    staff = make_user("owner")

    slips = {}
    for part in order.vendor_orders:
        slip = api(staff).get(f"/api/v1/vendor-orders/{part.id}/packing-slip.pdf")
        slips[part.vendor_id == vendor.pk] = text_of(slip.content)

    assert "Van of the weavers" in slips[True]
    assert "Parcel, three days" in slips[False]
    assert "Van of the weavers" not in slips[False]
    assert all("std-1" not in text for text in slips.values())


@pytest.mark.covers("PEER-11")
def test_a_mailed_link_opens_the_pdf_and_an_altered_one_does_not(
    api: Api, invoice: Invoice
) -> None:
    path = Event.objects.get(topic="invoice.issued").payload["downloadPath"]

    opened, altered = api().get(path), api().get(f"{path[:-3]}abc")

    assert invoice.number in text_of(opened.content)
    assert (altered.status_code, altered.json()["code"]) == (403, "link_refused")


@pytest.mark.covers("PEER-11")
def test_invoices_are_found_by_kind_number_order_and_day(api: Api, invoice: Invoice) -> None:
    client = api(make_user("finance"))

    def count(query: str) -> Any:
        return client.get(f"{URL}?{query}").json()["count"]

    assert count("kind=invoice") == 1
    assert count("kind=credit_note") == 0
    assert count(f"number={invoice.number.lower()}") == 1
    assert count(f"order_id={invoice.order_id}") == 1
    assert count(f"order_number={invoice.order.number}") == 1
    assert count("issued_after=2099-01-01T00:00:00Z") == 0
    for query in ("kind=paper", "order_id=x", "issued_after=yesterday"):
        assert client.get(f"{URL}?{query}").status_code == 400


@pytest.mark.covers("PEER-11")
def test_a_list_of_invoices_costs_the_same_however_long(api: Api, store: Any, drain: Drain) -> None:
    client = api(make_user("finance"))
    client.get(URL)
    counts = []
    for _ in range(2):
        user = make_user()
        make_payment(user, make_order(user))
        drain()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(URL).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
