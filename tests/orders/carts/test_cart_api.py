"""The cart over HTTP: what goes in, what it costs, what comes out again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.common.context import StoreRef
from apps.orders.api.carts_serializers import CartLineSerializer, CartSerializer
from apps.orders.carts import hash_of
from apps.orders.models import Cart, CartLine
from tests.catalog.factories import make_product
from tests.orders.carts.factories import CART, ITEMS, Shopper, errors, problems, quantities
from tests.orders.factories import ADDRESS
from tests.support.people import make_user

Api = Callable[..., Any]


@pytest.fixture
def tee(store: StoreRef) -> Any:
    return make_product(sku="TEE-S", price_cents=1999, stock=100, name="Tee")


@pytest.fixture
def guest(api: Api, tee: Any) -> Shopper:
    return Shopper(api())


@pytest.mark.covers("CRT-01", "CRT-02", "PEER-15")
def test_a_guests_first_goods_open_a_cart_whose_token_is_told_once(guest: Shopper) -> None:
    opened = guest.add(quantity=2)

    assert opened.status_code == 201
    cart = opened.json()
    assert opened.headers["X-Cart-Token"] == cart["token"]
    assert len(cart["token"]) == 43
    row = Cart.objects.get()
    assert (row.token_hash, row.customer_id) == (hash_of(cart["token"]), None)
    assert cart["token"] not in str(row.__dict__)
    assert quantities(cart) == {"TEE-S": 2}
    assert (cart["subtotal_cents"], cart["total_cents"], cart["currency"]) == (3998, 3998, "USD")

    again = guest.send("get", CART)
    assert again.status_code == 200
    assert again["Cache-Control"] == "private, no-store"
    assert "token" not in again.json()
    assert "X-Cart-Token" not in again.headers
    assert quantities(again.json()) == {"TEE-S": 2}


@pytest.mark.covers("CRT-01")
def test_the_same_goods_again_add_to_their_line(guest: Shopper) -> None:
    guest.add(quantity=2)
    answer = guest.add(quantity=3)

    assert answer.status_code == 200
    (line,) = answer.json()["lines"]
    assert (line["quantity"], line["unit_price_cents"], line["total_cents"]) == (5, 1999, 9995)
    assert CartLine.objects.get().quantity == 5


@pytest.mark.covers("CRT-01", "CRT-05")
def test_a_line_tells_everything_of_its_goods(guest: Shopper) -> None:
    cart = guest.add(quantity=2).json()

    (line,) = cart["lines"]
    assert set(line) == set(CartLineSerializer().fields)
    assert set(cart) == set(CartSerializer().fields)
    assert (line["sku"], line["name"], line["available"], line["price_list"]) == (
        "TEE-S",
        "Tee",
        100,
        "default",
    )
    assert line["subtotal_cents"] == 3998
    assert (line["discount_cents"], line["tax_cents"], line["tax_included_cents"]) == (0, 0, 0)


@pytest.mark.covers("CRT-01")
def test_several_goods_go_in_at_once_by_sku_and_by_variant(guest: Shopper, store: StoreRef) -> None:
    mug = make_product(sku="MUG", price_cents=800, stock=5)
    rows = [
        {"sku": "TEE-S", "quantity": 1},
        {"variant_id": str(mug.variant_ids[0]), "quantity": 2},
        {"sku": "TEE-S", "quantity": 4},
    ]

    answer = guest.send("post", ITEMS, {"items": rows})

    assert answer.status_code == 201
    assert quantities(answer.json()) == {"TEE-S": 5, "MUG": 2}
    assert answer.json()["total_cents"] == 5 * 1999 + 2 * 800


@pytest.mark.covers("CRT-01")
def test_one_wrong_item_of_several_leaves_the_cart_as_it_was(guest: Shopper) -> None:
    rows = [{"sku": "TEE-S", "quantity": 1}, {"sku": "NONE", "quantity": 1}]

    answer = guest.send("post", ITEMS, {"items": rows})

    assert answer.status_code == 422
    assert errors(answer) == [("items.1.sku", "unknown_sku")]
    assert Cart.objects.count() == 0


@pytest.mark.covers("CRT-01")
def test_a_quantity_is_changed_and_a_line_taken_out(guest: Shopper) -> None:
    line = guest.add(quantity=2).json()["lines"][0]["id"]

    changed = guest.send("patch", f"{ITEMS}/{line}", {"quantity": 7})
    assert (changed.status_code, quantities(changed.json())) == (200, {"TEE-S": 7})

    gone = guest.send("delete", f"{ITEMS}/{line}")
    assert (gone.status_code, gone.json()["lines"]) == (200, [])
    assert problems(gone.json()) == [("cart_empty", "blocking"), ("email_missing", "warning")]
    assert guest.send("delete", f"{ITEMS}/{line}").status_code == 404


@pytest.mark.covers("CRT-01")
def test_a_line_waits_for_later_and_comes_back(guest: Shopper) -> None:
    line = guest.add(quantity=2).json()["lines"][0]["id"]

    aside = guest.send("patch", f"{ITEMS}/{line}", {"saved_for_later": True}).json()
    assert (aside["lines"], aside["total_cents"]) == ([], 0)
    (saved,) = aside["saved_for_later"]
    assert (saved["quantity"], saved["unit_price_cents"], saved["available"]) == (2, 1999, 100)

    guest.add(quantity=3)
    back = guest.send("patch", f"{ITEMS}/{line}", {"saved_for_later": False}).json()
    assert (quantities(back), back["saved_for_later"]) == ({"TEE-S": 5}, [])
    assert CartLine.objects.count() == 1


@pytest.mark.covers("CRT-02")
def test_a_customer_has_one_cart_on_every_device(api: Api, tee: Any) -> None:
    user = make_user()

    opened = Shopper(api(user)).add(quantity=2)
    assert "token" not in opened.json()
    Shopper(api(user)).add(quantity=1)

    assert quantities(Shopper(api(user)).cart()) == {"TEE-S": 3}
    assert Cart.objects.get().customer_id == user.id


@pytest.mark.covers("CRT-02")
def test_reading_without_a_cart_writes_none(api: Api, tee: Any) -> None:
    for client in (api(), api(make_user()), api(make_user("admin"))):
        cart = Shopper(client).cart()
        assert (cart["id"], cart["lines"], cart["total_cents"]) == (None, [], 0)
        assert problems(cart) == [("cart_empty", "blocking")]
        assert set(cart) == set(CartSerializer().fields) - {"token"}
    assert Cart.objects.count() == 0


@pytest.mark.covers("PEER-15")
@pytest.mark.parametrize("token", ["", "0", "null", "a" * 43, "x" * 5000, "ü", "../..", "a b"])
def test_a_token_that_is_none_is_as_if_there_were_no_cart(guest: Shopper, token: str) -> None:
    line = guest.add().json()["lines"][0]["id"]
    stranger = Shopper(guest.client)
    headers = {"X-Cart-Token": token}

    assert stranger.send("get", CART, None, **headers).json()["id"] is None
    assert stranger.send("patch", f"{ITEMS}/{line}", {"quantity": 9}, **headers).status_code == 404
    assert stranger.send("delete", f"{ITEMS}/{line}", None, **headers).status_code == 404
    assert stranger.send("delete", CART, None, **headers).status_code == 404
    assert quantities(guest.cart()) == {"TEE-S": 1}

    opened = stranger.send("post", ITEMS, {"sku": "TEE-S", "quantity": 1}, **headers)
    assert opened.status_code == 201
    assert opened.json()["token"] not in {token, guest.token}


@pytest.mark.covers("PEER-15")
def test_nobody_reaches_a_line_of_somebody_elses_cart(api: Api, guest: Shopper) -> None:
    line = guest.add().json()["lines"][0]["id"]
    other = Shopper(api(make_user()))
    other.add(quantity=5)

    for method in ("patch", "delete"):
        answer = other.send(method, f"{ITEMS}/{line}", {"quantity": 9})
        assert (answer.status_code, answer.json()["code"]) == (404, "cart_item_not_found")
    assert other.send("patch", f"{ITEMS}/{uuid4()}", {"quantity": 9}).status_code == 404
    assert quantities(guest.cart()) == {"TEE-S": 1}


@pytest.mark.covers("PEER-15")
def test_staff_act_for_a_guest_by_the_token_and_have_no_cart_of_their_own(
    api: Api, guest: Shopper
) -> None:
    guest.add()
    staff = Shopper(api(make_user("support")))

    assert staff.cart()["id"] is None
    staff.token = guest.token
    assert quantities(staff.add(quantity=2).json()) == {"TEE-S": 3}
    assert Cart.objects.get().customer_id is None


@pytest.mark.covers("CRT-01")
def test_a_cart_is_thrown_away_and_its_token_is_dead(guest: Shopper) -> None:
    guest.add()

    assert guest.send("delete", CART).status_code == 204
    assert guest.cart()["id"] is None
    assert guest.send("delete", CART).status_code == 404
    assert (Cart.objects.count(), CartLine.objects.count()) == (0, 0)


@pytest.mark.covers("CRT-01", "CRT-08")
def test_a_guest_says_who_where_and_how(guest: Shopper) -> None:
    guest.add()
    changes = {
        "email": " Guest@Example.com",
        "shipping_address": ADDRESS,
        "billing_address": {**ADDRESS, "city": "Chicago"},
        "notes": "Ring twice.\nThen wait.",
        "purchase_order_number": "PO-7",
    }

    answer = guest.send("patch", CART, changes)

    assert answer.status_code == 200
    cart = answer.json()
    assert cart["email"] == "guest@example.com"
    assert cart["shipping_address"] == ADDRESS
    assert cart["billing_address"]["city"] == "Chicago"
    assert (cart["notes"], cart["purchase_order_number"]) == (changes["notes"], "PO-7")
    assert cart["problems"] == []
    cleared = guest.send("patch", CART, {"shipping_address": None, "billing_address": None}).json()
    assert problems(cleared) == [("address_missing", "warning")]


@pytest.mark.covers("CRT-01")
def test_a_customer_names_an_address_of_their_own_and_of_nobody_else(api: Api, tee: Any) -> None:
    from apps.accounts.models import Address

    user, other = make_user(), make_user()
    own = Address.objects.create(user=user, **ADDRESS)
    foreign = Address.objects.create(user=other, **ADDRESS)
    shopper = Shopper(api(user))
    shopper.add()

    taken = shopper.send("patch", CART, {"shipping_address_id": str(own.id), "email": "x@y.zz"})
    assert taken.json()["shipping_address"] == ADDRESS
    assert taken.json()["email"] == ""
    refused = shopper.send("patch", CART, {"shipping_address_id": str(foreign.id)})
    assert errors(refused) == [("shipping_address_id", "unknown_address")]
    both = {"shipping_address_id": str(own.id), "shipping_address": ADDRESS}
    assert errors(shopper.send("patch", CART, both)) == [("shipping_address_id", "conflict")]
    # One of theirs that nothing can be sent to is refused here as it is by an order.
    own.postal_code = "none"
    own.save()
    unsendable = shopper.send("patch", CART, {"shipping_address_id": str(own.id)})
    assert unsendable.status_code == 422
    assert errors(unsendable) == [("shipping_address_id", "invalid_postal_code")]
    assert shopper.cart()["shipping_address"] == ADDRESS


@pytest.mark.covers("CRT-01", "PEER-52")
def test_the_same_call_twice_with_a_key_adds_once_and_tells_the_same_token(guest: Shopper) -> None:
    body = {"sku": "TEE-S", "quantity": 2}
    key = {"Idempotency-Key": str(uuid4())}

    first = guest.client.post(ITEMS, body, headers=key)
    second = guest.client.post(ITEMS, body, headers=key)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.json()["token"] == first.json()["token"]
    assert CartLine.objects.get().quantity == 2
