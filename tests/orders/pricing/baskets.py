"""Random baskets and rules, in currencies with no, two and three decimals."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
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

percents = st.one_of(
    st.sampled_from(["19", "7", "21", "5.5", "8.875", "0", "100"]).map(Decimal),
    st.decimals(0, 100, places=4),
)
codes = st.sampled_from(["a", "b", "c"])


@st.composite
def items(draw: st.DrawFn, number: int) -> Item:
    """One item; `number` makes its variant one of its own."""
    return Item(
        variant_id=UUID(int=1000 + number),
        product_id=UUID(int=100 + number % 3),
        vendor_id=draw(st.sampled_from(VENDORS)),
        quantity=draw(st.one_of(st.integers(1, 5), st.integers(1, 10_000))),
        unit_price_cents=draw(st.one_of(st.integers(0, 2_000), st.integers(0, 99_999_999))),
        category_ids=frozenset(draw(st.sets(st.sampled_from(CATEGORIES)))),
        price_list="default",
        tax_category=draw(st.sampled_from(["", "books"])),
        requires_shipping=draw(st.booleans()),
        weight_grams=draw(st.integers(0, 50_000)),
    )


targets = st.builds(
    Target,
    categories=st.frozensets(st.sampled_from(CATEGORIES), max_size=1),
    vendors=st.frozensets(st.sampled_from(VENDORS), max_size=1),
)


@st.composite
def promotions(draw: st.DrawFn, number: int) -> PromotionRule:
    """One promotion of any kind."""
    amounts = {currency: draw(st.integers(0, 1_000_000)) for currency in CURRENCIES}
    kind = draw(
        st.sampled_from(["percent", "fixed", "fixed_each", "free_shipping", "buy_x_get_y", "gift"])
    )
    return PromotionRule(
        id=UUID(int=500 + number),
        code=f"p{number}",
        name=f"Promotion {number}",
        kind=kind,
        priority=draw(st.integers(1, 3)),
        combinable=draw(st.booleans()),
        percent=draw(st.decimals("0.0001", 100, places=4)),
        amounts=amounts,
        buy_quantity=draw(st.integers(1, 3)),
        get_quantity=draw(st.integers(1, 2)),
        gift_variant_id=GIFT if kind == "gift" else None,
        gift_quantity=draw(st.integers(1, 2)),
        target=draw(targets),
        minimums={currency: draw(st.integers(0, 100_000)) for currency in CURRENCIES},
        min_quantity=draw(st.integers(0, 3)),
        budget_left_cents=draw(st.one_of(st.none(), st.integers(0, 5_000_000))),
        budget_currency=draw(st.sampled_from(CURRENCIES)),
    )


@st.composite
def methods(draw: st.DrawFn) -> MethodRule:
    """A way to send, of the store or of a vendor."""
    basis = draw(st.sampled_from(["flat", "weight", "price"]))
    starts = [0] if basis == "flat" else [0, draw(st.integers(1, 100_000))]
    return MethodRule(
        code=draw(codes),
        name="Parcel",
        basis=basis,
        rates=tuple(
            RateRow(currency, start, draw(st.integers(0, 100_000)))
            for currency in CURRENCIES
            for start in starts
        ),
        vendor_id=draw(st.one_of(st.none(), st.sampled_from(VENDORS))),
        countries=frozenset(draw(st.sets(st.sampled_from(["DE", "JP"])))),
        free_from=draw(st.sampled_from([{}, {"EUR": 5_000, "JPY": 10_000}])),
        max_weight_grams=draw(st.one_of(st.none(), st.integers(0, 100_000))),
    )


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
    count = draw(st.integers(1, 6))
    basket = Basket(
        items=tuple(draw(items(number)) for number in range(count)),
        currency=draw(st.sampled_from(CURRENCIES)),
        now=NOW,
        place=draw(st.sampled_from([None, Place("DE", "", "10115"), Place("JP", "Tokyo", "100")])),
        shipping_method=draw(st.sampled_from(["", "a"])),
        prices_include_tax=draw(st.booleans()),
        tax_exempt=draw(st.booleans()),
        discount_cents=draw(st.sampled_from([0, 0, 1, 333, 10**10])),
    )
    gift = Item(GIFT, UUID(int=98), VENDORS[0], 1, 1_999, price_list="default")
    rules = Rules(
        promotions=tuple(draw(promotions(number)) for number in range(draw(st.integers(0, 4)))),
        taxes=tuple(draw(taxes)),
        methods=tuple(draw(st.lists(methods(), max_size=4))),
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
