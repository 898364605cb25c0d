"""The store's rules of selling, read from their tables in one statement (DESIGN 8, I-30, I-31)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.common.database import executed, ids_array
from apps.orders.pricing.taxes import plain_code
from apps.orders.pricing.types import (
    MethodRule,
    Place,
    PromotionRule,
    RateRow,
    Target,
    TaxRule,
)
from apps.orders.rule_checks import normal_state

_METHODS = """
SELECT 'method', to_jsonb(row) FROM (
    SELECT method.code, method.name, method.description, method.basis, method.rates,
           method.vendor_id, method.position, method.free_from, method.max_weight_grams,
           method.min_days, method.max_days, zone.countries, zone.states, zone.postal_prefixes
      FROM orders_shippingmethod AS method
      JOIN orders_shippingzone AS zone ON zone.id = method.zone_id
     WHERE method.is_active AND {whose} AND %(country)s <> ''
       AND (zone.countries = '{{}}' OR %(country)s = ANY(zone.countries))
     ORDER BY method.position, method.code) AS row"""
# One round trip for what would be six: each row says of which kind it is. Promotions that are over
# are left to those who name their coupon, so a long history costs nothing; rates of other postal
# codes (`taxes.plain_code`) are left where they are, for a country has tens of thousands.
_READ = f"""
SELECT 'market', to_jsonb(row) FROM (
    SELECT code, countries, currencies, prices_include_tax, is_default
      FROM orders_market WHERE is_active) AS row
UNION ALL
SELECT 'promotion', to_jsonb(row) FROM (
    SELECT * FROM orders_promotion
     WHERE is_active AND NOT requires_coupon AND (ends_at IS NULL OR ends_at > %(now)s)
        OR id IN (SELECT promotion_id FROM orders_promotionuse
                   WHERE order_id = %(order)s AND released_at IS NULL)) AS row
UNION ALL
SELECT 'coupon', to_jsonb(row) FROM (
    SELECT coupon.id, coupon.code, coupon.is_active, coupon.max_uses, coupon.used,
           to_jsonb(promotion) AS promotion
      FROM orders_coupon AS coupon
      JOIN orders_promotion AS promotion ON promotion.id = coupon.promotion_id
     WHERE coupon.code = ANY(%(codes)s::text[])) AS row
UNION ALL
SELECT 'uses', jsonb_build_object('promotion_id', promotion_id, 'count', count(*))
  FROM orders_promotionuse
 WHERE customer_key = %(customer)s AND ordinal IS NOT NULL AND released_at IS NULL
   AND order_id IS DISTINCT FROM %(order)s
 GROUP BY promotion_id
UNION ALL
SELECT 'own', to_jsonb(row) FROM (
    SELECT promotion_id, coupon_id, amount_cents FROM orders_promotionuse
     WHERE order_id = %(order)s AND released_at IS NULL) AS row
UNION ALL
SELECT 'tax', to_jsonb(row) FROM (
    SELECT name, country, state, postal_prefix, category, percent
      FROM orders_taxrate
     WHERE is_active AND country = %(country)s
       AND starts_with(%(postal)s, upper(translate(postal_prefix, ' -', '')))) AS row
UNION ALL
{_METHODS.format(whose="method.vendor_id IS NULL")}
UNION ALL
SELECT 'senders', jsonb_build_object(
    'store', EXISTS (SELECT FROM orders_shippingmethod WHERE is_active AND vendor_id IS NULL),
    'vendors', EXISTS (
        SELECT FROM orders_shippingmethod WHERE is_active AND vendor_id IS NOT NULL),
    'taxes', EXISTS (SELECT FROM orders_taxrate WHERE percent > 0))
"""  # noqa: S608 - of this module's own text
# Of the vendors in the basket alone: a market has thousands of vendors, and a basket three.
_READ_OF_VENDORS = f"""
{_METHODS.format(whose="method.vendor_id = ANY(%(vendors)s::uuid[])")}
UNION ALL
SELECT DISTINCT 'sender', jsonb_build_object('vendor_id', vendor_id) FROM orders_shippingmethod
 WHERE is_active AND vendor_id = ANY(%(vendors)s::uuid[])
