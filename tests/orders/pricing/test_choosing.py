"""Which promotions are used, and what each of them takes off what."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from apps.orders.pricing.pipeline import price_basket
from apps.orders.pricing.promotions import is_borne, reason_against
from apps.orders.pricing.types import (
    MethodRule,
    Place,
    PromotionRule,
    RateRow,
    Rules,
    TaxRule,
)
from tests.orders.pricing.baskets import GIFT, basket, item, promotion

BERLIN = Place("DE", "", "10115")
TEN_EUROS_OFF = {"EUR": 1_000}


def method(**fields: Any) -> MethodRule:
    given: dict[str, Any] = {"basis": "flat", "rates": (RateRow("EUR", 0, 490),)}
    return MethodRule("parcel", "Parcel", **{**given, **fields})


def half_and_one_free(half_first: bool) -> tuple[PromotionRule, PromotionRule]:
    first, second = (1, 2) if half_first else (2, 1)
    return (
        promotion("percent", number=1, percent=Decimal(50), priority=first),
        promotion("buy_x_get_y", number=2, buy_quantity=1, get_quantity=1, priority=second),
    )


@pytest.mark.covers("PEER-01")
@pytest.mark.parametrize("half_first", [True, False])
def test_a_free_unit_takes_off_what_is_left_of_that_unit_alone(half_first: bool) -> None:
    priced = price_basket(basket(item(1_000, 2)), Rules(promotions=half_and_one_free(half_first)))

    assert (priced.discount_cents, priced.total_cents) == (1_500, 500)


@pytest.mark.covers("PEER-01", "I-56")
@pytest.mark.parametrize(
    ("percent", "price", "quantity", "left"),
    # 60 % leaves 400 a unit, of which two are paid; a third of 1,001 is rounded half up.
    [(60, 1_000, 3, 800), (50, 667, 3, 667), (50, 1, 3, 1)],
)
def test_of_three_that_cost_less_already_one_is_free(
    percent: int, price: int, quantity: int, left: int
) -> None:
    less = promotion("percent", number=1, percent=Decimal(percent), priority=1)
    free = promotion("buy_x_get_y", number=2, buy_quantity=2, get_quantity=1, priority=2)

    priced = price_basket(basket(item(price, quantity)), Rules(promotions=(less, free)))

    assert priced.total_cents == left


@pytest.mark.covers("PEER-01")
def test_the_free_unit_is_the_cheapest_of_what_is_left() -> None:
    # Given goods of which one costs little after ten euros were taken off them
    goods = (item(1_500, number=1), item(1_000, number=2))
    off = promotion("fixed", number=1, amounts=TEN_EUROS_OFF, priority=1)
    off = replace(off, target=replace(off.target, variants=frozenset({goods[0].variant_id})))
    free = promotion("buy_x_get_y", number=2, buy_quantity=1, get_quantity=1, priority=2)
    # When
    priced = price_basket(basket(*goods), Rules(promotions=(off, free)))
    # Then
    assert [line.total_cents for line in priced.lines] == [0, 1_000]


@pytest.mark.covers("PEER-01", "R6")
@pytest.mark.parametrize("combinable", [True, False])
@pytest.mark.parametrize("price", [0, 1_999])
def test_a_gift_is_used_like_any_other_whatever_it_costs(price: int, combinable: bool) -> None:
    rule = promotion("gift", gift_variant_id=GIFT, combinable=combinable)
    rules = Rules(promotions=(rule,), gifts={GIFT: item(price, variant_id=GIFT)})

    priced = price_basket(basket(item()), rules)

    assert [(line.item.is_gift, line.total_cents) for line in priced.lines] == [
        (False, 1_000),
        (True, 0),
    ]
    assert [(one.rule.code, one.amount_cents) for one in priced.applied] == [("p1", price)]


@pytest.mark.covers("PEER-01")
def test_a_gift_that_does_not_combine_gives_way_to_whatever_costs_less_or_the_same() -> None:
    gift = promotion("gift", number=1, gift_variant_id=GIFT, combinable=False)
    other = promotion("gift", number=2, gift_variant_id=GIFT)
    gifts = {GIFT: item(1_999, variant_id=GIFT)}

    priced = price_basket(basket(item()), Rules(promotions=(gift, other), gifts=gifts))

    assert [one.rule.code for one in priced.applied] == ["p2"]


@pytest.mark.covers("PEER-01", "PEER-03")
def test_what_costs_least_is_told_with_the_tax() -> None:
    # Given ten cents less off goods with tax, and more off goods without
    taxed, free = item(1_000, number=1), item(1_000, number=2, tax_category="books")
    vat = TaxRule("VAT", Decimal(19), "DE")
    books = TaxRule("Books", Decimal(0), "DE", category="books")

    def off(number: int, cents: int, goods: Any) -> PromotionRule:
        rule = promotion("fixed", number=number, amounts={"EUR": cents}, combinable=False)
        return replace(rule, target=replace(rule.target, variants=frozenset({goods.variant_id})))

    rules = Rules(taxes=(vat, books), promotions=(off(1, 300, taxed), off(2, 310, free)))
    # When
    priced = price_basket(basket(taxed, free, place=BERLIN), rules)
    # Then
    assert [one.rule.code for one in priced.applied] == ["p1"]
    assert priced.total_cents == 700 + 133 + 1_000


@pytest.mark.covers("PEER-01", "PEER-20")
def test_a_gift_that_makes_it_too_heavy_to_send_is_left_out_alone() -> None:
    # Given
    gift = promotion("gift", number=1, gift_variant_id=GIFT)
    tenth = promotion("percent", number=2, percent=Decimal(10))
    rules = Rules(
        promotions=(gift, tenth),
        gifts={GIFT: item(500, variant_id=GIFT, weight_grams=2_000)},
        methods=(method(max_weight_grams=1_000),),
    )
    goods = item(weight_grams=500)
    # When
    priced = price_basket(basket(goods, place=BERLIN), rules)
    # Then
    assert (len(priced.lines), priced.total_cents) == (1, 900 + 490)
    assert [one.rule.code for one in priced.applied] == ["p2"]
    # And while nobody knows where it goes, it is there
    assert len(price_basket(basket(goods), rules).lines) == 2


@pytest.mark.covers("PEER-01", "PEER-20")
@pytest.mark.parametrize("combinable", [True, False])
def test_one_with_which_nobody_would_send_it_is_not_used(combinable: bool) -> None:
    fifth = promotion("percent", percent=Decimal(20), combinable=combinable)
    rules = Rules(
        promotions=(fifth,), methods=(method(basis="price", rates=(RateRow("EUR", 900, 700),)),)
    )

    priced = price_basket(basket(item(), place=BERLIN), rules)

    assert (priced.total_cents, priced.applied) == (1_700, ())


@pytest.mark.covers("PEER-01", "PEER-16", "I-57")
def test_a_discount_below_the_price_from_which_it_is_sent_for_nothing_is_not_used() -> None:
    twentieth = promotion("percent", percent=Decimal(5))
    rules = Rules(promotions=(twentieth,), methods=(method(free_from={"EUR": 1_000}),))

    told = [
        price_basket(basket(item(cents), place=BERLIN), rules).total_cents
        for cents in (999, 1_000, 1_052, 1_053)
    ]

    assert told == [949 + 490, 1_000, 1_052, 1_000]


@pytest.mark.covers("PEER-01", "PEER-16")
def test_what_nobody_sends_at_all_keeps_its_promotions() -> None:
    tenth = promotion("percent", percent=Decimal(10))
    rules = Rules(promotions=(tenth,), methods=(method(countries=frozenset({"FR"})),))

    priced = price_basket(basket(item(), place=BERLIN), rules)

    assert (priced.option, priced.total_cents) == (None, 900)


@pytest.mark.covers("PEER-01", "PEER-02", "PEER-16")
def test_free_shipping_is_not_used_up_where_shipping_costs_nothing() -> None:
    rule = promotion("free_shipping", number=2)
    free = Rules(methods=(method(free_from={"EUR": 500}),), promotions=(rule,))
    assert price_basket(basket(item(), place=BERLIN), free).applied == ()

    store = basket(item(), place=BERLIN, free_shipping=True)
    assert price_basket(store, Rules(methods=(method(),), promotions=(rule,))).applied == ()

    twice = Rules(methods=(method(),), promotions=(promotion("free_shipping", number=1), rule))
    used = price_basket(basket(item(), place=BERLIN), twice).applied
    assert [(one.rule.code, one.amount_cents) for one in used] == [("p1", 490)]

    sent_nowhere = basket(item(requires_shipping=False), place=BERLIN)
    assert reason_against(rule, sent_nowhere) == "no_matching_items"
    assert price_basket(sent_nowhere, twice).applied == ()


@pytest.mark.covers("PEER-02")
@pytest.mark.parametrize(
    ("kind", "fields", "bears"),
    [
        ("percent", {"percent": Decimal(50)}, 500),
        ("gift", {"gift_variant_id": GIFT}, 1_999),
        ("free_shipping", {}, 490),
    ],
)
def test_a_budget_bears_what_it_would_spend_and_no_subunit_more(
    kind: str, fields: dict[str, Any], bears: int
) -> None:
    rule = promotion(kind, budget_currency="EUR", **fields)
    gifts = {GIFT: item(1_999, variant_id=GIFT)}

    told = [
        is_borne(replace(rule, budget_left_cents=left), basket(item()), gifts, 490)
        for left in (None, bears, bears - 1)
    ]

    assert told == [True, True, False]
