"""What an order costs with taxes, ways to send, promotions and markets, through the door."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.common.context import StoreRef
from apps.common.errors import ValidationFailed
from apps.orders.editing import EditRequest
from apps.orders.errors import TotalChanged
from apps.orders.explaining import explain_order
from apps.orders.facade import LineRequest, cancel_order, get_order
from apps.orders.models import Coupon, Order, OrderTrace, PromotionUse, ShippingZone, TaxRate
from apps.orders.pricing.types import Place
from apps.orders.rulebook import Sending, read_rulebook, read_sending
from apps.orders.services.edit_order import edit_order
from apps.orders.types import OrderInfo
from tests.catalog.factories import make_product, make_vendor
from tests.orders.factories import ADDRESS, make_order
from tests.orders.rules_factories import (
    make_coupon,
    make_market,
    make_method,
    make_promotion,
    make_tax,
)
from tests.support.people import make_user

Api = Callable[..., Any]


@pytest.mark.covers("ORD-02", "PEER-01", "PEER-03", "PEER-16", "C-30")
def test_an_order_with_tax_shipping_and_a_promotion(store: StoreRef) -> None:
    make_tax("8")
    make_method(500)
    make_promotion()

    order = make_order(quantity=2, price_cents=1_000)

    assert (order.subtotal_cents, order.discount_cents) == (2_000, 200)
    assert (order.shipping_cents, order.tax_cents) == (500, 144 + 40)
    assert order.total_cents == 2_484
    row = Order.objects.get(pk=order.id)
    part = row.vendor_orders.get()
    assert part.total_cents == 2_484
    assert sum(entry["amount_cents"] for entry in OrderTrace.objects.get().entries) == 2_484


@pytest.mark.covers("MOON-09")
def test_the_order_explains_its_total(store: StoreRef) -> None:
    user = make_user()
    make_tax("8")
    make_method(500)
    make_promotion(code="autumn")
    order = make_order(user, sku=None, quantity=2, price_cents=1_000)

    told = explain_order(order.id, user)

    assert told.total_cents == order.total_cents
    assert [(row["step"], row["amount_cents"], row.get("code", "")) for row in told.entries] == [
        ("price", 2_000, "default"),
        ("promotion", -200, "autumn"),
        ("shipping", 500, "parcel"),
        ("tax", 40, "parcel"),
        ("tax", 144, ""),
    ]


@pytest.mark.covers("PEER-16", "PEER-20")
def test_what_nobody_sends_there_is_refused_and_nothing_is_written(store: StoreRef) -> None:
    method = make_method()
    method.zone.countries = ["DE"]
    method.zone.save()

    with pytest.raises(ValidationFailed) as refusal:
        make_order()

    assert (refusal.value.errors[0].field, refusal.value.errors[0].code) == (
        "shipping_address",
        "not_shippable",
    )
    assert not Order.objects.exists()


@pytest.mark.covers("PEER-16", "PEER-30", "PEER-33")
def test_a_vendors_own_method_is_no_obstacle_to_the_goods_of_others(store: StoreRef) -> None:
    vendor = make_vendor()
    make_product(sku="POT", price_cents=3_000, stock=9, vendor=vendor)
    make_product(sku="TEE", price_cents=1_000, stock=9)
    make_method(700, vendor_id=vendor.id)

    both = make_order(items=[LineRequest("TEE"), LineRequest("POT")])

    assert make_order(sku="TEE").total_cents == 1_000
    assert (both.total_cents, both.shipping_cents) == (4_700, 700)
    rows = Order.objects.get(pk=both.id).vendor_orders
    assert {row.vendor_id == vendor.id: row.shipping_cents for row in rows.all()} == {
        True: 700,
        False: 0,
    }
    # Their own goods go nowhere that they do not send to.
    ShippingZone.objects.update(countries=["DE"])
    with pytest.raises(ValidationFailed, match="cannot be sent"):
        make_order(sku="POT")
    assert make_order(sku="TEE").total_cents == 1_000


@pytest.mark.covers("PEER-03", "I-30")
@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("94105", {"country", "state", "94", "941-05"}),
        ("9 410-5", {"country", "state", "94", "941-05"}),
        ("9410", {"country", "state", "94"}),
        ("sw1a 1aa", {"country", "state", "SW1A 1"}),
        ("", {"country", "state"}),
        ("%", {"country", "state"}),
    ],
)
def test_of_a_countrys_rates_those_of_the_postal_code_are_read(
    store: StoreRef, typed: str, names: set[str]
) -> None:
    TaxRate.objects.create(name="country", country="US", percent=1)
    TaxRate.objects.create(name="state", country="US", state="CA", percent=2)
    for prefix in ("94", "941-05", "10", "SW1A 1", "_", "9410_"):
        TaxRate.objects.create(name=prefix, country="US", postal_prefix=prefix, percent=3)
    place = Place("US", "CA", typed)

    book = read_rulebook(now=timezone.now(), place=place, codes=(), customer_key="")

    assert {rule.name for rule in book.taxes} == names


@pytest.mark.covers("PEER-16", "PEER-30", "I-30")
def test_of_a_thousand_vendors_methods_those_of_the_basket_are_read(store: StoreRef) -> None:
    zone = ShippingZone.objects.create(name="US", countries=["US"])
    mine = make_vendor("Mine")
    others = [make_vendor(f"Other {number}") for number in range(3)]
    make_method(500, code="parcel", zone=zone, position=2)
    make_method(300, code="bicycle", zone=zone, position=1, vendor_id=mine.id)
    make_method(900, code="courier", zone=zone, position=3, vendor_id=mine.id)
    for vendor in others:
        make_method(700, zone=zone, vendor_id=vendor.id)
    place = Place("US", "IL", "62701")
    now = timezone.now()

    book = read_rulebook(now=now, place=place, codes=(), customer_key="")
    sending = read_sending(book, place, {mine.id})

    assert [rule.code for rule in book.methods] == ["parcel"]
    assert (book.store_sends, book.vendors_send) == (True, True)
    assert [rule.code for rule in sending.methods] == ["bicycle", "parcel", "courier"]
    assert sending.senders == {None, mine.id}
    # Who sends at all, somewhere else too, is another thing than what is sent there.
    ShippingZone.objects.exclude(pk=zone.pk).update(countries=["DE"])
    elsewhere = Place("DE", "", "10115")
    abroad = read_rulebook(now=now, place=elsewhere, codes=(), customer_key="")
    assert read_sending(abroad, elsewhere, {mine.id}) == Sending((), frozenset({None, mine.id}))


@pytest.mark.covers("PEER-01", "PEER-16")
def test_free_shipping_whose_budget_is_nearly_spent_stops_no_order(store: StoreRef) -> None:
    make_method(500)
    promotion = make_promotion("free_shipping", budget_cents=600, budget_currency="USD")

    totals = [make_order(price_cents=1_000).total_cents for _ in range(2)]

    promotion.refresh_from_db()
    assert (totals, promotion.spent_cents) == ([1_000, 1_500], 500)


@pytest.mark.covers("PEER-16")
def test_an_unknown_way_to_send_names_those_there_are(store: StoreRef) -> None:
    make_method(code="parcel")

    with pytest.raises(ValidationFailed) as refusal:
        make_order(shipping_method="drone")

    assert refusal.value.errors[0].field == "shipping_method"
    assert refusal.value.detail == "Choose one of: parcel."


@pytest.mark.covers("PEER-02")
def test_a_coupon_is_counted_and_given_back_when_the_order_is_cancelled(store: StoreRef) -> None:
    coupon = make_coupon("TEN", max_uses=1)
    order = make_order(coupon_codes=("TEN",), price_cents=1_000)
    assert order.total_cents == 900
    with pytest.raises(ValidationFailed) as refusal:
        make_order(coupon_codes=("TEN",))
    assert refusal.value.errors[0].code == "coupon_exhausted"

    cancel_order(order_id=order.id, reason="customer")

    coupon.refresh_from_db()
    assert coupon.used == 0
    assert make_order(coupon_codes=("TEN",), price_cents=1_000).total_cents == 900


@pytest.mark.covers("PEER-02")
@pytest.mark.parametrize(
    ("code", "status"), [("NOPE", "coupon_unknown"), ("OFF", "coupon_inactive")]
)
def test_a_coupon_that_gives_nothing_refuses_the_order(
    store: StoreRef, code: str, status: str
) -> None:
    make_coupon("OFF")
    Coupon.objects.update(is_active=False)

    with pytest.raises(ValidationFailed) as refusal:
        make_order(coupon_codes=(code,))

    assert (refusal.value.errors[0].field, refusal.value.errors[0].code) == (
        "coupon_codes.0",
        status,
    )


@pytest.mark.covers("PEER-02")
def test_a_customer_uses_a_bounded_promotion_so_often_and_a_guest_by_address(
    store: StoreRef,
) -> None:
    make_promotion(max_uses_per_customer=1)
    first = make_order(price_cents=1_000)
    again = make_order(price_cents=1_000)
    shouted = make_order(price_cents=1_000, email="GUEST@example.com")
    other = make_order(price_cents=1_000, email="other@example.com")

    assert [one.total_cents for one in (first, again, shouted, other)] == [900, 1_000, 1_000, 900]


@pytest.mark.covers("PEER-02", "I-31")
def test_a_customers_limit_costs_nothing_however_large_it_is(store: StoreRef) -> None:
    make_promotion(max_uses_per_customer=2_000_000_000)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")

    assert [make_order(price_cents=1_000).total_cents for _ in range(2)] == [900, 900]
    ordinals = PromotionUse.objects.order_by("ordinal").values_list("ordinal", flat=True)
    assert list(ordinals) == [1, 2]


def _edited(order: OrderInfo, quantity: int) -> int:
    """The total after the order's one line has another quantity."""
    request = EditRequest(lines=((order.lines[0].id, quantity),))
    edit_order(order_id=order.id, request=request)
    return Order.objects.get(pk=order.id).total_cents


