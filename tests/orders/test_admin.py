"""Orders in the store's admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, RequestFactory

from apps.common.admin import store_admin
from apps.common.context import StoreRef
from apps.orders.facade import LineRequest, get_order
from apps.orders.models import Order, VendorOrder
from tests.catalog.factories import make_product, make_vendor
from tests.orders.factories import make_order
from tests.orders.rules_factories import make_method
from tests.support.people import make_user

LIST = "/admin/orders/order/"


@pytest.mark.covers("UI-04")
def test_the_list_shows_orders_with_money_as_text_in_few_queries(
    browser: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    orders = [make_order(price_cents=1999) for _ in range(5)]
    client = browser()
    client.get(LIST)

    with django_assert_max_num_queries(15):
        page = client.get(LIST).content.decode()

    assert all(order.number in page for order in orders)
    assert "19.99 USD" in page
    found = client.get(LIST, {"q": orders[0].lines[0].sku}).content.decode()
    assert (orders[0].number in found, orders[1].number in found) == (True, False)


def test_an_order_shows_its_lines_parts_and_history_to_read(
    browser: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    order = make_order(quantity=3, price_cents=500)
    client = browser()
    client.get(LIST)

    with django_assert_max_num_queries(15):
        answer = client.get(f"{LIST}{order.id}/change/")

    page = answer.content.decode()
    assert answer.status_code == 200
    for text in (order.lines[0].sku, "15.00 USD", f"{order.number}-1", "Confirmed"):
        assert text in page
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{order.id}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.covers("UI-04")
def test_an_order_names_its_method_and_whom_it_is_billed_to(
    browser: Callable[..., Client],
) -> None:
    method = make_method(name="By bicycle")
    bill_to = {"name": "Loom GmbH", "line1": "2 Mill Lane", "city": "Bonn", "country": "DE"}
    order = make_order(billing_address=bill_to, vat_id="DE136695976", shipping_method="parcel")
    plain = make_order(shipping_method="parcel")
    client = browser()

    def page(number: Any) -> str:
        return client.get(f"{LIST}{number}/change/").content.decode()

    shown = page(order.id)
    for text in ("By bicycle", "Loom GmbH, 2 Mill Lane, Bonn, DE", "DE136695976"):
        assert text in shown
    assert "The same" in page(plain.id)
    method.delete()
    assert "parcel" in page(order.id)


@pytest.mark.covers("ORD-16")
def test_selected_orders_are_cancelled_through_the_service(
    browser: Callable[..., Client],
) -> None:
    first, second = make_order(), make_order()
    form = {"action": "cancel_selected", "_selected_action": [str(first.id), str(second.id)]}

    browser().post(LIST, form)

    for order in (first, second):
        info = get_order(order.id)
        assert info is not None
        assert (info.status, info.cancel_reason) == ("cancelled", "staff")


@pytest.mark.covers("ORD-17", "ORD-18")
def test_a_vendors_people_are_given_their_parts_and_no_whole_orders(store: StoreRef) -> None:
    northwind = make_vendor("Northwind")
    make_product(sku="OURS", stock=9)
    make_product(sku="THEIRS", stock=9, vendor=northwind)
    mixed = make_order(items=[LineRequest("OURS"), LineRequest("THEIRS")])
    request = RequestFactory().get("/")
    request.user = make_user("vendor_owner", vendor_id=northwind.id)

    orders = store_admin.get_model_admin(Order).get_queryset(request)
    parts = store_admin.get_model_admin(VendorOrder).get_queryset(request)

    assert list(orders) == []
    assert [part.number for part in parts] == [f"{mixed.number}-2"]


def test_a_part_of_an_order_shows_what_its_vendor_has_to_send(
    browser: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    make_product(sku="OURS", stock=9)
    make_product(sku="THEIRS", stock=9, vendor=make_vendor("Northwind"))
    order = make_order(items=[LineRequest("OURS"), LineRequest("THEIRS")])
    part = next(part for part in order.vendor_orders if part.vendor_name == "Northwind")
    client = browser()
    client.get(LIST)

    with django_assert_max_num_queries(15):
        listed = client.get("/admin/orders/vendororder/").content.decode()
    with django_assert_max_num_queries(15):
        page = client.get(f"/admin/orders/vendororder/{part.id}/change/").content.decode()

    assert all(each.number in listed for each in order.vendor_orders)
    assert ("THEIRS" in page, "OURS" in page, "1 Analytical Way" in page) == (True, False, True)


@pytest.mark.covers("UI-04")
@pytest.mark.parametrize(
    ("order", "tax", "placed_by"),
    [
        (Order(currency="USD", tax_included_cents=926, source="api"), "9.26 USD included", "API"),
        (
            Order(currency="JPY", tax_cents=10, tax_included_cents=5, source="exchange:ORD-1-R1"),
            "10 JPY, 5 JPY included",
            "Exchange ORD-1-R1",
        ),
        (Order(currency="KWD", source="campaign:018f"), "0.000 KWD", "Campaign"),
    ],
)
def test_tax_within_the_prices_and_who_placed_it_are_told_in_words(
    order: Order, tax: str, placed_by: str
) -> None:
    page: Any = store_admin._registry[Order]

    assert (page.tax(order), page.placed_by(order)) == (tax, placed_by)
