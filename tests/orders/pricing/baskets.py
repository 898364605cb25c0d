"""Random baskets and rules, in currencies with no, two and three decimals.

What a strategy draws is what an example costs, ten times and more what its price does. So nothing
is drawn that cannot matter, amounts in another currency than the basket's are always the same, and
strategies are made once.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from uuid import UUID

from hypothesis import strategies as st

from apps.orders.pricing.types import (
    Basket,
    Item,
    MethodRule,
    Place,
    PromotionRule,
    RateRow,
    Rules,
    Target,
    TaxRule,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CURRENCIES = ("EUR", "JPY", "KWD")
VENDORS = tuple(UUID(int=number) for number in (1, 2, 3))
CATEGORIES = tuple(UUID(int=number) for number in (11, 12))
GIFT = UUID(int=99)

_FOREIGN = 777


def _percent(ten_thousandths: int) -> Decimal:
    return Decimal(ten_thousandths).scaleb(-4)


percents = st.one_of(
    st.sampled_from(["19", "7", "21", "5.5", "8.875", "0", "100"]).map(Decimal),
    st.integers(0, 1_000_000).map(_percent),
)
codes = st.sampled_from(["a", "b", "c"])
_flags = st.booleans()
_few = st.integers(1, 3)
_one_or_two = st.integers(1, 2)
_up_to_three = st.integers(0, 3)
_grams = st.integers(0, 50_000)
_amounts = st.integers(0, 1_000_000)
_small_amounts = st.integers(0, 100_000)
_starts = st.integers(1, 100_000)
_limits = st.one_of(st.none(), _small_amounts)
_budgets = st.one_of(st.none(), st.integers(0, 5_000_000))
_quantities = st.one_of(st.integers(1, 5), st.integers(1, 10_000))
_prices = st.one_of(st.integers(0, 2_000), st.integers(0, 99_999_999))
_some_percent = st.integers(1, 1_000_000).map(_percent)
_vendors = st.sampled_from(VENDORS)
_vendors_or_none = st.one_of(st.none(), _vendors)
_currencies = st.sampled_from(CURRENCIES)
_tax_categories = st.sampled_from(["", "books"])
_kinds = st.sampled_from(["percent", "fixed", "fixed_each", "free_shipping", "buy_x_get_y", "gift"])
_bases = st.sampled_from(["flat", "weight", "price"])
_free_from = st.sampled_from([{}, {"EUR": 5_000, "JPY": 10_000}])
_places = st.sampled_from([None, Place("DE", "", "10115"), Place("JP", "Tokyo", "100")])
_chosen = st.sampled_from(["", "a"])
_by_hand = st.sampled_from([0, 0, 1, 333, 10**10])
_lines = st.integers(1, 6)
_rules = st.integers(0, 4)
_categories = st.sampled_from(
    [frozenset(), frozenset(CATEGORIES[:1]), frozenset(CATEGORIES[1:]), frozenset(CATEGORIES)]
)
_countries = st.sampled_from([frozenset(names) for names in ((), ("DE",), ("JP",), ("DE", "JP"))])


def _only(currency: str, amount: int) -> dict[str, int]:
    """The amount in that currency, and some in the others."""
    return {**dict.fromkeys(CURRENCIES, _FOREIGN), currency: amount}


@cache
@st.composite
def items(draw: st.DrawFn, number: int) -> Item:
    """One item; `number` makes its variant one of its own."""
    return Item(
        variant_id=UUID(int=1000 + number),
        product_id=UUID(int=100 + number % 3),
        vendor_id=draw(_vendors),
        quantity=draw(_quantities),
        unit_price_cents=draw(_prices),
        category_ids=draw(_categories),
        price_list="default",
        tax_category=draw(_tax_categories),
        requires_shipping=draw(_flags),
        weight_grams=draw(_grams),
    )


targets = st.builds(
    Target,
    categories=st.sampled_from([frozenset(), *(frozenset({one}) for one in CATEGORIES)]),
    vendors=st.sampled_from([frozenset(), *(frozenset({one}) for one in VENDORS)]),
)


@cache
@st.composite
def promotions(draw: st.DrawFn, number: int, currency: str) -> PromotionRule:
    """One promotion of any kind, for a basket in that currency."""
    kind = draw(_kinds)
    return PromotionRule(
        id=UUID(int=500 + number),
        code=f"p{number}",
        name=f"Promotion {number}",
        kind=kind,
        priority=draw(_few),
        combinable=draw(_flags),
        percent=draw(_some_percent),
        amounts=_only(currency, draw(_amounts)),
        buy_quantity=draw(_few),
        get_quantity=draw(_one_or_two),
        gift_variant_id=GIFT if kind == "gift" else None,
        gift_quantity=draw(_one_or_two),
        target=draw(targets),
        minimums=_only(currency, draw(_small_amounts)),
        min_quantity=draw(_up_to_three),
        budget_left_cents=draw(_budgets),
        budget_currency=draw(_currencies),
    )


@cache
@st.composite
def methods(draw: st.DrawFn, currency: str) -> MethodRule:
    """A way to send, of the store or of a vendor, for a basket in that currency."""
    basis = draw(_bases)
    starts = [0] if basis == "flat" else [0, draw(_starts)]
    return MethodRule(
        code=draw(codes),
        name="Parcel",
        basis=basis,
        rates=tuple(
            RateRow(name, start, amount)
            for start in starts
            for name, amount in _only(currency, draw(_small_amounts)).items()
        ),
        vendor_id=draw(_vendors_or_none),
        countries=draw(_countries),
        free_from=draw(_free_from),
        max_weight_grams=draw(_limits),
    )


@cache
def _methods(currency: str) -> st.SearchStrategy[list[MethodRule]]:
    return st.lists(methods(currency), max_size=4)


taxes = st.lists(
    st.builds(
        TaxRule,
        name=st.just("VAT"),
        percent=percents,
        country=st.just("DE"),
        postal_prefix=st.sampled_from(["", "10"]),
        category=st.sampled_from(["", "books", "shipping"]),
    ),
    max_size=5,
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Basket, Rules]:
    """A basket with the rules that may matter to it."""
    count = draw(_lines)
    currency = draw(_currencies)
    basket = Basket(
        items=tuple(draw(items(number)) for number in range(count)),
        currency=currency,
        now=NOW,
        place=draw(_places),
        shipping_method=draw(_chosen),
        prices_include_tax=draw(_flags),
        tax_exempt=draw(_flags),
        discount_cents=draw(_by_hand),
    )
    gift = Item(GIFT, UUID(int=98), VENDORS[0], 1, 1_999, price_list="default")
    rules = Rules(
        promotions=tuple(draw(promotions(number, currency)) for number in range(draw(_rules))),
        taxes=tuple(draw(taxes)),
        methods=tuple(draw(_methods(currency))),
        gifts={GIFT: gift},
    )
    return basket, rules


def item(price_cents: int = 1_000, quantity: int = 1, *, number: int = 1, **fields: object) -> Item:
    """A plain item for examples; its product, vendor and variant go by `number`."""
    given: dict[str, object] = {
        "variant_id": UUID(int=1000 + number),
        "product_id": UUID(int=100 + number),
        "vendor_id": VENDORS[0],
        "price_list": "default",
    }
    return Item(quantity=quantity, unit_price_cents=price_cents, **{**given, **fields})  # type: ignore[arg-type]


def basket(*chosen: Item, **fields: object) -> Basket:
    """A plain basket in euros."""
    return Basket(items=chosen, **{"currency": "EUR", "now": NOW, **fields})  # type: ignore[arg-type]


def promotion(kind: str, *, number: int = 1, **fields: object) -> PromotionRule:
    """A plain promotion."""
    given: dict[str, object] = {"id": UUID(int=number), "code": f"p{number}", "name": f"P{number}"}
    return PromotionRule(kind=kind, **{**given, **fields})  # type: ignore[arg-type]