@pytest.mark.covers("PEER-02", "PEER-08", "MOON-09")
def test_an_edited_order_has_its_promotion_by_the_same_coupon(store: StoreRef) -> None:
    user = make_user()
    make_coupon("TEN", max_uses=1)
    order = make_order(user, coupon_codes=("TEN",), price_cents=1_000)

    assert _edited(order, 2) == 1_800

    entries = explain_order(order.id, user).entries
    assert [row["code"] for row in entries if row["step"] == "promotion"] == ["TEN"]
    assert (Coupon.objects.get().used, PromotionUse.objects.get().amount_cents) == (1, 200)


@pytest.mark.covers("PEER-01", "PEER-08")
def test_what_an_edit_gave_back_and_staff_switched_off_does_not_come_back(store: StoreRef) -> None:
    promotion = make_promotion(minimums={"USD": 1_500})
    order = make_order(quantity=2, price_cents=1_000)
    assert (order.total_cents, _edited(order, 1)) == (1_800, 1_000)
    promotion.is_active = False
    promotion.save()

    assert _edited(order, 2) == 2_000


@pytest.mark.covers("PEER-01")
def test_a_budget_is_spent_and_not_overspent(store: StoreRef) -> None:
    promotion = make_promotion(budget_cents=150, budget_currency="USD")
    totals = [make_order(price_cents=1_000).total_cents for _ in range(3)]

    promotion.refresh_from_db()
    assert totals == [900, 1_000, 1_000]
    assert (promotion.used, promotion.spent_cents) == (1, 100)