"""  # noqa: S608 - of this module's own text


@dataclass(frozen=True, slots=True)
class MarketRule:
    """See `models.Market`."""

    code: str
    countries: frozenset[str]
    currencies: tuple[str, ...]
    prices_include_tax: bool
    is_default: bool


@dataclass(frozen=True, slots=True)
class CouponRule:
    """A coupon that was named, with the promotion it opens; `refusal` is why it opens none."""

    id: UUID
    code: str
    promotion: PromotionRule
    is_bounded: bool
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Sending:
    """The ways to send a basket's goods. methods, senders: see `Rules`."""

    methods: tuple[MethodRule, ...]
    senders: frozenset[UUID | None]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All of it. methods: the store's own for the place. store_sends, vendors_send: whether the
    store, or any vendor, has a way to send to whatever place; see `read_sending`. is_taxed: whether
    there is a tax in any place.
    """

    markets: tuple[MarketRule, ...]
    promotions: tuple[PromotionRule, ...]
    coupons: Mapping[str, CouponRule]
    taxes: tuple[TaxRule, ...]
    methods: tuple[MethodRule, ...]
    store_sends: bool
    vendors_send: bool
    is_taxed: bool

    def market_for(self, code: str, place: Place | None) -> MarketRule | None:
        """The market that is named, else the place's, else the default one; None without any."""
        if code:
            return next((market for market in self.markets if market.code == code), None)
        country = place.country if place else ""
        near = [market for market in self.markets if country in market.countries]
        return next(iter(near or [market for market in self.markets if market.is_default]), None)


def read_rulebook(
    *,
    now: datetime,
    place: Place | None,
    codes: Sequence[str],
    customer_key: str,
    order_id: UUID | None = None,
) -> Rulebook:
    """What may matter to a basket that goes to `place` with these coupon codes. One query.

    customer_key: whose uses of bounded promotions count; "" for somebody unknown. order_id: an
    order whose promotions stay its own: they hold for it also when they are over or used up.
    """
    asked = {
        "now": now,
        "codes": list(codes),
        "customer": customer_key,
        "country": place.country if place else "",
        "postal": plain_code(place.postal_code) if place else "",
        "order": order_id,
    }
    rows = _rows(_READ, asked)
    uses = {UUID(row["promotion_id"]): row["count"] for row in rows.get("uses", ())}
    own = {UUID(row["promotion_id"]): row for row in rows.get("own", ())}
    coupons = {row["code"]: _coupon(row, uses, own) for row in rows.get("coupon", ())}
    # What an order has by its coupon comes to it by that coupon again.
    opened = {str(coupon.promotion.id) for coupon in coupons.values() if not coupon.refusal}
    (senders,) = rows["senders"]
    return Rulebook(
        markets=tuple(_market(row) for row in rows.get("market", ())),
        promotions=tuple(
            _promotion(row, uses, own)
            for row in rows.get("promotion", ())
            if not (row["requires_coupon"] and row["id"] in opened)
        ),
        coupons=coupons,
        taxes=tuple(_tax(row) for row in rows.get("tax", ())),
        methods=tuple(_method(row) for row in rows.get("method", ())),
        store_sends=senders["store"],
        vendors_send=senders["vendors"],
        is_taxed=senders["taxes"],
    )


def read_sending(book: Rulebook, place: Place | None, vendors: Collection[UUID]) -> Sending:
    """Who of these vendors sends goods, and how to the place. One query where any vendor has ways
    of its own, else none; before there is a place nobody needs to know of theirs.
    """
    methods = list(book.methods)
    senders: set[UUID | None] = {None} if book.store_sends else set()
    if place is not None and vendors and book.vendors_send:
        asked = {"country": place.country, "vendors": ids_array(sorted(vendors))}
        rows = _rows(_READ_OF_VENDORS, asked)
        senders |= {UUID(row["vendor_id"]) for row in rows.get("sender", ())}
        methods += [_method(row) for row in rows.get("method", ())]
        methods.sort(key=lambda rule: (rule.position, rule.code))
    return Sending(tuple(methods), frozenset(senders))


