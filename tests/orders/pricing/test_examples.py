"""Pricing by example: what each rule does, to the last subunit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from apps.orders.pricing.pipeline import price_basket
from apps.orders.pricing.promotions import reason_against
from apps.orders.pricing.taxes import plain_code
from apps.orders.pricing.types import (
    MethodRule,
    Place,
    RateRow,
    Rules,
    Target,
    TaxRule,
)
from tests.orders.pricing.baskets import GIFT, NOW, VENDORS, basket, item, promotion

BERLIN = Place("DE", "", "10115")
VAT = TaxRule("VAT", Decimal(19), "DE")


def method(code: str = "parcel", cents: int = 490, **fields: Any) -> MethodRule:
    """A way to send for one price in euros."""
    given: dict[str, Any] = {"basis": "flat", "rates": (RateRow("EUR", 0, cents),)}
    return MethodRule(code, code.title(), **{**given, **fields})


@pytest.mark.covers("PEER-03")
def test_tax_is_added_to_net_prices_and_rounded_once_per_line() -> None:
    priced = price_basket(basket(item(333, 3), item(5), place=BERLIN), Rules(taxes=(VAT,)))

    assert [line.tax_cents for line in priced.lines] == [190, 1]
    assert priced.total_cents == 999 + 5 + 191


@pytest.mark.covers("PEER-03")
def test_tax_in_gross_prices_is_told_and_not_added() -> None:
    priced = price_basket(
        basket(item(11_900), place=BERLIN, prices_include_tax=True), Rules(taxes=(VAT,))
    )

    assert (priced.total_cents, priced.tax_cents, priced.tax_included_cents) == (11_900, 0, 1_900)


@pytest.mark.covers("PEER-03", "PEER-25")
def test_who_owes_no_tax_pays_the_price_without_the_tax_that_was_in_it() -> None:
    priced = price_basket(
        basket(item(11_900), place=BERLIN, prices_include_tax=True, tax_exempt=True),
        Rules(taxes=(VAT,), methods=(method(cents=1_190),)),
    )

    assert (priced.subtotal_cents, priced.shipping_cents, priced.total_cents) == (
        10_000,
        1_000,
        11_000,
    )


@pytest.mark.covers("PEER-03")
@pytest.mark.parametrize(
    ("place", "category", "percent"),
    [
        (Place("DE"), "", 19),
        (Place("DE"), "books", 7),
        (Place("DE", "", "27498"), "books", 0),
        (Place("US", "ny", "10001-1234"), "", 9),
        (Place("US", "NY", "99999"), "", 8),
        (Place("US", "TX"), "", None),
        (None, "", None),
    ],
)
def test_the_most_specific_rate_applies(
    place: Place | None, category: str, percent: int | None
) -> None:
    rates = (
        VAT,
        TaxRule("VAT", Decimal(7), "DE", category="books"),
        TaxRule("Heligoland", Decimal(0), "DE", postal_prefix="27498"),
        TaxRule("State", Decimal(8), "US", state="NY"),
        TaxRule("City", Decimal(9), "US", state="NY", postal_prefix="10001"),
    )
    priced = price_basket(basket(item(tax_category=category), place=place), Rules(taxes=rates))

    assert priced.lines[0].tax_percent == percent


@pytest.mark.covers("PEER-03", "I-58")
def test_yen_and_dinar_round_to_their_own_subunit() -> None:
    yen = TaxRule("Tax", Decimal(10), "JP")
    priced = price_basket(basket(item(55), currency="JPY", place=Place("JP")), Rules(taxes=(yen,)))
    assert priced.total_cents == 61
    dinar = TaxRule("Tax", Decimal("5.5"), "KW")
    priced = price_basket(
        basket(item(1_001), currency="KWD", place=Place("KW")), Rules(taxes=(dinar,))
    )
    assert priced.total_cents == 1_056


@pytest.mark.covers("PEER-01", "P8")
def test_a_fixed_discount_is_shared_without_losing_a_cent() -> None:
    rule = promotion("fixed", amounts={"EUR": 100})
    priced = price_basket(
        basket(item(number=1), item(number=2), item(number=3)), Rules(promotions=(rule,))
    )

    assert [line.discount_cents for line in priced.lines] == [34, 33, 33]
    assert priced.total_cents == 2_900


@pytest.mark.covers("PEER-01", "P8")
def test_a_discount_never_exceeds_what_it_is_taken_from() -> None:
    rule = promotion("fixed", amounts={"EUR": 5_000})

    assert price_basket(basket(item(500, 2)), Rules(promotions=(rule,))).total_cents == 0


@pytest.mark.covers("PEER-01")
def test_promotions_that_combine_see_what_the_ones_before_them_left() -> None:
    half = promotion("percent", number=1, percent=Decimal(50), priority=1)
    tenth = promotion("percent", number=2, percent=Decimal(10), priority=2)

    assert price_basket(basket(item()), Rules(promotions=(tenth, half))).total_cents == 450


@pytest.mark.covers("PEER-01")
def test_one_that_does_not_combine_is_used_alone_when_that_is_better() -> None:
    tenth = promotion("percent", number=1, percent=Decimal(10))
    alone = promotion("percent", number=2, percent=Decimal(30), combinable=False)
    priced = price_basket(basket(item()), Rules(promotions=(tenth, alone)))
    assert (priced.total_cents, [one.rule.code for one in priced.applied]) == (700, ["p2"])

    weak = replace(alone, percent=Decimal(5))
    priced = price_basket(basket(item()), Rules(promotions=(tenth, weak)))
    assert (priced.total_cents, [one.rule.code for one in priced.applied]) == (900, ["p1"])


@pytest.mark.covers("PEER-01")
def test_of_three_the_cheapest_is_free() -> None:
    rule = promotion("buy_x_get_y", buy_quantity=2, get_quantity=1)
    priced = price_basket(
        basket(item(3_000, number=1), item(1_000, number=2), item(2_000, number=3)),
        Rules(promotions=(rule,)),
    )

    assert [line.discount_cents for line in priced.lines] == [0, 1_000, 0]


@pytest.mark.covers("PEER-01")
def test_two_units_are_not_enough_for_buy_two_get_one() -> None:
    rule = promotion("buy_x_get_y", buy_quantity=2, get_quantity=1)

    assert reason_against(rule, basket(item(quantity=2))) == "minimum_not_met"
    assert price_basket(basket(item(quantity=7)), Rules(promotions=(rule,))).total_cents == 5_000


@pytest.mark.covers("PEER-01")
def test_a_gift_is_added_and_costs_nothing() -> None:
    rule = promotion("gift", gift_variant_id=GIFT, minimums={"EUR": 5_000})
    rules = Rules(promotions=(rule,), gifts={GIFT: item(1_999, variant_id=GIFT)})
    priced = price_basket(basket(item(5_000)), rules)
    assert [(line.item.is_gift, line.total_cents) for line in priced.lines] == [
        (False, 5_000),
        (True, 0),
    ]
    assert priced.applied[0].amount_cents == 1_999

    assert len(price_basket(basket(item(4_999)), rules).lines) == 1


@pytest.mark.covers("PEER-01")
def test_a_gift_that_its_budget_does_not_bear_is_not_in_the_basket() -> None:
    rule = promotion("gift", gift_variant_id=GIFT, budget_left_cents=1_998, budget_currency="EUR")
    rules = Rules(promotions=(rule,), gifts={GIFT: item(1_999, variant_id=GIFT)})

    priced = price_basket(basket(item(5_000)), rules)

    assert (len(priced.lines), priced.total_cents, priced.applied) == (1, 5_000, ())


@pytest.mark.covers("PEER-01")
def test_the_window_begins_with_its_first_instant_and_ends_before_its_last() -> None:
    instant, end = timedelta(microseconds=1), NOW + timedelta(hours=1)
    rule = promotion("percent", percent=Decimal(10), starts_at=NOW, ends_at=end)

    assert reason_against(rule, basket(item(), now=NOW - instant)) == "not_started"
    assert reason_against(rule, basket(item(), now=NOW)) == ""
    assert reason_against(rule, basket(item(), now=end - instant)) == ""
    assert reason_against(rule, basket(item(), now=end)) == "ended"


@pytest.mark.covers("PEER-01", "PEER-21")
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"customer_groups": frozenset({"gold"})}, "wrong_group"),
        ({"markets": frozenset({"eu"})}, "wrong_market"),
        ({"uses_left": 0}, "exhausted"),
        ({"budget_left_cents": 0, "budget_currency": "EUR"}, "exhausted"),
        ({"budget_left_cents": 500, "budget_currency": "USD"}, "wrong_currency"),
        ({"customer_uses_left": 0}, "used_already"),
        ({"minimums": {"USD": 1}}, "wrong_currency"),
        ({"minimums": {"EUR": 1_001}}, "minimum_not_met"),
        ({"min_quantity": 2}, "minimum_not_met"),
        ({"target": Target(vendors=frozenset({VENDORS[1]}))}, "no_matching_items"),
        ({}, ""),
    ],
)
def test_why_a_promotion_does_not_hold(fields: dict[str, Any], reason: str) -> None:
    rule = promotion("percent", percent=Decimal(10), **fields)

    assert reason_against(rule, basket(item(), market="us")) == reason


@pytest.mark.covers("PEER-01")
def test_one_that_would_overspend_its_budget_gives_nothing() -> None:
    rule = promotion("percent", percent=Decimal(50), budget_left_cents=499, budget_currency="EUR")
    assert price_basket(basket(item()), Rules(promotions=(rule,))).total_cents == 1_000

    rule = replace(rule, budget_left_cents=500)
    assert price_basket(basket(item()), Rules(promotions=(rule,))).total_cents == 500


@pytest.mark.covers("PEER-16", "PEER-30")
def test_shipping_is_read_from_the_table_by_weight_with_its_tax() -> None:
    heavy = method(basis="weight", rates=(RateRow("EUR", 0, 490), RateRow("EUR", 2_000, 990)))
    priced = price_basket(
        basket(item(1_000, 2, weight_grams=1_000), place=BERLIN),
        Rules(methods=(heavy,), taxes=(VAT,)),
    )

    assert (priced.shipping_cents, priced.shipping_tax_cents) == (990, 188)
    assert priced.total_cents == 2_000 + 380 + 990 + 188


@pytest.mark.covers("PEER-16", "PEER-30")
@pytest.mark.parametrize(("cents", "shipping"), [(4_999, 490), (5_000, 0)])
def test_shipping_is_free_from_a_price_on(cents: int, shipping: int) -> None:
    rules = Rules(methods=(method(free_from={"EUR": 5_000}),))

    assert price_basket(basket(item(cents), place=BERLIN), rules).shipping_cents == shipping


@pytest.mark.covers("PEER-16", "PEER-30", "PEER-33")
def test_each_vendor_with_methods_of_their_own_sends_for_themselves() -> None:
    rules = Rules(methods=(method(cents=500), method(cents=700, vendor_id=VENDORS[1])))
    goods = [item(1_000, number=n, vendor_id=VENDORS[n]) for n in (0, 1, 2)]
    priced = price_basket(basket(*goods, place=BERLIN), rules)

    assert priced.shipping_cents == 1_200
    assert [part.shipping_cents for part in priced.parts] == [250, 700, 250]


@pytest.mark.covers("PEER-16", "PEER-30")
def test_the_zone_that_describes_the_place_best_decides() -> None:
    rules = Rules(
        methods=(
            method(cents=3_000),
            method(cents=500, countries=frozenset({"DE"})),
            method(cents=900, countries=frozenset({"DE"}), postal_prefixes=("27498",)),
        )
    )
    cost = {
        code: price_basket(basket(item(), place=Place(*code)), rules).shipping_cents
        for code in [("DE", "", "10115"), ("DE", "", "27498"), ("FR", "", "75001")]
    }
    assert list(cost.values()) == [500, 900, 3_000]


@pytest.mark.covers("PEER-16", "PEER-20")
def test_what_nobody_sends_there_has_no_option() -> None:
    rules = Rules(methods=(method(countries=frozenset({"DE"})),))
    priced = price_basket(basket(item(), place=Place("FR")), rules)

    assert (priced.option, priced.options) == (None, ())


@pytest.mark.covers("PEER-01", "PEER-16")
def test_free_shipping_takes_off_the_shipping_and_its_tax() -> None:
    priced = price_basket(
        basket(item(), place=BERLIN),
        Rules(methods=(method(),), taxes=(VAT,), promotions=(promotion("free_shipping"),)),
    )

    assert (priced.shipping_cents, priced.shipping_tax_cents, priced.total_cents) == (0, 0, 1_190)
    assert [(one.rule.kind, one.amount_cents) for one in priced.applied] == [("free_shipping", 490)]


@pytest.mark.covers("PEER-01", "PEER-16")
@pytest.mark.parametrize(("left", "shipping"), [(489, 490), (490, 0)])
def test_free_shipping_that_its_budget_does_not_bear_is_not_given(left: int, shipping: int) -> None:
    rule = promotion("free_shipping", budget_left_cents=left, budget_currency="EUR")
    priced = price_basket(
        basket(item(), place=BERLIN), Rules(methods=(method(),), promotions=(rule,))
    )

    assert (priced.shipping_cents, priced.total_cents) == (shipping, 1_000 + shipping)
    assert [one.amount_cents for one in priced.applied] == ([] if shipping else [490])


@pytest.mark.covers("PEER-16", "PEER-30")
@pytest.mark.parametrize("typed", ["00-950", "00950", "00 950"])
@pytest.mark.parametrize("prefix", ["009", "00-9"])
def test_a_postal_code_is_of_its_zone_however_it_is_written(typed: str, prefix: str) -> None:
    warsaw = method("warsaw", countries=frozenset({"PL"}), postal_prefixes=(plain_code(prefix),))
    rules = Rules(methods=(warsaw,))

    assert price_basket(basket(item(), place=Place("PL", "", typed)), rules).option is not None


@pytest.mark.covers("I-31")
def test_two_hundred_lines_and_fifty_promotions_are_priced_in_one_walk_each() -> None:
    goods = [item(1_000, number=n, vendor_id=VENDORS[n % 3]) for n in range(200)]
    rules = Rules(
        promotions=tuple(
            promotion(
                "percent",
                number=n,
                percent=Decimal(1),
                target=Target(products=frozenset({UUID(int=100 + n)})),
            )
            for n in range(50)
        )
    )
    priced = price_basket(basket(*goods), rules)

    assert priced.discount_cents == 500
    assert len(priced.applied) == 50