@pytest.mark.covers("I-59")
def test_an_order_that_costs_nothing_is_paid_at_once(store: StoreRef) -> None:
    make_promotion(percent=Decimal(100))

    order = make_order()

    fresh = get_order(order.id)
    assert fresh is not None
    assert (fresh.total_cents, fresh.status, fresh.payment_status) == (0, "paid", "paid")


@pytest.mark.covers("PEER-01")
def test_a_gift_becomes_a_line_that_costs_nothing(store: StoreRef) -> None:
    gift = make_product(sku="MUG", price_cents=900, stock=3)
    make_promotion("gift", gift_variant_id=gift.variant_ids[0])

    order = make_order(price_cents=1_000)

    assert order.total_cents == 1_000
    lines = Order.objects.get(pk=order.id).lines.all()
    assert [(line.sku, line.is_gift, line.total_cents) for line in lines[1:]] == [("MUG", True, 0)]


@pytest.mark.covers("PEER-01", "INV-04")
def test_a_gift_that_is_gone_stops_no_order(store: StoreRef) -> None:
    gift = make_product(sku="MUG", price_cents=900, stock=3)
    make_promotion("gift", gift_variant_id=gift.variant_ids[0], gift_quantity=2)

    def skus(**fields: Any) -> list[tuple[str, bool]]:
        order = make_order(**fields)
        assert order.status == "confirmed", order.shortages
        rows = Order.objects.get(pk=order.id).lines.order_by("position")
        return [(line.sku, line.is_gift) for line in rows]

    make_product(sku="TEE", price_cents=1_000, stock=9)
    # Three are there: two that are bought leave too few to give two away.
    assert skus(items=[LineRequest("MUG", quantity=2)]) == [("MUG", False)]
    cancel_order(order_id=Order.objects.get().pk, reason="customer")
    assert skus(sku="TEE") == [("TEE", False), ("MUG", True)]
    assert skus(sku="TEE") == [("TEE", False)]
    # An edit keeps the gift that the order has, however few are left.
    first = Order.objects.order_by("created_at")[1]
    line = first.lines.get(sku="TEE")
    edit_order(order_id=first.pk, request=EditRequest(lines=((line.pk, 2),)))
    assert first.lines.filter(is_gift=True, sku="MUG", quantity=2).exists()


