"""What a basket would cost now: the one way to a price, for carts, orders, drafts and edits.

It reads the catalog's prices and the store's rules, and has `pricing` do the sums. It writes
nothing and locks nothing; whoever sells on the strength of it does so in one transaction, where
limits and stock have their own guards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from apps.accounts.facade import customer_group_of
from apps.catalog.facade import get_variants
from apps.catalog.types import VariantInfo
from apps.common.errors import ValidationFailed
from apps.common.money import EXPONENTS
from apps.inventory.facade import availability, backorder_room
from apps.orders.companies import Company, company_for, owes_no_tax
from apps.orders.ports import TaxRequest, tax_provider
from apps.orders.pricing.pipeline import price_basket
from apps.orders.pricing.promotions import is_borne, reason_against
from apps.orders.pricing.types import (
    Basket,
    Item,
    LinePrice,
    Place,
    Pricing,
    PromotionRule,
    Rules,
)
from apps.orders.resolving import ResolvedLine, merged, resolve
from apps.orders.rulebook import MarketRule, Rulebook, read_rulebook, read_sending
from apps.orders.types import LineRequest


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """What somebody means to buy. place: where it goes, None while nobody knows.

    customer_group: the customer's, where the caller knows it already; else it is looked up.
    market: its code, "" for the one of the place. discount_cents: what staff take off by hand,
    of the variants in `discounted` alone unless that is empty.
    promotions: False for prices that nothing more comes off. free_shipping: sending costs nothing
    whatever the method. by_staff: who asks works for the store. order_id: an order whose own uses
    of promotions do not count against it, for its edits.
    """

    lines: tuple[LineRequest, ...]
    currency: str
    customer_id: UUID | None = None
    email: str = ""
    customer_group: str | None = None
    organization_id: str = ""
    place: Place | None = None
    shipping_method: str = ""
    coupon_codes: tuple[str, ...] = ()
    market: str = ""
    vat_id: str = ""
    discount_cents: int = 0
    discounted: frozenset[UUID] = frozenset()
    promotions: bool = True
    free_shipping: bool = False
    by_staff: bool = False
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CouponAnswer:
    """What became of a coupon code. status: `applied`, or why not: `unknown`, `inactive`,
    `exhausted`, `not_combined` (something better was used), or a reason of `reason_against`.
    """

    code: str
    status: str
    promotion: str = ""
    amount_cents: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """A basket with its price. `lines` are as asked for, refused ones too; `sold` those that are
    priced, one per variant and price, at the same places as `pricing.lines`, which has the gifts
    after them. `sends` is False where nobody has any method for these goods: they are sent free.
    `lacks_place`: they may owe a tax, and nobody said where the buyer is.
    """

    lines: tuple[ResolvedLine, ...]
    sold: tuple[ResolvedLine, ...]
    pricing: Pricing
    coupons: tuple[CouponAnswer, ...]
    currency: str
    market: MarketRule | None
    company: Company | None
    customer_key: str
    sends: bool
    lacks_place: bool
    gifts: Mapping[UUID, VariantInfo] = field(default_factory=dict)

    @property
    def needs_shipping(self) -> bool:
        """Whether something in it is sent to a place."""
        return any(line.item.requires_shipping for line in self.pricing.lines)

    @property
    def is_deliverable(self) -> bool:
        """Whether a way to send it was found, or none is needed."""
        return not self.sends or not self.needs_shipping or self.pricing.option is not None

    def goods(self) -> list[tuple[VariantInfo, LinePrice]]:
        """Every priced line with its variant, gifts included."""
        known = {**self.gifts, **{row.variant.id: row.variant for row in self.sold if row.variant}}
        return [(known[line.item.variant_id], line) for line in self.pricing.lines]


def quote(request: QuoteRequest) -> Quote:
    """Price what is asked for, as it stands at this moment.

    A handful of statements, however many lines. Raises ValidationFailed for a currency that does
    not exist or that the market does not take (`currency`), an unknown market (`market`) and a
    company that the buyer does not buy for (`organization_id`). Serves CRT-09, PEER-01..04, I-30.
    """
    if request.currency not in EXPONENTS:
        raise ValidationFailed.of("currency", "unknown_currency", "Send an ISO 4217 code.")
    now = timezone.now()
    company = company_for(
        request.organization_id,
        request.customer_id,
        by_staff=request.by_staff,
        is_placed=request.order_id is not None,
    )
    key = customer_key(request.customer_id, request.email)
    book = read_rulebook(
        now=now,
        place=request.place,
        codes=request.coupon_codes,
        customer_key=key,
        order_id=request.order_id,
    )
    market = _market(request, book)
    group = _group(request, company)
    variants = _variants(request, group, market)
    lines = resolve(request.lines, variants)
    sold = merged([line for line in lines if not line.refusal])
    basket = _basket(request, sold, group, market, company, now)
    gifts = _in_stock(_gifts(request, book, group, market), request, book, basket)
    rules = _rules(request, book, basket, gifts)
    pricing = price_basket(basket, rules)
    return Quote(
        lines=tuple(lines),
        sold=tuple(sold),
        pricing=pricing,
        coupons=_answers(request, book, basket, pricing, rules),
        currency=request.currency,
        market=market,
        company=company,
        customer_key=key,
        sends=any(
            rules.sends(line.item.vendor_id)
            for line in pricing.lines
            if line.item.requires_shipping
        ),
        lacks_place=request.place is None
        and book.is_taxed
        and not basket.tax_exempt
        and pricing.total_cents > 0,
        gifts=gifts,
    )


def customer_key(customer_id: UUID | None, email: str) -> str:
    """By what a customer's uses of promotions are counted: the account, or a guest's address."""
    return str(customer_id) if customer_id is not None else email.strip().casefold()


def place_of(
    shipping: Mapping[str, str] | None, billing: Mapping[str, str] | None = None
) -> Place | None:
    """Where goods go and tax is owed: the shipping address, else the billing address."""
    address = shipping or billing
    if not address or not address.get("country"):
        return None
    return Place(address["country"], address.get("state", ""), address.get("postal_code", ""))


def _market(request: QuoteRequest, book: Rulebook) -> MarketRule | None:
    """The market that is named, or the place's. Nobody buys at another place's prices but staff."""
    market = book.market_for(request.market, request.place)
    if request.market and market is None:
        raise ValidationFailed.of("market", "unknown_market", "There is no such market.")
    own = book.market_for("", request.place) if request.place is not None else None
    if request.market and own is not None and own != market and not request.by_staff:
        detail = f"Goods that go there are sold in the market '{own.code}'."
        raise ValidationFailed.of("market", "other_market", detail)
    if market is not None and request.currency not in market.currencies:
        detail = f"This market takes {', '.join(market.currencies)}."
        raise ValidationFailed.of("currency", "currency_not_taken", detail)
    return market


def _group(request: QuoteRequest, company: Company | None) -> str:
    if company is not None and company.customer_group:
        return company.customer_group
    if request.customer_group is not None or request.customer_id is None:
        return request.customer_group or ""
    return customer_group_of(request.customer_id)


def _variants(
    request: QuoteRequest, group: str, market: MarketRule | None
) -> Sequence[VariantInfo]:
    return get_variants(
        skus=sorted({item.sku for item in request.lines if item.sku and item.variant_id is None}),
        variant_ids=sorted({item.variant_id for item in request.lines if item.variant_id}),
        currency=request.currency,
        customer_group=group,
        market=market.code if market else "",
    )


def _gifts(
    request: QuoteRequest, book: Rulebook, group: str, market: MarketRule | None
) -> dict[UUID, VariantInfo]:
    """The variants that gift promotions could add; asked for only where there is such a one."""
    rules = [*book.promotions, *(coupon.promotion for coupon in book.coupons.values())]
    wanted = sorted({rule.gift_variant_id for rule in rules if rule.gift_variant_id})
    if not wanted:
        return {}
    found = get_variants(
        variant_ids=wanted,
        currency=request.currency,
        customer_group=group,
        market=market.code if market else "",
    )
    return {row.id: row for row in found if row.is_sellable and row.price_cents is not None}


def _in_stock(
    gifts: dict[UUID, VariantInfo], request: QuoteRequest, book: Rulebook, basket: Basket
) -> dict[UUID, VariantInfo]:
    """Those of which there is enough, beside what is bought of the same goods: nobody's order waits
    for a gift that is gone. Two queries where one could be given; an edited order has its own.
    """
    holding = [
        rule
        for rule in (_promotions(book) if request.promotions and request.order_id is None else ())
        if rule.gift_variant_id in gifts
        and gifts[rule.gift_variant_id].track_inventory
        and not reason_against(rule, basket)
    ]
    if not holding:
        return gifts
    wanted: Counter[UUID] = Counter()
    for rule in holding:
        if rule.gift_variant_id:
            wanted[rule.gift_variant_id] += rule.gift_quantity
    for item in basket.items:
        if item.variant_id in wanted:
            wanted[item.variant_id] += item.quantity
    ids = sorted(wanted)
    free, room = availability(ids), backorder_room(ids)
    gone = {pk for pk in ids if max(free[pk], 0) + max(room.get(pk, 0), 0) < wanted[pk]}
    return {pk: variant for pk, variant in gifts.items() if pk not in gone}


def _basket(
    request: QuoteRequest,
    sold: Sequence[ResolvedLine],
    group: str,
    market: MarketRule | None,
    company: Company | None,
    now: datetime,
) -> Basket:
    return Basket(
        items=tuple(
            _item(line.variant, line.quantity, line.unit_price_cents, line.price_list)
            for line in sold
            if line.variant is not None
        ),
        currency=request.currency,
        now=now,
        place=request.place,
        shipping_method=request.shipping_method,
        customer_group=group,
        market=market.code if market else "",
        prices_include_tax=market.prices_include_tax if market else False,
        tax_exempt=_owes_no_tax(request, company),
        discount_cents=request.discount_cents,
        discounted=request.discounted,
        free_shipping=request.free_shipping,
    )


def _owes_no_tax(request: QuoteRequest, company: Company | None) -> bool:
    country = request.place.country if request.place else ""
    return owes_no_tax(vat_id=request.vat_id, ship_country=country, company=company)


def _item(variant: VariantInfo, quantity: int, unit_price_cents: int, price_list: str) -> Item:
    return Item(
        variant_id=variant.id,
        product_id=variant.product_id,
        vendor_id=variant.vendor_id,
        quantity=quantity,
        unit_price_cents=unit_price_cents,
        category_ids=frozenset(variant.category_ids),
        price_list=price_list,
        tax_category=variant.tax_category,
        requires_shipping=variant.requires_shipping,
        weight_grams=variant.weight_grams or 0,
    )


def _rules(
    request: QuoteRequest, book: Rulebook, basket: Basket, gifts: Mapping[UUID, VariantInfo]
) -> Rules:
    taxes = tax_provider().rates(TaxRequest(basket.place, basket.currency, book.taxes))
    vendors = {item.vendor_id for item in basket.items}
    given = {gift.vendor_id for gift in gifts.values()}
    sending = read_sending(book, basket.place, vendors | given)
    return Rules(
        promotions=_promotions(book) if request.promotions else (),
        taxes=tuple(taxes),
        methods=sending.methods,
        gifts={
            pk: _item(variant, 1, variant.price_cents or 0, "default")
            for pk, variant in gifts.items()
        },
        senders=sending.senders,
    )


def _promotions(book: Rulebook) -> tuple[PromotionRule, ...]:
    """Those that need no coupon, and those that a good coupon opened, each once."""
    opened = {rule.id: rule for rule in book.promotions}
    for coupon in book.coupons.values():
        if not coupon.refusal and coupon.promotion.id not in opened:
            opened[coupon.promotion.id] = replace(
                coupon.promotion,
                coupon_id=coupon.id,
                coupon_code=coupon.code,
                coupon_bounded=coupon.is_bounded,
            )
    return tuple(opened.values())


def _answers(
    request: QuoteRequest, book: Rulebook, basket: Basket, pricing: Pricing, rules: Rules
) -> tuple[CouponAnswer, ...]:
    given = {one.rule.coupon_code: one.amount_cents for one in pricing.applied}
    answers = []
    for code in request.coupon_codes:
        coupon = book.coupons.get(code)
        if coupon is None:
            answers.append(CouponAnswer(code, "unknown"))
            continue
        status = "applied"
        if code not in given:
            status = coupon.refusal or _unused(coupon.promotion, basket, pricing, rules)
        answers.append(CouponAnswer(code, status, coupon.promotion.name, given.get(code, 0)))
    return tuple(answers)


def _unused(rule: PromotionRule, basket: Basket, pricing: Pricing, rules: Rules) -> str:
    """Why a promotion that the buyer's coupon opens was not used."""
    if reason := reason_against(rule, basket):
        return reason
    gone = rule.gift_variant_id is not None and rule.gift_variant_id not in rules.gifts
    freight = pricing.option.amount_cents if pricing.option else 0
    borne = is_borne(rule, basket, rules.gifts, freight)
    return "exhausted" if gone or not borne else "not_combined"
