"""What carts and orders are told of prices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps.accounts.facade import customer_group_of
from apps.accounts.services.save_customer_group import create_customer_group
from apps.catalog.facade import PriceTier, choose_price, get_variants
from apps.catalog.models import Category, Product, Variant
from apps.catalog.services.update_price_list import update_price_list
from apps.common.context import StoreRef
from tests.catalog.factories import make_category, make_product
from tests.catalog.prices.make import make_list, put
from tests.support.people import make_user

BEGIN = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
END = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)


def price(
    quantity: int = 1, at: datetime | None = None, currency: str = "USD", **whose: str
) -> int | None:
    """What one of the tee costs."""
    (found,) = get_variants(skus=["TEE-S"], currency=currency, at=at, **whose)
    chosen = choose_price(found.prices, quantity)
    return None if chosen is None else chosen.amount_cents


@pytest.mark.covers("PEER-04")
def test_tiers_of_the_default_list_leave_the_price_of_one_alone(store: StoreRef) -> None:
    make_product()
    put("default", ("TEE-S", 1799, "USD", 10), ("TEE-S", 1499, "USD", 100))

    (found,) = get_variants(skus=["TEE-S"], currency="USD")

    assert found.price_cents == 1999
    assert found.prices == tuple(
        PriceTier("default", "default", 0, amount, least)
        for amount, least in [(1999, 1), (1799, 10), (1499, 100)]
    )
    assert [price(quantity) for quantity in (1, 9, 10, 99, 100)] == [1999, 1999, 1799, 1799, 1499]


@pytest.mark.covers("PEER-04")
def test_a_window_begins_with_its_first_moment_and_ends_before_its_last(store: StoreRef) -> None:
    make_product()
    make_list("bf", ("TEE-S", 1500), starts_at=BEGIN, ends_at=END)
    tick = timedelta(microseconds=1)

    assert price(at=BEGIN - tick) == 1999
    assert price(at=BEGIN) == 1500
    assert price(at=END - tick) == 1500
    assert price(at=END) == 1999
    assert price() == 1999


@pytest.mark.covers("PEER-04")
def test_a_group_and_a_market_pay_their_own_prices(store: StoreRef) -> None:
    make_product()
    create_customer_group(code="trade", name="Trade")
    make_list("trade", ("TEE-S", 1200), kind="override", customer_group="trade", priority=5)
    make_list("de", ("TEE-S", 2100), kind="override", market="de", priority=1)
    make_list("both", ("TEE-S", 1000), customer_group="trade", market="at")

    assert price() == 1999
    assert price(customer_group="trade") == 1200
    assert price(market="de") == 2100
    assert price(customer_group="trade", market="de") == 2100
    assert price(market="at") == 1999
    assert price(customer_group="trade", market="at") == 1200
    update_price_list(code="trade", changes={"is_active": False})
    assert price(customer_group="trade", market="at") == 1000


@pytest.mark.covers("PEER-04", "I-52")
def test_currencies_without_and_with_three_digits_are_whole_subunits(store: StoreRef) -> None:
    make_product()
    make_list("intl", ("TEE-S", 2800, "JPY"), ("TEE-S", 6125, "KWD"), ("TEE-S", 5500, "KWD", 3))

    assert price(currency="JPY") == 2800
    assert price(3, currency="KWD") == 5500
    assert price(2, currency="KWD") == 6125
    assert price(currency="EUR") is None


@pytest.mark.covers("I-30")
def test_two_hundred_variants_with_many_prices_take_one_statement(
    store: StoreRef, django_assert_num_queries: object
) -> None:
    skus = [f"V{n}" for n in range(200)]
    make_product(
        variants=[
            {"sku": sku, "price_cents": 1000 + n, "options": {"No": str(n)}}
            for n, sku in enumerate(skus)
        ]
    )
    make_list("bf", *[(sku, 900) for sku in skus], *[(sku, 800, "USD", 10) for sku in skus])

    with django_assert_num_queries(1):  # type: ignore[operator]
        found = get_variants(skus=skus, currency="USD", customer_group="x", market="y")

    assert len(found) == 200
    assert {len(row.prices) for row in found} == {3}
    assert {getattr(choose_price(row.prices, 10), "amount_cents", 0) for row in found} == {800}


@pytest.mark.covers("PEER-04")
def test_a_variant_says_how_it_is_taxed_and_every_category_it_is_in(store: StoreRef) -> None:
    clothes = make_category("Clothes")
    shirts = make_category("Shirts", clothes)
    gifts = make_category("Gifts")
    make_product(categories=["shirts", "gifts"], tax_category="reduced")
    make_product(sku="MUG")

    found = {row.sku: row for row in get_variants(skus=["TEE-S", "MUG"], currency="USD")}

    assert found["TEE-S"].tax_category == "reduced"
    assert set(found["TEE-S"].category_ids) == {clothes.pk, shirts.pk, gifts.pk}
    assert (found["MUG"].tax_category, found["MUG"].category_ids) == ("", ())
    assert Category.objects.count() == 3
    assert Product.objects.filter(tax_category="").count() == 1
    assert Variant.objects.count() == 2


@pytest.mark.covers("PEER-04")
def test_a_users_group_is_one_query(store: StoreRef, django_assert_num_queries: object) -> None:
    group = create_customer_group(code="trade", name="Trade")
    inside, outside = make_user(customer_group=group), make_user()

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert customer_group_of(inside.pk) == "trade"
    assert customer_group_of(outside.pk) == ""
    assert customer_group_of(store.id) == ""
