"""What a basket costs and why: prices → promotions → shipping → tax, pure arithmetic (P8, MOON-09).

Everything that sells (cart, checkout, order, draft, edit, exchange) comes through `price_basket`,
so a basket costs the same wherever it is looked at. Each step adds entries to one trace; the
amounts of the entries sum to the total, as do the lines with the shipping, and as do the parts of
the vendors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from apps.common.money import allocate
from apps.orders.pricing import taxes
from apps.orders.pricing.delivery import options_for
from apps.orders.pricing.freight import Freight, freights_of
from apps.orders.pricing.parts import parts_of
from apps.orders.pricing.promotions import Given, given_by, reason_against, with_gifts
from apps.orders.pricing.types import (
    Applied,
    Basket,
    Entry,
    Item,
    LinePrice,
    Option,
    Pricing,
    PromotionRule,
    Rules,
)


@dataclass(frozen=True, slots=True)
class _Deal:
    """What one choice of promotions comes to before tax.

    shares: what each line loses, to the promotions and to what staff take off by hand.
    is_deliverable: False where some of it cannot be sent to the place.
    """

    items: tuple[Item, ...]
    given: tuple[Given, ...]
    by_hand: tuple[int, ...]
    options: tuple[Option, ...]
    option: Option | None
    is_deliverable: bool
    by_store: bool

    @property
    def shares(self) -> tuple[int, ...]:
        """What each line loses."""
        columns = [one.shares for one in self.given] + [self.by_hand]
        return tuple(sum(row) for row in zip(*columns, strict=True))

    @property
    def ships_free(self) -> bool:
        """Whether the store, or one of the promotions, takes off the shipping."""
        return self.by_store or any(one.ships_free for one in self.given)

    @property
    def is_held_up(self) -> bool:
        """Whether it may be that it travels better without what the promotions do to it."""
        costs = self.option is not None and self.option.amount_cents > 0 and not self.ships_free
        return bool(self.given) and (costs or not self.is_deliverable)


def price_basket(basket: Basket, rules: Rules) -> Pricing:
    """Price the basket by the rules.

    Of the promotions that hold, all combinable ones together or one of the others alone are used:
    whichever leaves the lowest total and can be sent; at a tie those together, if they give
    anything. Rounding is half up, once per line and step. Nothing is ever below 0. Serves PEER-01,
    PEER-03, PEER-04, PEER-16, P8, I-56, I-57.
    """
    deal = _best_deal(basket, rules)
    lines = _lines(basket, rules, deal)
    freights = freights_of(deal.option, basket, rules, free=deal.ships_free)
    subtotal = sum(line.subtotal_cents for line in lines)
    discount = sum(line.discount_cents for line in lines)
    shipping = sum(freight.paid_cents for freight in freights)
    freight_tax = sum(freight.tax_cents for freight in freights)
    tax = sum(line.tax_cents for line in lines) + freight_tax
    return Pricing(
        lines=lines,
        parts=parts_of(lines, freights),
        subtotal_cents=subtotal,
        discount_cents=discount,
        tax_cents=tax,
        tax_included_cents=sum(line.tax_included_cents for line in lines)
        + sum(freight.tax_included_cents for freight in freights),
        shipping_cents=shipping,
        shipping_tax_cents=freight_tax,
        total_cents=subtotal - discount + tax + shipping,
        option=deal.option,
        options=deal.options,
        applied=_applied(deal, freights),
        entries=_entries(basket, rules, deal, lines, freights),
    )


def _best_deal(basket: Basket, rules: Rules) -> _Deal:
    holding = [rule for rule in rules.promotions if reason_against(rule, basket) == ""]
    holding.sort(key=lambda rule: (rule.priority, rule.code))
    together = [rule for rule in holding if rule.combinable]
    choices = [together, *([rule] for rule in holding if not rule.combinable)]
    deals = [_deal(basket, rules, choice) for choice in choices]
    held_up = [choice for choice, deal in zip(choices, deals, strict=True) if deal.is_held_up]
    deals += [_deal(basket, rules, choice) for choice in _lighter(held_up)]
    if len(deals) == 1:
        return deals[0]
    # The first of the cheapest. A gift makes no choice cheaper, yet is better than nothing.
    return min(
        deals,
        key=lambda deal: (not deal.is_deliverable, _total(basket, rules, deal), not deal.given),
    )


def _lighter(choices: Sequence[Sequence[PromotionRule]]) -> list[list[PromotionRule]]:
    """What may be sent of choices that cannot be, or for less: their gifts may be too heavy, or
    what they leave worth too little for a price from which on it is sent, or sent for nothing.
    """
    kinds = [{rule.kind for rule in choice} for choice in choices]
    found = [
        [rule for rule in choice if rule.kind != "gift"]
        for choice, those in zip(choices, kinds, strict=True)
        if "gift" in those and len(those) > 1
    ]
    return [*found, []] if any(kinds) else []


def _total(basket: Basket, rules: Rules, deal: _Deal) -> int:
    """What the buyer would pay, with tax: two deals may take off goods of different rates."""
    freights = freights_of(deal.option, basket, rules, free=deal.ships_free)
    goods = sum(line.total_cents for line in _lines(basket, rules, deal))
    return goods + sum(freight.paid_cents + freight.tax_cents for freight in freights)


def _deal(basket: Basket, rules: Rules, chosen: Sequence[PromotionRule]) -> _Deal:
    items = with_gifts(basket.items, chosen, rules.gifts)
    if basket.tax_exempt and basket.prices_include_tax:
        items = tuple(_net(item, basket, rules) for item in items)
    given = given_by(chosen, items, basket.currency)
    bought = _not_given(chosen, given, rules)
    if bought:
        # Its budget does not bear it: then it is not in the basket at all.
        return _deal(basket, rules, [rule for rule in chosen if rule not in bought])
    taken = [sum(one.shares[index] for one in given) for index in range(len(items))]
    left = [item.subtotal_cents - gone for item, gone in zip(items, taken, strict=True)]
    bearing = [
        rest if item.variant_id in (basket.discounted or {item.variant_id}) else 0
        for item, rest in zip(items, left, strict=True)
    ]
    by_hand = allocate(min(basket.discount_cents, sum(bearing)), bearing)
    worths = [rest - share for rest, share in zip(left, by_hand, strict=True)]
    options: tuple[Option, ...] = ()
    if basket.place is not None:
        options = options_for(items, worths, rules, place=basket.place, currency=basket.currency)
    option = _chosen(options, basket.shipping_method)
    dear = _not_borne(given, option, basket, rules)
    if dear is not None:
        return _deal(basket, rules, [rule for rule in chosen if rule != dear])
    return _Deal(
        items,
        given=_without_idle(given, option, basket, rules),
        by_hand=tuple(by_hand),
        options=options,
        option=option,
        is_deliverable=basket.place is None or option is not None or not _travels(items, rules),
        by_store=basket.free_shipping,
    )


def _travels(items: Sequence[Item], rules: Rules) -> bool:
    return any(item.requires_shipping and rules.sends(item.vendor_id) for item in items)


def _not_given(
    chosen: Sequence[PromotionRule], given: Sequence[Given], rules: Rules
) -> list[PromotionRule]:
    """The gift promotions whose gift the buyer would have to pay."""
    used = {one.rule.id for one in given}
    return [
        rule
        for rule in chosen
        if rule.kind == "gift" and rule.id not in used and rule.gift_variant_id in rules.gifts
    ]


def _not_borne(
    given: Sequence[Given], option: Option | None, basket: Basket, rules: Rules
) -> PromotionRule | None:
    """The promotion whose budget does not bear the shipping that it would take off."""
    first = _shipper(given)
    if first is None or first.rule.budget_left_cents is None:
        return None
    freight = sum(one.price_cents for one in freights_of(option, basket, rules, free=True))
    return first.rule if first.amount_cents + freight > first.rule.budget_left_cents else None


def _shipper(given: Sequence[Given]) -> Given | None:
    """The first that ships for free; one that asks for no coupon before those that do."""
    ships = [one for one in given if one.ships_free]
    return min(ships, key=lambda one: one.rule.coupon_id is not None, default=None)


def _without_idle(
    given: tuple[Given, ...], option: Option | None, basket: Basket, rules: Rules
) -> tuple[Given, ...]:
    """All but those that ship for free what costs nothing already, so that none is used up for it.

    One of several takes off the shipping. While the place is not known, it is not idle yet.
    """
    first = _shipper(given)
    if first is None:
        return given
    freights = freights_of(option, basket, rules, free=True)
    costs = not basket.free_shipping and any(one.price_cents for one in freights)
    used = first if costs or basket.place is None else None
    return tuple(one for one in given if not one.ships_free or one is used)


def _chosen(options: Sequence[Option], code: str) -> Option | None:
    """The wanted option, or the cheapest when none is wanted; None when there is no such one."""
    if code:
        return next((option for option in options if option.code == code), None)
    return min(options, key=lambda option: option.amount_cents, default=None)


def _net(item: Item, basket: Basket, rules: Rules) -> Item:
    """The item at its price without the tax in it, for a buyer who owes none."""
    rule = taxes.rate_for(rules.taxes, basket.place, item.tax_category)
    if rule is None:
        return item
    return replace(item, unit_price_cents=taxes.without(item.unit_price_cents, rule.percent))


def _lines(basket: Basket, rules: Rules, deal: _Deal) -> tuple[LinePrice, ...]:
    return tuple(
        _line(item, share, basket, rules)
        for item, share in zip(deal.items, deal.shares, strict=True)
    )


def _line(item: Item, discount: int, basket: Basket, rules: Rules) -> LinePrice:
    worth = item.subtotal_cents - discount
    rule = taxes.rate_for(rules.taxes, basket.place, item.tax_category)
    tax = included = 0
    if rule is not None and not basket.tax_exempt:
        if basket.prices_include_tax:
            included = taxes.contained(worth, rule.percent)
        else:
            tax = taxes.added(worth, rule.percent)
    return LinePrice(
        item=item,
        subtotal_cents=item.subtotal_cents,
        discount_cents=discount,
        tax_cents=tax,
        tax_included_cents=included,
        tax_percent=None if rule is None or basket.tax_exempt else rule.percent,
        tax_name="" if rule is None or basket.tax_exempt else rule.name,
        total_cents=worth + tax,
    )


def _applied(deal: _Deal, freights: Sequence[Freight]) -> tuple[Applied, ...]:
    """What each promotion gave; at most one ships for free."""
    freight = sum(one.price_cents - one.paid_cents for one in freights)
    return tuple(
        Applied(given.rule, given.amount_cents + (freight if given.ships_free else 0))
        for given in deal.given
    )


def _entries(
    basket: Basket,
    rules: Rules,
    deal: _Deal,
    lines: Sequence[LinePrice],
    freights: Sequence[Freight],
) -> tuple[Entry, ...]:
    listed = [item.unit_price_cents for item in basket.items]
    entries = [
        _price_entry(index, line.item, listed[index] if index < len(listed) else None)
        for index, line in enumerate(lines)
    ]
    for given in deal.given:
        code = given.rule.coupon_code or given.rule.code
        entries += _off("promotion", given.rule.name, given.shares, code, given.rule.id)
    entries += _off("discount", "Discount", deal.by_hand)
    for freight in freights:
        entries += freight.entries(include_tax=basket.prices_include_tax)
    for index, line in enumerate(lines):
        if line.tax_percent is not None:
            detail = {
                "percent": f"{line.tax_percent.normalize():f}",
                "base_cents": line.subtotal_cents - line.discount_cents,
                "included_cents": line.tax_included_cents,
                "included": basket.prices_include_tax,
            }
            entries.append(Entry("tax", line.tax_name, line.tax_cents, index, detail=detail))
    return tuple(entries)


def _price_entry(index: int, item: Item, listed_cents: int | None) -> Entry:
    detail: dict[str, object] = {
        "quantity": item.quantity,
        "unit_price_cents": item.unit_price_cents,
    }
    if listed_cents is not None and listed_cents != item.unit_price_cents:
        detail["with_tax_cents"] = listed_cents
    if item.is_gift:
        detail["gift"] = True
    label = f"Price list {item.price_list}" if item.price_list else "Price given by hand"
    return Entry("price", label, item.subtotal_cents, index, item.price_list, detail=detail)


def _off(
    step: str, label: str, shares: Sequence[int], code: str = "", rule_id: UUID | None = None
) -> list[Entry]:
    detail = {"promotion_id": str(rule_id)} if rule_id else {}
    return [
        Entry(step, label, -share, index, code, detail=detail)
        for index, share in enumerate(shares)
        if share
    ]
