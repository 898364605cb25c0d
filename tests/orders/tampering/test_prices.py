"""Bodies with prices of the buyer's own: none of them changes what is charged (P5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from apps.common.context import StoreRef
from apps.orders.models import CartLine, Order
from apps.payments.models import Payment, SandboxIntent
from tests.catalog.factories import make_product
from tests.orders.factories import ADDRESS
from tests.orders.rules_factories import make_coupon, make_market, make_method, make_tax
from tests.support.people import make_user

Api = Callable[..., Any]
# Two tees at 1,999, sent for 490, and 20 per cent on all of it.
GOODS, SENDING, TAX = 3_998, 490, 898
TOTAL = GOODS + SENDING + TAX
PLAIN: dict[str, dict[str, Any]] = {
    "orders": {
        "items": [{"sku": "TEE", "quantity": 2}],
        "currency": "USD",
        "shipping_address": ADDRESS,
    },
    "checkout": {
        "items": [{"sku": "TEE", "quantity": 2}],
        "currency": "USD",
        "shipping_address": ADDRESS,
        "payment": {"payment_method": "pm_card_visa"},
    },
    "cart/items": {"sku": "TEE", "quantity": 2},
    "cart/checkout": {
        "shipping_address": ADDRESS,
        "payment": {"payment_method": "pm_card_visa"},
    },
}
# Fields that tell money, those that orders have and those that somebody might hope for.
FIELDS = (
    *("price", "price_cents", "unit_price", "unit_price_cents", "expected_price_cents", "amount"),
    *("amount_cents", "total", "total_cents", "expected_total_cents", "subtotal_cents"),
    *("discount", "discount_cents", "discount_percent", "shipping_cents", "shipping_method"),
    *("shipping_price", "tax", "tax_cents", "tax_included_cents", "tax_exempt", "tax_percent"),
    *("vat_id", "currency", "market", "coupon_codes", "promotions", "customer_group", "price_list"),
    *("organization_id", "by_staff", "free_shipping", "lenient", "paid_cents", "due_cents"),
    *("status", "payment_status", "customer_id", "exchange_rate", "seen_price_cents", "metadata"),
    *("payment_terms_days", "refunded_cents", "expires_at", "unit_prices", "is_gift", "is_kept"),
    "expected_currency",
)
VALUES = st.one_of(
    st.sampled_from([0, 1, -1, -TOTAL, TOTAL - 1, 1_999, 10**15, 2**63, 0.01, -0.01, 1e-9]),
    st.sampled_from(["0", "0.01", "-1", "1e-9", "NaN", "٣", "USD", "JPY", "KWD", "EUR", "usd", ""]),
    st.sampled_from(["free", "cheap", "GONE", "default", "DE123456789", "paid", "captured"]),
    st.sampled_from([None, True, False, [], {}, [0], ["FREE"], {"amount_cents": 1}]),
    st.integers(),
    st.text(max_size=8),
)
# Where in the body it is put.
PLACES = ("", "items", "payment", "shipping_address")


@pytest.fixture
def client(api: Api, store: StoreRef) -> Any:
    """Somebody in a store with tees, taxes, a way to send and a coupon that is used up."""
    make_product(sku="TEE", price_cents=1_999, stock=5_000)
    make_tax("20")
    make_method(SENDING)
    make_market(currencies=["USD"])
    coupon = make_coupon("GONE", max_uses=1)
    coupon.used = 1
    coupon.save()
    return api(make_user())


@pytest.mark.covers("P5", "CRT-09", "ORD-22")
@settings(
    max_examples=500,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    path=st.sampled_from(sorted(PLAIN)),
    sent=st.lists(
        st.tuples(st.sampled_from(PLACES), st.sampled_from(FIELDS), VALUES), min_size=1, max_size=4
    ),
)
def test_no_field_that_a_buyer_sends_changes_what_is_charged(
    client: Any, path: str, sent: list[tuple[str, str, Any]]
) -> None:
    client.delete("/api/v1/cart")
    orders, lines = set(Order.objects.values_list("pk", flat=True)), CartLine.objects.count()
    if path == "cart/checkout":
        assert client.post("/api/v1/cart/items", PLAIN["cart/items"]).status_code in {200, 201}

    answer = client.post(f"/api/v1/{path}", _tampered(PLAIN[path], sent), format="json")

    event(f"{path}: {answer.status_code}")
    made = Order.objects.exclude(pk__in=orders)
    if answer.status_code in {400, 409, 422}:
        assert not made.exists()
        return
    assert answer.status_code in {200, 201}, answer.content
    if path == "cart/items":
        cart = answer.json()
        assert (cart["lines"][0]["unit_price_cents"], cart["subtotal_cents"]) == (1_999, GOODS)
        assert CartLine.objects.count() == lines + 1
        return
    order = made.get()
    assert (order.currency, order.total_cents) == ("USD", TOTAL)
    assert (order.subtotal_cents, order.discount_cents) == (GOODS, 0)
    if path != "orders" and (wish := _tampered(PLAIN[path], sent).get("payment")):
        assert [row.amount_cents for row in Payment.objects.filter(order=order)] == [TOTAL]
        assert order.status == ("paid" if wish.get("capture") != "manual" else "confirmed")
        intent = SandboxIntent.objects.get(metadata__order_id=str(order.pk))
        assert (intent.amount_cents, intent.currency) == (TOTAL, "USD")
    else:
        assert (order.status, order.paid_cents) == ("confirmed", 0)


def _tampered(body: dict[str, Any], sent: list[tuple[str, str, Any]]) -> dict[str, Any]:
    changed = {name: _copied(value) for name, value in body.items()}
    for place, field, value in sent:
        target = changed.get(place, changed)
        if isinstance(target, list):
            target = target[0]
        if isinstance(target, dict):
            target[field] = value
    return changed


def _copied(value: Any) -> Any:
    if isinstance(value, list):
        return [dict(row) for row in value]
    return dict(value) if isinstance(value, dict) else value
