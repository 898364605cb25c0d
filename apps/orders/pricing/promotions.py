"""What each promotion takes off a basket: pure, and linear in the lines (PEER-01, I-31).

No line ever costs less than nothing: every discount is capped by what is left of its line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from apps.common.money import allocate, percentage
from apps.orders.pricing.types import Basket, Item, PromotionRule

_ALL = Decimal(100)


@dataclass(frozen=True, slots=True)
class Given:
    """What one promotion takes off each line; `ships_free` takes off the shipping as well."""

    rule: PromotionRule
    shares: tuple[int, ...]
    ships_free: bool = False

    @property
    def amount_cents(self) -> int:
        """Off all lines."""
        return sum(self.shares)


def with_gifts(
    items: Sequence[Item], rules: Sequence[PromotionRule], gifts: Mapping[UUID, Item]
) -> tuple[Item, ...]:
    """The items, and what the gift promotions among the rules add, each gift at its price.

    The promotion that adds a gift takes its price off again, so the trace tells of both.
    """
    added = [
        replace(gifts[rule.gift_variant_id], quantity=rule.gift_quantity, is_gift=True)
        for rule in rules
        if rule.kind == "gift" and rule.gift_variant_id and rule.gift_variant_id in gifts
    ]
    return (*items, *added)


def reason_against(rule: PromotionRule, basket: Basket) -> str:
    """Why the promotion does not hold for the basket: a code, or "" when it does.

    `not_started`, `ended` (the window's end is not part of it), `wrong_group`, `wrong_market`,
    `exhausted`, `used_already`, `wrong_currency`, `minimum_not_met`, `no_matching_items`.
    """
    if rule.starts_at is not None and basket.now < rule.starts_at:
        return "not_started"
    if rule.ends_at is not None and basket.now >= rule.ends_at:
        return "ended"
    if rule.customer_groups and basket.customer_group not in rule.customer_groups:
        return "wrong_group"
    if rule.markets and basket.market not in rule.markets:
        return "wrong_market"
    if rule.uses_left == 0 or (rule.budget_left_cents is not None and rule.budget_left_cents <= 0):
        return "exhausted"
    if rule.customer_uses_left == 0:
        return "used_already"
    return _reason_in_goods(rule, basket)


def _reason_in_goods(rule: PromotionRule, basket: Basket) -> str:
    named = [item for item in basket.items if not item.is_gift and rule.target.covers(item)]
    # Of what nobody sends, no shipping is taken off.
    idle = rule.kind == "free_shipping" and not any(one.requires_shipping for one in basket.items)
    if not named or idle:
        return "no_matching_items"
    bounded = rule.budget_left_cents is not None and rule.budget_currency != basket.currency
    priced = rule.kind in {"fixed", "fixed_each"} and basket.currency not in rule.amounts
    if bounded or priced or (rule.minimums and basket.currency not in rule.minimums):
        return "wrong_currency"
    worth = sum(item.subtotal_cents for item in named)
    units = sum(item.quantity for item in named)
    if worth < rule.minimums.get(basket.currency, 0) or units < rule.min_quantity:
        return "minimum_not_met"
    if rule.kind == "buy_x_get_y" and units < rule.buy_quantity + rule.get_quantity:
        return "minimum_not_met"
    return ""


def given_by(
    rules: Sequence[PromotionRule], items: Sequence[Item], currency: str
) -> tuple[Given, ...]:
    """What the promotions take off, one after the other; each sees what the ones before it left.

    One that would give more than its budget has left gives nothing; what shipping costs is not
    known here yet. One that gives nothing is left out; a gift is something whatever it costs. A
    gift's price is taken off by the promotion that added it alone.
    """
    left = [item.subtotal_cents for item in items]
    found: list[Given] = []
    taken: set[int] = set()
    for rule in rules:
        gifts = len(taken)
        shares = _shares(rule, items, left, currency, taken)
        ships_free = rule.kind == "free_shipping"
        over = rule.budget_left_cents is not None and sum(shares) > rule.budget_left_cents
        if over or not (ships_free or any(shares) or len(taken) > gifts):
            continue
        left = [rest - share for rest, share in zip(left, shares, strict=True)]
        found.append(Given(rule, tuple(shares), ships_free))
    return tuple(found)


def is_borne(
    rule: PromotionRule, basket: Basket, gifts: Mapping[UUID, Item], freight_cents: int
) -> bool:
    """Whether the promotion's budget bears what it would take off the basket by itself."""
    if rule.budget_left_cents is None:
        return True
    if rule.kind == "free_shipping":
        return freight_cents <= rule.budget_left_cents
    unbounded = replace(rule, budget_left_cents=None)
    given = given_by([unbounded], with_gifts(basket.items, [rule], gifts), basket.currency)
    return sum(one.amount_cents for one in given) <= rule.budget_left_cents


def _shares(
    rule: PromotionRule, items: Sequence[Item], left: Sequence[int], currency: str, taken: set[int]
) -> list[int]:
    if rule.kind == "gift":
        return _gift(rule, items, left, taken)
    named = [index for index, item in enumerate(items) if _named(rule, item)]
    shares = [0] * len(items)
    if rule.kind == "percent" and rule.percent is not None:
        for index in named:
            shares[index] = percentage(left[index], rule.percent)
    elif rule.kind == "fixed":
        rest = [left[index] for index in named]
        amount = min(rule.amounts.get(currency, 0), sum(rest))
        for index, share in zip(named, allocate(amount, rest), strict=True):
            shares[index] = share
    elif rule.kind == "fixed_each":
        for index in named:
            each = rule.amounts.get(currency, 0)
            shares[index] = min(each * items[index].quantity, left[index])
    elif rule.kind == "buy_x_get_y":
        _cheapest_for_less(rule, items, left, named, shares)
    return shares


def _named(rule: PromotionRule, item: Item) -> bool:
    return not item.is_gift and rule.target.covers(item)


def _gift(
    rule: PromotionRule, items: Sequence[Item], left: Sequence[int], taken: set[int]
) -> list[int]:
    shares = [0] * len(items)
    for index, item in enumerate(items):
        if item.is_gift and item.variant_id == rule.gift_variant_id and index not in taken:
            taken.add(index)
            shares[index] = left[index]
            break
    return shares


def _cheapest_for_less(
    rule: PromotionRule,
    items: Sequence[Item],
    left: Sequence[int],
    named: Sequence[int],
    shares: list[int],
) -> None:
    """Of every `buy + get` units the cheapest `get` cost less: of what is left of just those."""
    units = sum(items[index].quantity for index in named)
    free = units // (rule.buy_quantity + rule.get_quantity) * rule.get_quantity
    for index in sorted(named, key=lambda one: (left[one] / items[one].quantity, one)):
        quantity = items[index].quantity
        count = min(free, quantity)
        free -= count
        worth = (2 * left[index] * count + quantity) // (2 * quantity)
        shares[index] = percentage(worth, rule.percent or _ALL)
