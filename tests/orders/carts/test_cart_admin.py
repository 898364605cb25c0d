"""Carts in admin: seen, narrowed, never changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.common.context import StoreRef
from apps.orders.models import Cart
from tests.catalog.factories import make_product
from tests.orders.carts.factories import CART, Shopper
from tests.support.people import make_user

Api = Callable[..., Any]
CARTS = "/admin/orders/cart/"


@pytest.fixture
def desk(store: StoreRef, api: Api) -> Client:
    make_product(sku="TEE-S", price_cents=1999, stock=100, name="Tee")
    ada, guest = Shopper(api(make_user(email="ada@example.com"))), Shopper(api())
    ada.add(quantity=2)
    guest.add(quantity=3)
    guest.send("patch", CART, {"email": "bea@example.com"})
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("admin"))
    return client


@pytest.mark.covers("CRT-02", "PEER-17")
def test_staff_see_whose_carts_there_are_and_which_were_left_behind(desk: Client) -> None:
    shown = desk.get(CARTS).content.decode()
    assert "ada@example.com" in shown
    assert "bea@example.com" in shown

    Cart.objects.filter(email="bea@example.com").update(abandoned_at=timezone.now())
    left = desk.get(f"{CARTS}?reminder=abandoned").content.decode()
    assert "bea@example.com" in left
    assert "ada@example.com" not in left
    assert "bea@example.com" not in desk.get(f"{CARTS}?reminder=recovered").content.decode()


@pytest.mark.covers("CRT-02")
def test_a_cart_is_read_and_not_changed(desk: Client) -> None:
    cart = Cart.objects.get(email="bea@example.com")
    page = desk.get(f"{CARTS}{cart.pk}/change/")

    assert page.status_code == 200
    text = page.content.decode()
    assert "Tee" in text
    assert "TEE-S" in text
    assert str(cart.token_hash) not in text
    assert desk.post(f"{CARTS}{cart.pk}/change/", {"notes": "x"}).status_code == 403
    assert desk.get(f"{CARTS}add/").status_code == 403
    assert desk.post(f"{CARTS}{cart.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_page_of_many_carts_costs_as_many_statements_as_one_of_two(desk: Client) -> None:
    desk.get(CARTS)
    with CaptureQueriesContext(connection) as few:
        desk.get(CARTS)
    for _ in range(10):
        Cart.objects.create(
            customer=make_user(), currency="USD", active_at=timezone.now(), status="active"
        )
    with CaptureQueriesContext(connection) as many:
        desk.get(CARTS)
    assert len(many) == len(few)


def test_a_vendors_people_see_no_carts(desk: Client, store: StoreRef) -> None:
    from tests.catalog.factories import make_vendor

    vendor = make_vendor("Kestrel")
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("vendor_owner", vendor_id=vendor.pk))

    assert client.get(CARTS).status_code in {302, 403}
