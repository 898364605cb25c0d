"""What holds for every basket, whatever the rules (P8, I-56, MOON-09).

`make fuzz` runs these with 10,000 examples each.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from apps.orders.pricing.pipeline import price_basket
from apps.orders.pricing.types import Basket, Pricing, Rules
from tests.orders.pricing.baskets import cases

pytestmark = pytest.mark.property


def check_sums(pricing: Pricing) -> None:
    """Lines, parts and trace all come to the same total, to the last subunit."""
    lines = pricing.lines
    assert pricing.total_cents == (
        pricing.subtotal_cents - pricing.discount_cents + pricing.tax_cents + pricing.shipping_cents
    )
    assert pricing.total_cents == (
        sum(line.total_cents for line in lines)
        + pricing.shipping_cents
        + pricing.shipping_tax_cents
    )
    for line in lines:
        worth = line.item.quantity * line.item.unit_price_cents
        assert line.subtotal_cents == worth
        assert line.total_cents == worth - line.discount_cents + line.tax_cents
        assert 0 <= line.discount_cents <= worth
        assert 0 <= line.tax_included_cents <= worth - line.discount_cents
    parts = pricing.parts
    assert sum(part.subtotal_cents for part in parts) == pricing.subtotal_cents
    assert sum(part.discount_cents for part in parts) == pricing.discount_cents
    assert sum(part.tax_cents for part in parts) == pricing.tax_cents
    assert sum(part.shipping_cents for part in parts) == pricing.shipping_cents
    assert sum(part.total_cents for part in parts) == pricing.total_cents
    assert all(part.total_cents >= 0 for part in parts)


@pytest.mark.covers("P8", "PEER-01", "PEER-03", "I-56", "I-57", "ORD-02")
@given(cases())
def test_lines_plus_tax_plus_shipping_less_discounts_are_the_total(
    case: tuple[Basket, Rules],
) -> None:
    check_sums(price_basket(*case))


@pytest.mark.covers("MOON-09")
@given(cases())
def test_the_trace_explains_every_subunit(case: tuple[Basket, Rules]) -> None:
    pricing = price_basket(*case)

    assert sum(entry.amount_cents for entry in pricing.entries) == pricing.total_cents
    for index, line in enumerate(pricing.lines):
        of_line = [entry for entry in pricing.entries if entry.line == index]
        assert sum(entry.amount_cents for entry in of_line) == line.total_cents
    given = sum(-entry.amount_cents for entry in pricing.entries if entry.step == "promotion")
    assert given == sum(one.amount_cents for one in pricing.applied)


@pytest.mark.covers("PEER-01", "P6")
@given(cases())
def test_nothing_is_ever_below_zero(case: tuple[Basket, Rules]) -> None:
    pricing = price_basket(*case)

    assert pricing.total_cents >= 0
    assert pricing.tax_cents >= 0
    assert pricing.shipping_cents >= 0
    assert all(line.total_cents >= 0 for line in pricing.lines)
    assert all(one.amount_cents >= 0 for one in pricing.applied)


@pytest.mark.covers("PEER-01")
@given(cases())
def test_promotions_never_make_the_goods_dearer_and_keep_to_their_budgets(
    case: tuple[Basket, Rules],
) -> None:
    basket, rules = case
    without = price_basket(basket, replace(rules, promotions=()))
    pricing = price_basket(basket, rules)

    plain = without.subtotal_cents - without.discount_cents + without.shipping_cents
    if pricing.option == without.option:
        spent = pricing.subtotal_cents - pricing.discount_cents + pricing.shipping_cents
        assert spent <= plain
    for one in pricing.applied:
        if one.rule.budget_left_cents is not None:
            assert one.amount_cents <= one.rule.budget_left_cents


@pytest.mark.covers("PEER-01", "PEER-20")
@given(cases())
def test_no_single_choice_of_promotions_would_have_cost_less(case: tuple[Basket, Rules]) -> None:
    basket, rules = case
    pricing = price_basket(basket, rules)

    together = tuple(rule for rule in rules.promotions if rule.combinable)
    alone = [(rule,) for rule in rules.promotions if not rule.combinable]
    for choice in [(), together, *alone]:
        other = price_basket(basket, replace(rules, promotions=choice))
        if other.option is not None or pricing.option is None:
            assert pricing.total_cents <= other.total_cents


@pytest.mark.covers("PEER-03")
@given(cases())
def test_whoever_owes_no_tax_pays_none(case: tuple[Basket, Rules]) -> None:
    basket, rules = case
    pricing = price_basket(replace(basket, tax_exempt=True), rules)

    assert (pricing.tax_cents, pricing.tax_included_cents) == (0, 0)


@pytest.mark.covers("PEER-16")
@given(cases())
def test_the_options_are_the_same_that_choosing_them_charges(case: tuple[Basket, Rules]) -> None:
    basket, rules = case
    rules = replace(rules, promotions=())
    for option in price_basket(basket, rules).options:
        chosen = price_basket(replace(basket, shipping_method=option.code, tax_exempt=False), rules)
        assert chosen.option is not None
        assert chosen.option.code == option.code
        assert chosen.shipping_cents == chosen.option.amount_cents
