"""Random carts and rules as the store has them: rows that a real order is priced by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from apps.catalog.models import Price, Variant, Vendor
from apps.orders.facade import LineRequest
from apps.orders.models import Promotion, ShippingMethod, ShippingZone, TaxRate
from apps.orders.pricing.types import MethodRule, PromotionRule, TaxRule
from tests.catalog.factories import make_category, make_product, make_vendor
from tests.orders.factories import ADDRESS
from tests.orders.pricing.baskets import CATEGORIES, GIFT, VENDORS, methods, promotions, taxes
from tests.orders.rules_factories import make_market

PLACES = {
    "DE": {**ADDRESS, "country": "DE", "postal_code": "10115"},
    "JP": {**ADDRESS, "country": "JP", "postal_code": "100"},
    "US": ADDRESS,
}
COUNT = 5
_FIELDS: tuple[dict[str, Any], ...] = (
    {"tax_category": "books", "categories": ["tea"]},
    {"categories": ["tea", "cups"]},
    {"categories": ["cups"]},
    {"tax_category": "books"},
    {},
)


@dataclass(frozen=True, slots=True)
class Cart:
    """What somebody buys under which rules. lines: number of the product, quantity, unit price."""

    lines: tuple[tuple[int, int, int], ...]
    country: str
    discount_cents: int
    promotions: tuple[PromotionRule, ...]
    taxes: tuple[TaxRule, ...]
    methods: tuple[MethodRule, ...]


_lines = st.lists(
    st.tuples(
        st.integers(0, COUNT - 1),
        st.one_of(st.integers(1, 5), st.integers(1, 10_000)),
        st.one_of(st.integers(0, 2_000), st.integers(0, 9_999_999)),
    ),
    min_size=1,
    max_size=COUNT,
    unique_by=lambda line: line[0],
)
_countries = st.sampled_from(sorted(PLACES))
_by_hand = st.sampled_from([0, 0, 1, 333, 10**10])
_rules = st.integers(0, 3)


@cache
def _methods(currency: str) -> st.SearchStrategy[list[MethodRule]]:
    return st.lists(methods(currency), max_size=3)


@cache
@st.composite
def carts(draw: st.DrawFn, currency: str) -> Cart:
    """A cart in that currency with the rules that may matter to it."""
    return Cart(
        lines=tuple(draw(_lines)),
        country=draw(_countries),
        discount_cents=draw(_by_hand),
        promotions=tuple(draw(promotions(number, currency)) for number in range(draw(_rules))),
        taxes=tuple(draw(taxes)),
        methods=tuple(draw(_methods(currency))),
    )


class Mall:
    """A store with goods of three vendors in one currency, and no rules yet."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        make_market(
            "home",
            currencies=[currency],
            countries=["DE"],
            prices_include_tax=True,
            is_default=False,
        )
        make_market("abroad", currencies=[currency])
        self.ids: dict[UUID, str] = {
            CATEGORIES[0]: str(make_category("tea").pk),
            CATEGORIES[1]: str(make_category("cups").pk),
        }
        self.vendors = {vendor: make_vendor(id=vendor) for vendor in VENDORS}
        self.variants = [self._sell(number) for number in range(COUNT)]
        self.gift = self._sell(COUNT)

    def _sell(self, number: int) -> tuple[str, UUID]:
        row = {
            "sku": f"GOOD-{number}",
            "price_cents": 1_999,
            "currency": self.currency,
            "inventory": 1_000_000,
            "weight_grams": (250, None, 12_000, 1, 800, 5)[number],
            "requires_shipping": number != 4,
        }
        vendor: Vendor = self.vendors[VENDORS[number % len(VENDORS)]]
        fields = _FIELDS[number % len(_FIELDS)]
        product = make_product(variants=[row], vendor=vendor, **fields)
        return str(row["sku"]), Variant.objects.get(product_id=product.id).pk

    def set_rules(self, cart: Cart) -> None:
        """Write the cart's prices and rules."""
        for number, _, cents in cart.lines:
            Price.objects.filter(variant_id=self.variants[number][1]).update(amount_cents=cents)
        Promotion.objects.bulk_create(self._promotion(rule) for rule in cart.promotions)
        rates = {(rule.postal_prefix, rule.category): rule for rule in cart.taxes}
        TaxRate.objects.bulk_create(
            TaxRate(
                name=rule.name,
                percent=rule.percent,
                country=rule.country,
                postal_prefix=rule.postal_prefix,
                category=rule.category,
            )
            for rule in rates.values()
        )
        zones = [
            ShippingZone(name=f"Zone {number}", countries=sorted(rule.countries))
            for number, rule in enumerate(cart.methods)
        ]
        ShippingZone.objects.bulk_create(zones)
        ShippingMethod.objects.bulk_create(map(_method, cart.methods, zones))

    def lines(self, cart: Cart) -> list[LineRequest]:
        """What the cart asks for."""
        return [
            LineRequest(self.variants[number][0], quantity=many) for number, many, _ in cart.lines
        ]

    def _promotion(self, rule: PromotionRule) -> Promotion:
        bounded = rule.budget_left_cents is not None
        return Promotion(
            id=rule.id,
            code=rule.code,
            name=rule.name,
            kind=rule.kind,
            priority=rule.priority,
            combinable=rule.combinable,
            percent=rule.percent,
            amounts=rule.amounts,
            buy_quantity=rule.buy_quantity,
            get_quantity=rule.get_quantity,
            gift_variant_id=self.gift[1] if rule.gift_variant_id == GIFT else None,
            gift_quantity=rule.gift_quantity,
            target={
                "categories": [self.ids[category] for category in sorted(rule.target.categories)],
                "vendors": [str(vendor) for vendor in sorted(rule.target.vendors)],
            },
            minimums=rule.minimums,
            min_quantity=rule.min_quantity,
            budget_cents=rule.budget_left_cents,
            budget_currency=rule.budget_currency if bounded else "",
        )


def _method(rule: MethodRule, zone: ShippingZone) -> ShippingMethod:
    return ShippingMethod(
        zone=zone,
        vendor_id=rule.vendor_id,
        code=rule.code,
        name=rule.name,
        basis=rule.basis,
        rates=[
            {"currency": row.currency, "from": row.start, "amount_cents": row.amount_cents}
            for row in rule.rates
        ],
        free_from=rule.free_from,
        max_weight_grams=rule.max_weight_grams,
    )


__all__ = ["PLACES", "Cart", "Mall", "carts"]
