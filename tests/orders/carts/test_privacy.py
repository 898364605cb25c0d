"""Whose a cart was: exported, and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.types import Person
from apps.common.context import StoreRef
from apps.orders.models import Cart, CartLine
from apps.orders.personal import export_carts
from apps.orders.services.clear_carts import erase_carts
from tests.catalog.factories import make_product
from tests.orders.carts.factories import CART, Shopper
from tests.orders.factories import ADDRESS, make_order
from tests.support.people import make_user

Api = Callable[..., Any]


@pytest.fixture
def shoppers(api: Api, store: StoreRef) -> dict[str, Any]:
    make_product(sku="TEE-S", price_cents=1999, stock=100)
    user = make_user(email="ada@example.com")
    own, guest, other = Shopper(api(user)), Shopper(api()), Shopper(api())
    for shopper in (own, guest, other):
        shopper.add()
    guest.send("patch", CART, {"email": "ada@example.com", "shipping_address": ADDRESS})
    other.send("patch", CART, {"email": "bea@example.com"})
    return {"user": user, "other": other}


def person(user: Any, **fields: Any) -> Person:
    return Person(user.id, user.email, "erased-1@erased.invalid", **fields)


@pytest.mark.covers("CMP-01")
def test_a_person_gets_the_carts_of_account_and_address(shoppers: dict[str, Any]) -> None:
    carts = export_carts(person(shoppers["user"]))["carts"]

    assert [cart["email"] for cart in carts] == ["", "ada@example.com"]
    assert carts[1]["shipping_address"] == ADDRESS
    assert carts[0]["items"] == [{"sku": "TEE-S", "quantity": 1, "saved_for_later": False}]
    assert "token_hash" not in carts[0]
    assert len(export_carts(person(shoppers["user"], by_email=False))["carts"]) == 1


@pytest.mark.covers("CMP-01")
def test_an_erased_person_leaves_no_cart_but_what_became_an_order(
    shoppers: dict[str, Any],
) -> None:
    user = shoppers["user"]
    order = make_order(user, sku="TEE-S")
    ordered = Cart.objects.create(
        customer=user,
        status="ordered",
        order_id=order.id,
        currency="USD",
        shipping_address=ADDRESS,
        notes="Ring",
        active_at=order.created_at,
    )

    assert erase_carts(person(user)) is True

    ordered.refresh_from_db()
    assert (ordered.email, ordered.shipping_address, ordered.notes) == ("", None, "")
    assert set(Cart.objects.values_list("email", flat=True)) == {"", "bea@example.com"}
    assert Cart.objects.count() == 2
    assert CartLine.objects.get().cart.email == "bea@example.com"
    assert erase_carts(person(user)) is True
