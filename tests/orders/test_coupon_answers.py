"""Why a coupon was not used, and that it is used up only where it gives something."""

from __future__ import annotations

from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.common.errors import ValidationFailed
from apps.orders.models import Order, Promotion, PromotionUse
from tests.catalog.factories import make_product
from tests.orders.factories import make_order
from tests.orders.rules_factories import make_coupon, make_method, make_promotion

pytestmark = pytest.mark.covers("PEER-02")


def refused(**fields: Any) -> str:
    with pytest.raises(ValidationFailed) as refusal:
        make_order(price_cents=1_000, **fields)
    return refusal.value.errors[0].code


@pytest.mark.parametrize(("left", "total"), [(499, None), (500, 1_000)])
def test_a_budget_that_is_nearly_spent_is_told_as_exhausted(
    store: StoreRef, left: int, total: int | None
) -> None:
    make_method(500)
    make_coupon("SHIP", kind="free_shipping", budget_cents=left, budget_currency="USD")

    if total is None:
        assert refused(coupon_codes=("SHIP",)) == "coupon_exhausted"
    else:
        assert make_order(price_cents=1_000, coupon_codes=("SHIP",)).total_cents == total


def test_a_coupon_for_free_shipping_is_left_to_the_buyer_where_it_would_give_nothing(
    store: StoreRef,
) -> None:
    # Given
    make_method(500)
    make_promotion("free_shipping", minimums={"USD": 2_000})
    make_coupon("SHIP", kind="free_shipping", max_uses=1)
    # When shipping is free without it, and when nothing is sent
    assert refused(quantity=2, coupon_codes=("SHIP",)) == "coupon_not_combined"
    make_product(variants=[{"sku": "SONG", "price_cents": 99, "requires_shipping": False}])
    assert refused(sku="SONG", coupon_codes=("SHIP",)) == "coupon_no_matching_items"
    # Then it is there for an order that has something to send
    assert make_order(price_cents=1_000, coupon_codes=("SHIP",)).total_cents == 1_000
    assert PromotionUse.objects.get().amount_cents == 500
    assert refused(coupon_codes=("SHIP",)) == "coupon_exhausted"


@pytest.mark.covers("R6")
def test_a_gift_that_costs_nothing_anyway_is_counted_like_any_other(store: StoreRef) -> None:
    # Given
    gift = make_product(sku="SAMPLE", price_cents=0, stock=9)
    promotion = make_promotion("gift", gift_variant_id=gift.variant_ids[0], max_uses=1)
    # When
    first, second = make_order(price_cents=1_000), make_order(price_cents=1_000)
    # Then
    assert Order.objects.get(pk=first.id).lines.filter(is_gift=True, sku="SAMPLE").exists()
    assert not Order.objects.get(pk=second.id).lines.filter(is_gift=True).exists()
    assert (Promotion.objects.get(pk=promotion.pk).used, PromotionUse.objects.count()) == (1, 1)