@pytest.mark.covers("PEER-02", "INV-04")
def test_a_coupon_for_a_gift_that_is_gone_says_so(store: StoreRef) -> None:
    gift = make_product(sku="MUG", price_cents=900, stock=0)
    make_coupon("MUG", kind="gift", gift_variant_id=gift.variant_ids[0])

    with pytest.raises(ValidationFailed) as refusal:
        make_order(coupon_codes=("MUG",))

    assert refusal.value.errors[0].code == "coupon_exhausted"


@pytest.mark.covers("PEER-21", "P7")
def test_a_market_takes_its_own_currencies_alone(store: StoreRef) -> None:
    make_market(currencies=["EUR"])

    with pytest.raises(ValidationFailed) as refusal:
        make_order(currency="USD")

    assert (refusal.value.errors[0].field, refusal.value.errors[0].code) == (
        "currency",
        "currency_not_taken",
    )


@pytest.mark.covers("PEER-03", "PEER-21")
def test_a_market_with_gross_prices_tells_the_tax_in_them(store: StoreRef) -> None:
    make_market(prices_include_tax=True)
    make_tax("19")

    order = make_order(price_cents=11_900)

    row = Order.objects.get(pk=order.id)
    assert (row.total_cents, row.tax_cents, row.tax_included_cents) == (11_900, 0, 1_900)
    assert row.prices_include_tax


@pytest.mark.covers("P5")
def test_another_total_than_the_buyer_saw_refuses_the_order(store: StoreRef) -> None:
    with pytest.raises(TotalChanged) as refusal:
        make_order(price_cents=1_000, expected_total_cents=999)

    assert refusal.value.extra == {"total_cents": 1_000, "currency": "USD"}
    assert not Order.objects.exists()


@pytest.mark.covers("I-31", "L3")
def test_two_lines_cost_at_most_25_statements_and_200_at_most_40(api: Api) -> None:
    make_tax("8")
    make_method(500)
    make_method(400, vendor_id=make_vendor("Sends alone").id)
    make_promotion()
    for number in range(200):
        make_product(sku=f"S-{number:03d}", price_cents=100 + number, stock=9)
    user = make_user()
    client = api(user)

    def statements(count: int) -> int:
        body = {
            "items": [{"sku": f"S-{number:03d}", "quantity": 1} for number in range(count)],
            "currency": "USD",
            "shipping_address": ADDRESS,
        }
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.post("/api/v1/orders", body)
        assert answer.status_code == 201, answer.content
        return len(queries)

    assert statements(2) <= 25
    assert statements(200) <= 40


@pytest.mark.covers("ORD-01")
def test_a_line_request_by_hand_is_not_discounted_when_promotions_are_off(store: StoreRef) -> None:
    make_promotion()
    make_product(sku="TEE", price_cents=1_000, stock=9)

    order = make_order(items=[LineRequest("TEE", unit_price_cents=700)], promotions=False)

    assert order.total_cents == 700


@pytest.mark.covers("PEER-21", "P5", "P7")
def test_nobody_buys_at_the_prices_of_another_places_market(store: StoreRef) -> None:
    make_market("world")
    make_market("north", is_default=False, countries=["US"])

    with pytest.raises(ValidationFailed) as refusal:
        make_order(market="world")

    assert (refusal.value.errors[0].field, refusal.value.errors[0].code) == (
        "market",
        "other_market",
    )
    order = make_order()
    assert Order.objects.get(pk=order.id).market == "north"
    assert Order.objects.get(pk=make_order(market="world", by_staff=True).id).market == "world"
