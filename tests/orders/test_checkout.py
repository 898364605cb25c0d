"""From goods or a cart to an order and its payment in one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from apps.accounts.models import Address
from apps.catalog.models import Price
from apps.common.context import StoreRef
from apps.common.models import IdempotencyKey
from apps.common.stores import enter_store
from apps.orders.cart_types import Holder
from apps.orders.models import Cart, Order
from apps.orders.services.add_to_cart import add_to_cart
from apps.orders.services.check_out_cart import CartOverrides, check_out_cart
from apps.orders.services.update_cart import update_cart
from apps.orders.types import LineRequest
from apps.payments.models import Payment
from tests.catalog.factories import make_product
from tests.orders.factories import ADDRESS
from tests.orders.rules_factories import make_coupon, make_method, make_promotion, make_tax
from tests.support.people import make_user

Api = Callable[..., Any]
CARD = {"payment_method": "pm_card_visa"}


@pytest.fixture
def tee(store: Any) -> None:
    """A thing for sale."""
    make_product(sku="TEE", price_cents=1_000, stock=5)


def goods(**fields: Any) -> dict[str, Any]:
    """A checkout of one tee."""
    body = {
        "items": [{"sku": "TEE", "quantity": 1}],
        "currency": "USD",
        "shipping_address": ADDRESS,
        "payment": CARD,
    }
    return {**body, **fields}


def filled(api: Api, user: Any, quantity: int = 1) -> Any:
    """A client whose cart holds tees."""
    client = api(user)
    answer = client.post("/api/v1/cart/items", {"sku": "TEE", "quantity": quantity})
    assert answer.status_code in {200, 201}, answer.content
    return client


@pytest.mark.covers("CRT-07", "I-03", "I-11")
def test_one_call_places_and_pays(api: Api, tee: None) -> None:
    answer = api(make_user()).post("/api/v1/checkout", goods())

    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["order"]["status"], told["order"]["payment_status"]) == ("paid", "paid")
    assert (told["payment"]["status"], told["payment"]["amount_cents"]) == ("captured", 1_000)


@pytest.mark.covers("CRT-07", "I-14")
def test_a_declined_payment_leaves_an_order_that_can_be_paid_again(api: Api, tee: None) -> None:
    client = api(make_user())
    declined = {"payment_method": "pm_card_chargeDeclined"}

    told = client.post("/api/v1/checkout", goods(payment=declined)).json()

    assert (told["order"]["status"], told["payment"]["status"]) == ("confirmed", "failed")
    again = client.post("/api/v1/payments", {"order_id": told["order"]["id"], **CARD})
    assert again.json()["status"] == "captured"


@pytest.mark.covers("CRT-07")
def test_a_method_that_can_never_work_places_nothing(api: Api, tee: None) -> None:
    answer = api(make_user()).post("/api/v1/checkout", goods(payment={"payment_method": "gold"}))

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_payment_method")
    assert not Order.objects.exists()


@pytest.mark.covers("I-59", "PEER-15")
def test_a_guest_orders_what_costs_nothing_without_a_payment(api: Api, tee: None) -> None:
    make_promotion(percent=100)

    told = api().post("/api/v1/checkout", goods(email="ada@example.com")).json()

    assert (told["order"]["status"], told["order"]["total_cents"]) == ("paid", 0)
    assert told["payment"] is None
    assert not Payment.objects.exists()


@pytest.mark.covers("CRT-03", "CRT-04", "PEER-15")
def test_a_cart_becomes_a_paid_order_and_is_empty_then(api: Api, tee: None) -> None:
    make_tax("8")
    make_method(500)
    client = filled(api, make_user(), quantity=2)

    answer = client.post("/api/v1/cart/checkout", {"shipping_address": ADDRESS, "payment": CARD})

    assert answer.status_code == 201, answer.content
    order = answer.json()["order"]
    assert (order["status"], order["total_cents"]) == ("paid", 2_000 + 160 + 500 + 40)
    assert client.get("/api/v1/cart").json()["lines"] == []
    cart = Cart.objects.get()
    assert (cart.status, str(cart.order_id)) == ("ordered", order["id"])


@pytest.mark.covers("CRT-03")
def test_an_empty_cart_is_refused(api: Api, tee: None) -> None:
    answer = api(make_user()).post("/api/v1/cart/checkout", {"payment": CARD})

    assert (answer.status_code, answer.json()["code"]) == (409, "cart_empty")


@pytest.mark.covers("PEER-20", "CRT-09")
def test_what_stands_in_the_way_is_told_and_the_cart_stays(api: Api, tee: None) -> None:
    client = filled(api, make_user())

    answer = client.post("/api/v1/cart/checkout", {"payment": CARD})

    assert (answer.status_code, answer.json()["code"]) == (409, "cart_not_ready")
    assert answer.json()["errors"][0]["field"] == "shipping_address"
    assert len(client.get("/api/v1/cart").json()["lines"]) == 1
    assert not Order.objects.exists()


@pytest.mark.covers("PEER-20", "CRT-09")
def test_what_stands_in_the_way_is_told_as_the_cart_tells_it(api: Api, tee: None) -> None:
    client = filled(api, make_user())
    client.patch("/api/v1/cart", {"shipping_address": ADDRESS})
    Price.objects.update(amount_cents=1_200)
    key = {"Idempotency-Key": str(uuid4())}
    problems = client.get("/api/v1/cart").json()["problems"]
    assert (problems[0]["code"], problems[0]["new_price_cents"]) == ("price_changed", 1_200)

    first, again = (
        client.post("/api/v1/cart/checkout", {"shipping_address": ADDRESS}, headers=key)
        for _ in range(2)
    )

    assert (first.status_code, again.status_code) == (409, 409)
    assert first.json()["problems"] == again.json()["problems"] == problems


@pytest.mark.covers("CRT-09", "PEER-25", "PEER-03")
def test_a_cart_costs_with_its_vat_id_what_its_order_costs(tee: None, acme: StoreRef) -> None:
    make_tax("20", country="FR")
    paris = {**ADDRESS, "country": "FR", "state": "", "postal_code": "75001"}
    holder = Holder(customer_id=make_user().id)
    with enter_store(replace(acme, settings={"seller_country": "DE"})):
        add_to_cart(holder=holder, items=[LineRequest("TEE")])
        taxed = update_cart(holder=holder, changes={"shipping_address": paris})
        freed = update_cart(holder=holder, changes={"vat_id": "FR40303265045"})
        done = check_out_cart(
            holder=holder,
            overrides=CartOverrides(),
            payment=None,
            user=None,
            expected_total_cents=1_000,
        )

    assert [cart.quote.pricing.total_cents for cart in (taxed, freed) if cart.quote] == [
        1_200,
        1_000,
    ]
    assert (done.order.total_cents, done.order.tax_cents) == (1_000, 0)
    assert done.order.vat_id == "FR40303265045"


@pytest.mark.covers("PEER-25")
@pytest.mark.parametrize(
    ("said", "kept"),
    [({}, "DE136695976"), ({"vat_id": ""}, ""), ({"vat_id": "ATU12345678"}, "ATU12345678")],
)
def test_the_checkout_takes_the_carts_vat_id_unless_it_says_another(
    api: Api, tee: None, said: dict[str, str], kept: str
) -> None:
    client = filled(api, make_user())
    cart = client.patch("/api/v1/cart", {"vat_id": "de 136 695 976"}).json()
    assert cart["vat_id"] == "DE136695976"

    body = {"shipping_address": ADDRESS, "billing_address": ADDRESS, **said}
    answer = client.post("/api/v1/cart/checkout", body)

    assert answer.status_code == 201, answer.content
    order = Order.objects.get()
    assert (order.vat_id, order.billing_address) == (kept, ADDRESS)


@pytest.mark.covers("PEER-20", "INV-04")
def test_a_cart_that_cannot_get_its_stock_stays(api: Api, tee: None) -> None:
    client = filled(api, make_user(), quantity=6)

    answer = client.post("/api/v1/cart/checkout", {"shipping_address": ADDRESS, "payment": CARD})

    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    assert client.get("/api/v1/cart").json()["lines"][0]["quantity"] == 6


@pytest.mark.covers("CRT-09", "P5")
def test_a_total_that_the_buyer_has_not_seen_is_refused(api: Api, tee: None) -> None:
    client = filled(api, make_user())

    answer = client.post(
        "/api/v1/cart/checkout", {"shipping_address": ADDRESS, "expected_total_cents": 999}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "total_changed")
    assert answer.json()["total_cents"] == 1_000


@pytest.mark.covers("PEER-52", "R8")
@pytest.mark.parametrize("path", ["/api/v1/checkout", "/api/v1/cart/checkout"])
def test_the_same_key_gets_the_same_order(api: Api, tee: None, path: str) -> None:
    client = filled(api, make_user())
    body = goods() if path == "/api/v1/checkout" else {"shipping_address": ADDRESS, "payment": CARD}
    key = {"Idempotency-Key": str(uuid4())}

    first = client.post(path, body, headers=key)
    again = client.post(path, body, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Order.objects.count() == 1


@pytest.mark.covers("PEER-02", "PEER-15")
def test_a_guests_cart_with_a_coupon_is_ordered_by_its_token(api: Api, tee: None) -> None:
    make_coupon("TEN")
    client = api()
    opened = client.post("/api/v1/cart/items", {"sku": "TEE", "quantity": 1})
    token = {"X-Cart-Token": opened.headers["X-Cart-Token"]}
    client.post("/api/v1/cart/coupons", {"code": "ten"}, headers=token)

    answer = client.post(
        "/api/v1/cart/checkout",
        {"email": "ada@example.com", "shipping_address": ADDRESS, "payment": CARD},
        headers=token,
    )

    assert answer.status_code == 201, answer.content
    assert answer.json()["order"]["total_cents"] == 900
    assert answer.json()["order"]["coupon_codes"] == ["TEN"]


@pytest.mark.covers("PEER-15", "T10")
def test_a_guest_finds_the_order_by_number_and_address_and_nobody_else_does(
    api: Api, tee: None
) -> None:
    order = api().post("/api/v1/checkout", goods(email="ada@example.com")).json()["order"]
    client = api()

    found = client.post(
        "/api/v1/orders/lookup", {"number": order["number"], "email": "Ada@Example.com"}
    )
    assert found.json()["id"] == order["id"]
    assert found.headers["X-Order-Token"]
    for number, email in [
        (order["number"], "eve@example.com"),
        ("ORD-20261122-0000", "ada@example.com"),
    ]:
        answer = client.post("/api/v1/orders/lookup", {"number": number, "email": email})
        assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found")


@pytest.mark.covers("PEER-15", "T10")
def test_the_order_of_an_account_is_not_looked_up(api: Api, tee: None) -> None:
    user = make_user()
    order = api(user).post("/api/v1/checkout", goods()).json()["order"]

    answer = api().post("/api/v1/orders/lookup", {"number": order["number"], "email": user.email})

    assert answer.status_code == 404


@pytest.mark.covers("CRT-01")
def test_what_was_saved_for_later_goes_on_in_a_new_cart(api: Api, tee: None) -> None:
    make_product(sku="MUG", price_cents=500, stock=5)
    client = filled(api, make_user())
    cart = client.post("/api/v1/cart/items", {"sku": "MUG", "quantity": 1}).json()
    mug = next(line for line in cart["lines"] if line["sku"] == "MUG")
    client.patch(f"/api/v1/cart/items/{mug['id']}", {"saved_for_later": True})

    answer = client.post("/api/v1/cart/checkout", {"shipping_address": ADDRESS})

    assert answer.status_code == 201, answer.content
    later = client.get("/api/v1/cart").json()
    assert later["lines"] == []
    assert [line["sku"] for line in later["saved_for_later"]] == ["MUG"]


@pytest.mark.covers("MOON-09")
def test_every_subunit_of_an_order_is_explained_over_http(api: Api, tee: None) -> None:
    make_tax("8")
    client = api(make_user())
    order = client.post("/api/v1/checkout", goods()).json()["order"]

    told = client.get(f"/api/v1/orders/{order['id']}/explain").json()

    assert told["total_cents"] == order["total_cents"] == 1_080
    assert [entry["amount_cents"] for entry in told["entries"]] == [1_000, 80]
    assert api(make_user()).get(f"/api/v1/orders/{order['id']}/explain").status_code == 404


@pytest.mark.covers("R8", "R10", "R11", "I-17")
@pytest.mark.parametrize("cart", [False, True])
def test_a_repeat_after_a_crash_finds_the_order_and_its_payment(
    api: Api, tee: None, cart: bool
) -> None:
    # The answer was never stored, as when the process died after the order was committed.
    client = filled(api, make_user(), quantity=5) if cart else api(make_user())
    path = "/api/v1/cart/checkout" if cart else "/api/v1/checkout"
    given = {"shipping_address": ADDRESS, "payment": CARD}
    body = given if cart else goods(items=[{"sku": "TEE", "quantity": 5}])
    key = {"Idempotency-Key": str(uuid4())}
    first = client.post(path, body, headers=key)
    IdempotencyKey.objects.all().delete()

    again = client.post(path, body, headers=key)

    assert (first.status_code, again.status_code) == (201, 201), again.content
    assert again.json()["order"]["id"] == first.json()["order"]["id"]
    assert again.json()["payment"]["id"] == first.json()["payment"]["id"]
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)


@pytest.mark.covers("PEER-52", "R8")
def test_the_same_key_at_the_other_checkout_is_another_purchase(api: Api, tee: None) -> None:
    client = filled(api, make_user())
    key = {"Idempotency-Key": str(uuid4())}
    cart = client.post(
        "/api/v1/cart/checkout", {"shipping_address": ADDRESS, "payment": CARD}, headers=key
    )
    body = goods(items=[{"sku": "TEE", "quantity": 3}])

    direct = client.post("/api/v1/checkout", body, headers=key)

    assert (cart.status_code, direct.status_code) == (201, 201), direct.content
    assert "Idempotent-Replayed" not in direct.headers
    assert direct.json()["order"]["id"] != cart.json()["order"]["id"]
    assert (cart.json()["order"]["total_cents"], direct.json()["order"]["total_cents"]) == (
        1_000,
        3_000,
    )
    assert (Order.objects.count(), Payment.objects.count()) == (2, 2)
    # Each repeat still finds its own, also when the answers are lost.
    IdempotencyKey.objects.all().delete()
    again = client.post("/api/v1/checkout", body, headers=key)
    assert again.json()["order"]["id"] == direct.json()["order"]["id"]
    assert Order.objects.count() == 2


@pytest.mark.covers("PEER-52", "R8")
@pytest.mark.parametrize("guest", [False, True])
def test_the_same_key_with_another_body_is_refused_and_never_gets_the_first_ones_order(
    api: Api, tee: None, guest: bool
) -> None:
    client = api() if guest else api(make_user())
    key = {"Idempotency-Key": str(uuid4())}
    email = {"email": "ada@example.com"} if guest else {}
    more = goods(items=[{"sku": "TEE", "quantity": 3}], **email)
    first = client.post("/api/v1/checkout", goods(**email), headers=key)

    refused = client.post("/api/v1/checkout", more, headers=key)

    assert (first.status_code, refused.status_code) == (201, 422)
    assert refused.json()["code"] == "idempotency_key_reused"
    assert Order.objects.count() == 1
    # When the first answer is forgotten, it is a call of its own.
    IdempotencyKey.objects.all().delete()
    later = client.post("/api/v1/checkout", more, headers=key)
    assert later.status_code == 201, later.content
    assert later.json()["order"]["total_cents"] == 3_000
    assert Order.objects.count() == 2


@pytest.mark.covers("PEER-52", "I-14")
def test_the_key_of_a_declined_checkout_pays_the_order_at_payments(api: Api, tee: None) -> None:
    client = api(make_user())
    key = {"Idempotency-Key": str(uuid4())}
    declined = goods(payment={"payment_method": "pm_card_chargeDeclined"})
    told = client.post("/api/v1/checkout", declined, headers=key).json()

    paid = client.post("/api/v1/payments", {"order_id": told["order"]["id"], **CARD}, headers=key)

    assert (told["payment"]["status"], paid.json()["status"]) == ("failed", "captured")
    assert paid.json()["id"] != told["payment"]["id"]


@pytest.mark.covers("PEER-03", "PEER-30a")
@pytest.mark.parametrize("typed", ["CA", " ca", "California", "CALIFORNIA"])
def test_a_states_tax_is_taken_however_the_state_is_typed(api: Api, tee: None, typed: str) -> None:
    make_tax("7.25", state="CA")
    there = {**ADDRESS, "city": "Los Angeles", "state": typed, "postal_code": "90012"}

    told = api(make_user()).post("/api/v1/checkout", goods(shipping_address=there)).json()

    assert (told["order"]["tax_cents"], told["order"]["total_cents"]) == (73, 1_073)
    assert told["order"]["shipping_address"]["state"] == "CA"


@pytest.mark.covers("PEER-03", "PEER-30a")
def test_a_state_that_is_none_is_refused_by_its_field(api: Api, tee: None) -> None:
    there = {**ADDRESS, "state": "Cali"}

    answer = api(make_user()).post("/api/v1/checkout", goods(shipping_address=there))

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error) == (
        400,
        {
            "field": "shipping_address.state",
            "code": "unknown_state",
            "detail": "'Cali' is no state of US. Send its code, or its name in English.",
        },
    )
    assert not Order.objects.exists()


@pytest.mark.covers("PEER-03", "ACC-13")
def test_a_saved_address_of_former_times_is_ordered_to_by_its_states_code(
    api: Api, tee: None
) -> None:
    make_tax("7.25", state="California")
    buyer = make_user()
    saved = Address.objects.create(user=buyer, **{**ADDRESS, "state": "california"})
    wrong = Address.objects.create(user=buyer, **{**ADDRESS, "state": "Cali"})
    body = {name: value for name, value in goods().items() if name != "shipping_address"}

    told = api(buyer).post("/api/v1/checkout", {**body, "shipping_address_id": str(saved.pk)})
    refused = api(buyer).post("/api/v1/checkout", {**body, "shipping_address_id": str(wrong.pk)})

    order = told.json()["order"]
    assert (order["tax_cents"], order["shipping_address"]["state"]) == (73, "CA")
    assert refused.status_code == 422
    assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [
        ("shipping_address_id", "unknown_state")
    ]
