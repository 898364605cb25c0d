"""Two vendors, one cart, one payment, two shipments, one partial return, one exchange: over HTTP.

Shoppers, vendors and staff speak to the API alone; what happens between their calls is the
worker's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.catalog.facade import create_product
from apps.common.context import StoreRef
from apps.inventory.audit import find_differences
from tests.catalog.factories import make_vendor
from tests.orders.factories import ADDRESS
from tests.orders.rules_factories import make_coupon, make_method, make_tax
from tests.support.people import make_user

Api = Callable[..., Any]
Drain = Callable[[], int]


class Journey:
    """The people of the story, and what they do, each step checked by its status."""

    def __init__(self, api: Api, drain: Drain) -> None:
        self.drain = drain
        self.weaver, self.potter = make_vendor("Weaver"), make_vendor("Potter")
        for vendor, sku, price in [
            (self.weaver, "TEE-S", 2_000),
            (self.weaver, "TEE-M", 2_000),
            (self.potter, "MUG", 1_000),
        ]:
            create_product(
                name=sku,
                vendor_id=vendor.pk,
                variants=[{"sku": sku, "price_cents": price, "inventory": 10}],
            )
        self.shopper = api(make_user())
        self.guest = api()
        self.staff = api(make_user("admin"))
        self.vendors = {
            "Weaver": api(make_user("vendor_owner", vendor_id=self.weaver.pk)),
            "Potter": api(make_user("vendor_owner", vendor_id=self.potter.pk)),
        }

    def call(self, who: Any, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One call; the worker then does what it set in motion."""
        answer = getattr(who, method)(f"/api/v1/{path}", body, headers=headers)
        assert answer.status_code < 300, (path, answer.status_code, answer.content)
        self.drain()
        return answer.json() if answer.content else None

    def fill_cart(self) -> Any:
        """As a guest, who signs in then: the cart comes along."""
        opened = self.call(
            self.guest,
            "post",
            "cart/items",
            {"items": [{"sku": "TEE-S", "quantity": 2}, {"sku": "MUG", "quantity": 3}]},
        )
        self.call(self.guest, "post", "cart/coupons", {"code": "ten"}, **_token(opened["token"]))
        return self.call(self.shopper, "get", "cart", **_token(opened["token"]))

    def buy(self) -> Any:
        """One call from the cart to the paid order."""
        body = {"shipping_address": ADDRESS, "payment": {"payment_method": "pm_card_visa"}}
        return self.call(self.shopper, "post", "cart/checkout", body)

    def ship(self, vendor: str) -> None:
        """The vendor sends the parcel whose label the payment made, and it comes."""
        client = self.vendors[vendor]
        (parcel,) = self.call(client, "get", "shipments")["results"]
        self.call(client, "post", f"shipments/{parcel['id']}/ship")
        self.call(self.staff, "post", f"shipments/{parcel['id']}/deliver")

    def order(self, order_id: str) -> Any:
        """As the shopper sees it now."""
        return self.call(self.shopper, "get", f"orders/{order_id}")

    def stock(self, sku: str) -> tuple[int, int]:
        """On hand and reserved."""
        (level,) = self.call(self.staff, "get", f"inventory?sku={sku}")["results"]
        return level["on_hand"], level["reserved"]


def _token(token: str) -> dict[str, str]:
    return {"X-Cart-Token": token}


@pytest.fixture
def journey(store: StoreRef, api: Api, drain: Drain) -> Journey:
    """A store with tax, a way to send, and a coupon for ten per cent."""
    make_tax("10")
    make_method(600)
    make_coupon("TEN")
    return Journey(api, drain)


