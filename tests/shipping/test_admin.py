"""Parcels in the store's admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.common.context import StoreRef
from tests.shipping.factories import make_paid_order, order_of, shipment_of
from tests.support.people import make_user

LIST = "/admin/shipping/shipment/"
Browser = Callable[..., Client]


@pytest.fixture
def browser(store: StoreRef) -> Browser:
    def sign_in(role: str = "support", **fields: Any) -> Client:
        client = Client(HTTP_HOST=store.domain)
        client.force_login(make_user(role, **fields))
        return client

    return sign_in


def test_the_list_shows_numbers_and_names_in_few_queries(
    browser: Browser, drain: Callable[[], int], django_assert_max_num_queries: Any
) -> None:
    orders = [make_paid_order() for _ in range(5)]
    drain()
    client = browser()
    client.get(LIST)

    with django_assert_max_num_queries(15):
        page = client.get(LIST).content.decode()

    for order in orders:
        assert order.number in page
        assert shipment_of(order).tracking_number in page
    found = client.get(LIST, {"q": orders[0].number}).content.decode()
    assert (orders[0].number in found, orders[1].number in found) == (True, False)


def test_a_parcel_shows_what_is_in_it_and_its_way(
    browser: Browser, drain: Callable[[], int], django_assert_max_num_queries: Any
) -> None:
    order = make_paid_order()
    drain()
    client = browser()
    client.get(LIST)

    with django_assert_max_num_queries(15):
        page = client.get(f"{LIST}{shipment_of(order).id}/change/").content.decode()

    assert order.lines[0].sku in page
    assert "Label created" in page
    assert "1 Analytical Way, 62701, Springfield" in page


def test_parcels_are_shipped_and_delivered_by_actions(
    browser: Browser, drain: Callable[[], int]
) -> None:
    order = make_paid_order()
    drain()
    client = browser()
    chosen = {"_selected_action": [str(shipment_of(order).id)]}

    client.post(LIST, {"action": "mark_shipped", **chosen})
    assert order_of(order.id).status == "shipped"
    again = client.post(LIST, {"action": "mark_shipped", **chosen}, follow=True)
    client.post(LIST, {"action": "mark_delivered", **chosen})

    assert "is shipped and cannot become shipped" in again.content.decode()
    assert order_of(order.id).status == "delivered"


@pytest.mark.covers("SHP-07", "SHP-09")
def test_a_parcel_has_the_buttons_of_its_next_steps(
    browser: Browser, drain: Callable[[], int]
) -> None:
    order = make_paid_order()
    drain()
    page = f"{LIST}{shipment_of(order).id}/"
    client = browser()

    fresh = client.get(f"{page}change/").content.decode()
    asked = client.get(f"{page}ship_one/").content.decode()
    assert order_of(order.id).status == "paid"
    client.post(f"{page}ship_one/", {"_form_submitted": "on"})
    again = client.post(f"{page}ship_one/", {"_form_submitted": "on"}, follow=True)
    on_its_way = client.get(f"{page}change/").content.decode()
    stranger = browser("vendor_owner").post(f"{page}deliver_one/", {"_form_submitted": "on"})
    reader = browser("editor").post(f"{page}deliver_one/", {"_form_submitted": "on"})
    nonsense = client.post(f"{LIST}abc/deliver_one/", {"_form_submitted": "on"})
    nowhere = client.get(f"{LIST}abc/change/")
    assert order_of(order.id).status == "shipped"
    client.post(f"{page}deliver_one/", {"_form_submitted": "on"})

    assert ("ship_one" in fresh, "deliver_one" in fresh) == (True, False)
    assert "It leaves the house" in asked
    assert "is shipped and cannot become shipped" in again.content.decode()
    assert ("ship_one" in on_its_way, "deliver_one" in on_its_way) == (False, True)
    assert (stranger.status_code, reader.status_code) == (404, 403)
    assert (nonsense.status_code, nowhere.status_code) == (404, 302)
    assert order_of(order.id).status == "delivered"


def test_the_label_opens_from_admin_for_those_who_may_see_the_parcel(
    browser: Browser, drain: Callable[[], int]
) -> None:
    order = make_paid_order()
    drain()
    path = f"{LIST}{shipment_of(order).id}/label.pdf"

    answer = browser().get(path)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert browser("editor").get(path).status_code == 404
    assert browser("vendor_owner").get(path).status_code == 404


def test_who_may_not_see_shipments_does_not(browser: Browser) -> None:
    assert browser("editor").get(LIST).status_code == 403
    assert browser("customer").get(LIST).status_code == 302
