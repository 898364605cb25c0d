"""What is no quantity, sent wherever one is taken (P6)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.orders.models import CartLine, Order
from tests.catalog.factories import make_product
from tests.orders.factories import ADDRESS
from tests.support.people import make_user

Api = Callable[..., Any]
# As JSON, which is how they come: NaN is not even that.
WRONG = {
    "negative": "-1",
    "none": "0",
    "a thousand millions": "1000000000",
    "a float": "1e9",
    "a fraction": "1.5",
    "a text": '"1e3"',
    "not a number": "NaN",
    "a digit of another script": '"٣"',
    "a list": "[1]",
    "beyond 64 bits": str(2**63),
    "true": "true",
    "null": "null",
}
QUANTITY = '{"quantity": %s}'
ITEM = '{"sku": "TEE", "quantity": %s}'
BODIES = {
    "orders": '{"items": [%s], "currency": "USD", "shipping_address": %s}',
    "checkout": '{"items": [%s], "currency": "USD", "shipping_address": %s, '
    '"payment": {"payment_method": "pm_card_visa"}}',
}
wrong = pytest.mark.parametrize("quantity", WRONG.values(), ids=WRONG.keys())


@pytest.fixture
def client(api: Api, store: StoreRef) -> Any:
    """Somebody in a store with tees."""
    make_product(sku="TEE", price_cents=1_000, stock=50)
    return api(make_user())


def _refused(answer: Any, field: str) -> None:
    assert answer.status_code == 400, answer.content
    told = answer.json()
    if told["code"] != "parse_error":
        assert [row["field"] for row in told["errors"]] == [field]


@pytest.mark.covers("P6")
@wrong
@pytest.mark.parametrize("path", BODIES)
def test_no_order_is_placed_over_what_is_no_quantity(client: Any, path: str, quantity: str) -> None:
    body = BODIES[path] % (ITEM % quantity, json.dumps(ADDRESS))

    answer = client.generic("POST", f"/api/v1/{path}", body, content_type="application/json")

    _refused(answer, "items.0.quantity")
    assert not Order.objects.exists()


@pytest.mark.covers("P6")
@wrong
def test_no_cart_takes_what_is_no_quantity(client: Any, quantity: str) -> None:
    cart = client.post("/api/v1/cart/items", {"sku": "TEE", "quantity": 3}).json()
    line = f"/api/v1/cart/items/{cart['lines'][0]['id']}"

    added = client.generic(
        "POST", "/api/v1/cart/items", ITEM % quantity, content_type="application/json"
    )
    changed = client.generic("PATCH", line, QUANTITY % quantity, content_type="application/json")

    for answer in (added, changed):
        _refused(answer, "quantity")
    assert CartLine.objects.get().quantity == 3
    assert client.get("/api/v1/cart").json()["subtotal_cents"] == 3_000