@pytest.mark.covers("PEER-07", "PEER-10", "PEER-15", "PEER-33", "ORD-17", "CRT-03", "I-61")
def test_from_a_guests_cart_to_a_partial_return_and_an_exchange(journey: Journey) -> None:
    cart = journey.fill_cart()
    assert (cart["subtotal_cents"], cart["discount_cents"]) == (7_000, 700)

    bought = journey.buy()
    order = bought["order"]
    # 6,300 of goods and 600 of shipping, with ten per cent of tax on both.
    assert order["total_cents"] == bought["payment"]["amount_cents"] == 6_900 + 690
    assert (order["status"], bought["payment"]["status"]) == ("paid", "captured")
    assert sum(part["total_cents"] for part in order["vendor_orders"]) == order["total_cents"]
    assert journey.stock("TEE-S") == (10, 2)

    journey.ship("Weaver")
    assert journey.order(order["id"])["fulfillment_status"] == "partial"
    journey.ship("Potter")
    assert journey.order(order["id"])["status"] == "delivered"
    assert (journey.stock("TEE-S"), journey.stock("MUG")) == ((8, 0), (7, 0))

    _send_one_mug_back(journey, order)
    _swap_a_size(journey, order)

    assert find_differences() == []


def _send_one_mug_back(journey: Journey, order: Any) -> None:
    """One of three mugs broke: it comes back, is not sold again, and its price is refunded."""
    mug = next(line for line in order["items"] if line["sku"] == "MUG")
    wish = {"line_id": mug["id"], "quantity": 1, "reason": "damaged"}
    (back,) = _listed(
        journey.call(journey.shopper, "post", f"orders/{order['id']}/returns", {"lines": [wish]})
    )
    journey.call(journey.vendors["Potter"], "post", f"returns/{back['id']}/approve", {})
    journey.call(
        journey.vendors["Potter"],
        "post",
        f"returns/{back['id']}/receive",
        {"lines": [{"line_id": mug["id"], "quantity": 1, "restock": False}]},
    )
    journey.call(journey.staff, "post", f"returns/{back['id']}/complete", {})

    # A third of the line: 3,000 less ten per cent, with its tax.
    fresh = journey.order(order["id"])
    assert fresh["payment_status"] == "partially_refunded"
    (payment,) = journey.call(journey.staff, "get", f"payments?order_id={order['id']}")["results"]
    assert payment["refunded_cents"] == 990
    assert journey.stock("MUG") == (7, 0)


def _swap_a_size(journey: Journey, order: Any) -> None:
    """One tee is too small: it comes back into stock, and the larger one goes out for it."""
    tee = next(line for line in order["items"] if line["sku"] == "TEE-S")
    larger = journey.call(journey.staff, "get", "products?search=TEE-M&include=all")
    variant = next(
        row["id"]
        for product in larger["results"]
        for row in product["variants"]
        if row["sku"] == "TEE-M"
    )
    wish = {
        "line_id": tee["id"],
        "quantity": 1,
        "reason": "unwanted",
        "exchange_variant": variant,
    }
    (swap,) = _listed(
        journey.call(
            journey.shopper,
            "post",
            f"orders/{order['id']}/returns",
            {"kind": "exchange", "lines": [wish]},
        )
    )
    journey.call(journey.staff, "post", f"returns/{swap['id']}/approve", {})
    assert journey.stock("TEE-M") == (10, 1)
    journey.call(
        journey.staff,
        "post",
        f"returns/{swap['id']}/receive",
        {"lines": [{"line_id": tee["id"], "quantity": 1}]},
    )
    done = journey.call(journey.staff, "post", f"returns/{swap['id']}/complete", {})

    replacement = journey.order(done["exchange_order_id"])
    assert (replacement["total_cents"], replacement["status"]) == (0, "paid")
    assert journey.stock("TEE-S") == (9, 0)
    (parcel,) = journey.call(journey.staff, "get", f"shipments?order={replacement['id']}")[
        "results"
    ]
    journey.call(journey.staff, "post", f"shipments/{parcel['id']}/ship")
    assert journey.stock("TEE-M") == (9, 0)


def _listed(answer: Any) -> list[Any]:
    found: list[Any] = answer["results"] if isinstance(answer, dict) else answer
    return found