def _rows(statement: str, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Kind → its rows."""
    rows: dict[str, list[Any]] = {}
    for kind, row in executed(statement, values).fetchall():
        rows.setdefault(kind, []).append(json.loads(row) if isinstance(row, str) else row)
    return rows


def _market(row: Mapping[str, Any]) -> MarketRule:
    return MarketRule(
        code=row["code"],
        countries=frozenset(row["countries"]),
        currencies=tuple(row["currencies"]),
        prices_include_tax=row["prices_include_tax"],
        is_default=row["is_default"],
    )


def _promotion(
    row: Mapping[str, Any], uses: Mapping[UUID, int], own: Mapping[UUID, Any]
) -> PromotionRule:
    pk = UUID(row["id"])
    target = row["target"]
    per_customer = row["max_uses_per_customer"]
    budget = row["budget_cents"]
    mine = own.get(pk)
    return PromotionRule(
        id=pk,
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        priority=row["priority"],
        combinable=row["combinable"],
        percent=None if row["percent"] is None else Decimal(str(row["percent"])),
        amounts=row["amounts"],
        buy_quantity=row["buy_quantity"] or 0,
        get_quantity=row["get_quantity"] or 0,
        gift_variant_id=UUID(row["gift_variant_id"]) if row["gift_variant_id"] else None,
        gift_quantity=row["gift_quantity"],
        target=Target(
            products=_ids(target.get("products")),
            categories=_ids(target.get("categories")),
            vendors=_ids(target.get("vendors")),
            variants=_ids(target.get("variants")),
        ),
        customer_groups=frozenset(row["customer_groups"]),
        markets=frozenset(row["markets"]),
        minimums=row["minimums"],
        min_quantity=row["min_quantity"],
        starts_at=_moment(row["starts_at"]),
        ends_at=None if mine else _moment(row["ends_at"]),
        uses_left=None
        if row["max_uses"] is None
        else row["max_uses"] - row["used"] + (1 if mine else 0),
        customer_uses_left=None if per_customer is None else max(per_customer - uses.get(pk, 0), 0),
        customer_limit=per_customer,
        budget_left_cents=None
        if budget is None
        else budget - row["spent_cents"] + (mine["amount_cents"] if mine else 0),
        budget_currency=row["budget_currency"],
    )


def _coupon(
    row: Mapping[str, Any], uses: Mapping[UUID, int], own: Mapping[UUID, Any]
) -> CouponRule:
    mine = any(use["coupon_id"] == row["id"] for use in own.values())
    used_up = not mine and row["max_uses"] is not None and row["used"] >= row["max_uses"]
    off = not mine and not (row["is_active"] and row["promotion"]["is_active"])
    return CouponRule(
        id=UUID(row["id"]),
        code=row["code"],
        promotion=_promotion(row["promotion"], uses, own),
        is_bounded=row["max_uses"] is not None,
        refusal="inactive" if off else "exhausted" if used_up else "",
    )


def _tax(row: Mapping[str, Any]) -> TaxRule:
    state = normal_state([row["country"]], row["state"])
    return TaxRule(**{**row, "state": state, "percent": Decimal(str(row["percent"]))})


def _method(row: Mapping[str, Any]) -> MethodRule:
    return MethodRule(
        code=row["code"],
        name=row["name"],
        description=row["description"],
        basis=row["basis"],
        rates=tuple(
            RateRow(rate["currency"], rate["from"], rate["amount_cents"]) for rate in row["rates"]
        ),
        vendor_id=UUID(row["vendor_id"]) if row["vendor_id"] else None,
        position=row["position"],
        countries=frozenset(row["countries"]),
        states=frozenset(
            normal_state(row["countries"], state).casefold() for state in row["states"]
        ),
        postal_prefixes=tuple(plain_code(prefix) for prefix in row["postal_prefixes"]),
        free_from=row["free_from"],
        max_weight_grams=row["max_weight_grams"],
        min_days=row["min_days"],
        max_days=row["max_days"],
    )


def _ids(texts: Sequence[str] | None) -> frozenset[UUID]:
    return frozenset(UUID(text) for text in texts or ())


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
