"""Placing an order through the door."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from apps.catalog.facade import get_variants
from apps.catalog.models import Variant
from apps.catalog.services.update_product import update_product
from apps.common.context import StoreRef
from apps.common.errors import DomainError, ValidationFailed
from apps.events.models import Event
from apps.inventory.facade import availability
from apps.orders.errors import PriceChanged
from apps.orders.facade import LineRequest, get_order
from apps.orders.models import Order, OrderHistory, OrderLine
from tests.catalog.factories import make_product, make_vendor
from tests.orders.factories import ADDRESS, make_order
from tests.orders.rules_factories import make_tax
from tests.support.people import make_user


def refused(*items: LineRequest, **fields: Any) -> DomainError:
    """What an order of these lines is refused with; nothing may have been written."""
    with pytest.raises(DomainError) as caught:
        make_order(items=items, **fields)
    assert Order.objects.count() == 0
    return caught.value


def topics() -> list[str]:
    return list(
        Event.objects.filter(topic__startswith="order.")
        .order_by("id")
        .values_list("topic", flat=True)
    )


@pytest.mark.covers("ORD-01", "ORD-02", "ORD-03", "ORD-09", "ORD-10", "ORD-14", "ORD-22")
def test_an_order_is_priced_by_the_catalog_snapshotted_and_confirmed(store: StoreRef) -> None:
    user = make_user()
    product = make_product(sku="TEE-S", price_cents=1999, stock=5, name="Tee")

    order = make_order(user=user, sku="TEE-S", quantity=2, notes="Ring twice.")

    assert (order.status, order.payment_status, order.fulfillment_status) == (
        "confirmed",
        "unpaid",
        "unfulfilled",
    )
    assert (order.subtotal_cents, order.total_cents, order.currency) == (3998, 3998, "USD")
    assert (order.customer_id, order.email) == (user.id, user.email)
    assert order.shipping_address == ADDRESS
    (line,) = order.lines
    assert (line.sku, line.name, line.quantity, line.unit_price_cents, line.total_cents) == (
        "TEE-S",
        "Tee",
        2,
        1999,
        3998,
    )
    assert order.number.startswith(f"ORD-{timezone.now():%Y%m%d}-")
    assert order.vendor_orders[0].number == f"{order.number}-1"
    assert availability([line.variant_id]) == {line.variant_id: 3}
    assert topics() == ["order.created", "order.confirmed"]
    assert get_order(order.id) == order
    assert product.variant_ids == (line.variant_id,)


@pytest.mark.covers("ORD-03", "EVT-03")
def test_order_created_carries_the_documents_payload(store: StoreRef) -> None:
    order = make_order(quantity=2, price_cents=1999)

    payload = Event.objects.get(topic="order.created").payload
    assert (payload["orderId"], payload["total"], payload["currency"]) == (
        str(order.id),
        39.98,
        "USD",
    )
    (item,) = payload["items"]
    assert (item["sku"], item["quantity"], item["price"], item["unitPriceCents"]) == (
        order.lines[0].sku,
        2,
        19.99,
        1999,
    )


@pytest.mark.covers("ORD-20")
def test_the_history_tells_creation_and_confirmation_in_order(store: StoreRef) -> None:
    order = make_order()

    rows = OrderHistory.objects.filter(order_id=order.id)
    assert [(row.old_value, row.new_value, row.actor) for row in rows] == [
        ("", "created", "system"),
        ("created", "confirmed", "system"),
    ]


@pytest.mark.covers("INV-06", "ORD-14")
def test_an_order_without_stock_is_kept_as_cancelled_and_names_what_is_short(
    store: StoreRef,
) -> None:
    make_product(sku="RARE", stock=1)
    make_product(sku="PLENTY", stock=50)

    order = make_order(items=[LineRequest("RARE", quantity=3), LineRequest("PLENTY", quantity=1)])

    assert order.status == "cancelled"
    assert [(row.sku, row.requested, row.available) for row in order.shortages] == [("RARE", 3, 1)]
    kept = Order.objects.get(pk=order.id)
    assert (kept.status, kept.cancel_reason) == ("cancelled", "out_of_stock")
    variants = get_variants(skus=["RARE", "PLENTY"], currency="USD")
    left = availability([variant.id for variant in variants])
    assert {variant.sku: left[variant.id] for variant in variants} == {"RARE": 1, "PLENTY": 50}
    assert topics() == ["order.created", "order.cancelled"]


@pytest.mark.covers("PEER-33", "ORD-17")
def test_each_vendor_has_a_numbered_part_of_the_order(store: StoreRef) -> None:
    make_product(sku="OURS", price_cents=1000, stock=9)
    make_product(sku="THEIRS", price_cents=500, stock=9, vendor=make_vendor("Northwind"))

    order = make_order(items=[LineRequest("THEIRS", quantity=3), LineRequest("OURS")])

    parts = list(Order.objects.get(pk=order.id).vendor_orders.all())
    assert (parts[0].number, parts[0].vendor_name, parts[0].subtotal_cents) == (
        f"{order.number}-1",
        "Northwind",
        1500,
    )
    assert [part.subtotal_cents for part in parts] == [1500, 1000]


@pytest.mark.covers("P6")
def test_repeated_lines_of_a_variant_become_one(store: StoreRef) -> None:
    make_product(sku="TEE-S", price_cents=100, stock=10)

    order = make_order(items=[LineRequest("TEE-S", quantity=2), LineRequest("TEE-S", quantity=3)])

    assert [(line.quantity, line.total_cents) for line in order.lines] == [(5, 500)]


@pytest.mark.covers("ORD-01")
def test_unknown_and_unpublished_skus_are_told_alike_and_all_at_once(store: StoreRef) -> None:
    hidden = make_product(sku="HIDDEN", stock=5)
    update_product(product_id=hidden.id, changes={"is_active": False})

    error = refused(LineRequest("HIDDEN"), LineRequest("NOBODY"), LineRequest(variant_id=uuid4()))

    assert error.status == 422
    assert [(row.field, row.code) for row in error.errors] == [
        ("items.0.sku", "unknown_sku"),
        ("items.1.sku", "unknown_sku"),
        ("items.2.variant_id", "unknown_sku"),
    ]


@pytest.mark.covers("P7")
def test_a_variant_without_a_price_in_the_currency_is_refused(store: StoreRef) -> None:
    make_product(sku="TEE-S", price_cents=1999, currency="USD", stock=5)

    error = refused(LineRequest("TEE-S"), currency="JPY")

    assert [(row.field, row.code) for row in error.errors] == [
        ("items.0.sku", "no_price_in_currency")
    ]


@pytest.mark.covers("P7")
@pytest.mark.parametrize(("currency", "price"), [("JPY", 500), ("KWD", 1250)])
def test_currencies_with_none_or_three_decimals_keep_their_subunits(
    store: StoreRef, currency: str, price: int
) -> None:
    order = make_order(currency=currency, price_cents=price, quantity=3)

    assert (order.total_cents, order.currency) == (3 * price, currency)


@pytest.mark.covers("CAT-11")
def test_a_sku_that_two_vendors_sell_must_be_named_by_its_variant(store: StoreRef) -> None:
    make_product(sku="MUG", stock=5)
    make_product(sku="MUG", stock=5, vendor=make_vendor("Northwind"), slug="mug-2", name="Mug 2")

    error = refused(LineRequest("MUG"))
    variant = Variant.objects.get(sku="MUG", vendor__name="Northwind")
    order = make_order(items=[LineRequest("MUG", variant_id=variant.id)])

    assert [(row.field, row.code) for row in error.errors] == [("items.0.sku", "sku_ambiguous")]
    assert order.vendor_orders[0].vendor_name == "Northwind"


@pytest.mark.covers("CRT-09", "C-16", "P5")
def test_another_expected_price_refuses_and_tells_the_current_one(store: StoreRef) -> None:
    make_product(sku="TEE-S", price_cents=1999, stock=5)

    error = refused(LineRequest("TEE-S", expected_price_cents=1))

    assert isinstance(error, PriceChanged)
    assert [dict(row.extra) for row in error.errors] == [{"sku": "TEE-S", "price_cents": 1999}]


@pytest.mark.covers("GRP-09")
def test_a_price_from_inside_replaces_the_catalogs(store: StoreRef) -> None:
    make_product(sku="TEE-S", price_cents=1999, stock=5)

    order = make_order(items=[LineRequest("TEE-S", unit_price_cents=1499)])

    assert order.total_cents == 1499


@pytest.mark.covers("P6")
def test_bounds_on_lines_units_and_totals(store: StoreRef) -> None:
    make_product(sku="GOLD", price_cents=99_999_999_999, stock=9)
    make_product(sku="TEE-S", stock=9)

    too_many_lines = refused(*[LineRequest("TEE-S")] * 201)
    too_many_units = refused(
        LineRequest("TEE-S", quantity=6000), LineRequest("TEE-S", quantity=6000)
    )
    negative = refused(LineRequest("TEE-S", quantity=-1))
    too_large = refused(LineRequest("GOLD", quantity=11))

    assert too_many_lines.errors[0].code == "line_count"
    assert (too_many_units.errors[0].field, too_many_units.status) == ("items.1.quantity", 422)
    assert negative.errors[0].field == "items.0.quantity"
    assert too_large.errors[0].code == "total_too_large"


@pytest.mark.covers("ORD-21")
def test_goods_that_are_sent_need_an_address_and_downloads_do_not(store: StoreRef) -> None:
    make_product(sku="TEE-S", stock=5)
    make_product(variants=[{"sku": "SONG", "price_cents": 99, "requires_shipping": False}], stock=5)

    error = refused(LineRequest("TEE-S"), LineRequest("SONG"), shipping_address=None)
    order = make_order(sku="SONG", shipping_address=None)

    assert isinstance(error, ValidationFailed)
    assert error.errors[0].field == "shipping_address"
    assert order.status == "confirmed"


@pytest.mark.covers("PEER-03", "C-30")
def test_nobody_saves_the_tax_of_a_download_by_not_saying_where_they_are(store: StoreRef) -> None:
    # Given
    make_tax("9.5", state="CA")
    song = {"sku": "SONG", "price_cents": 1_000, "requires_shipping": False}
    make_product(variants=[song], stock=5)
    make_product(variants=[{**song, "sku": "FREE", "price_cents": 0}], stock=5)
    # When
    error = refused(LineRequest("SONG"), shipping_address=None)
    order = make_order(
        sku="SONG", shipping_address=None, billing_address={**ADDRESS, "state": "CA"}
    )
    # Then
    assert isinstance(error, ValidationFailed)
    assert (error.errors[0].field, error.errors[0].code) == ("billing_address", "required")
    assert (order.tax_cents, order.total_cents) == (95, 1_095)
    assert make_order(sku="FREE", shipping_address=None).total_cents == 0


@pytest.mark.covers("ORD-21")
def test_a_customers_address_for_mail_is_looked_up_and_a_stranger_must_give_one(
    store: StoreRef,
) -> None:
    user = make_user()
    make_product(sku="TEE-S", stock=5)

    error = refused(LineRequest("TEE-S"), email="")
    order = make_order(user=user, sku="TEE-S", email="")

    assert error.errors[0].field == "email"
    assert order.email == user.email


@pytest.mark.covers("C-14")
@pytest.mark.parametrize("given", ["default", "never", "later"])
def test_when_an_order_expires(store: StoreRef, given: str) -> None:
    later = timezone.now() + timedelta(days=3)
    fields: dict[str, datetime | None] = {"never": None, "later": later}
    before = timezone.now() + timedelta(minutes=settings.ORDER_EXPIRY_MINUTES)

    order = make_order(**({} if given == "default" else {"expires_at": fields[given]}))

    if given == "default":
        assert order.expires_at is not None
        assert before <= order.expires_at <= before + timedelta(minutes=1)
    else:
        assert order.expires_at == fields[given]


@pytest.mark.covers("ORD-28")
def test_an_order_of_two_lines_costs_at_most_16_queries_with_its_whole_chain(
    store: StoreRef, django_assert_max_num_queries: Any
) -> None:
    make_product(sku="A", stock=50)
    make_product(sku="B", stock=50)

    with django_assert_max_num_queries(16):
        make_order(items=[LineRequest("A"), LineRequest("B")])

    assert OrderLine.objects.count() == 2
