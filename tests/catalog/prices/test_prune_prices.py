"""Past prices are forgotten when nobody is told of them any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from apps.catalog.models import PastPrice, Price, PriceList, Variant
from apps.catalog.services import prune_prices as pruning
from apps.catalog.services.keep_prices import keep_prices
from apps.catalog.services.prune_prices import prune_prices
from apps.catalog.services.update_product import update_product
from apps.common.context import StoreRef
from tests.catalog.factories import make_product
from tests.catalog.prices.make import make_list
from tests.catalog.prices.test_storefront_prices import shown

DAY = timedelta(days=1)


def past(variant_id: UUID, cents: int, *, ended: float, currency: str = "USD") -> None:
    """A price that was asked for ten days, until so many days ago."""
    until = timezone.now() - ended * DAY
    PastPrice.objects.create(
        variant_id=variant_id,
        currency=currency,
        list_code="default",
        amount_cents=cents,
        since=until - 10 * DAY,
        until=until,
    )


def kept() -> list[int]:
    return list(PastPrice.objects.order_by("id").values_list("amount_cents", flat=True))


@pytest.mark.covers("PEER-05")
def test_what_ended_a_year_ago_goes_and_what_ended_last_stays(store: StoreRef) -> None:
    variant = Variant.objects.get(product_id=make_product().id).pk
    past(variant, 1, ended=900)
    past(variant, 2, ended=500)
    past(variant, 3, ended=366.1)
    past(variant, 4, ended=364)
    # The last one of a price that is there, however old, but not of one that is gone.
    past(variant, 500, ended=901, currency="JPY")
    Price.objects.create(
        variant_id=variant,
        price_list=PriceList.objects.get(is_default=True),
        currency="JPY",
        amount_cents=600,
    )
    past(uuid4(), 6, ended=400)
    past(uuid4(), 7, ended=300)

    assert prune_prices() == 4
    assert kept() == [4, 500, 7]
    assert prune_prices() == 0


@pytest.mark.covers("PEER-05")
def test_many_go_in_slices_past_what_stays(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "_SLICE", 2)
    variant = Variant.objects.get(product_id=make_product().id).pk
    for place in range(3):
        past(uuid4(), place, ended=500)
    past(variant, 10, ended=490)
    for place in range(4, 7):
        past(uuid4(), place, ended=480)

    assert prune_prices() == 6
    assert kept() == [10]


@pytest.mark.covers("PEER-05")
def test_what_a_long_sale_is_compared_with_stays_while_it_is_on(
    store: StoreRef, api: Callable[..., Any]
) -> None:
    product = make_product()
    variant = Variant.objects.get(product_id=product.id).pk
    make_list("always", ("TEE-S", 1500))
    # The sale began 500 days ago; 1200 was asked until 29 days before.
    Price.objects.update(created_at=timezone.now() - 1000 * DAY)
    PriceList.objects.filter(code="always").update(public_since=timezone.now() - 500 * DAY)
    past(variant, 900, ended=531)
    past(variant, 1200, ended=529)
    past(variant, 2400, ended=528)
    keep_prices()

    assert prune_prices() == 1
    assert kept() == [1200, 2400]
    update_product(product_id=product.id, changes={"name": "Other"})
    assert shown(api(), product) == (1500, 1999, 1200)
