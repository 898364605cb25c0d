"""Markets, taxes, ways to send and promotions for tests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from apps.orders.models import (
    Coupon,
    Market,
    Promotion,
    ShippingMethod,
    ShippingZone,
    TaxRate,
)


def make_tax(percent: str = "19", country: str = "US", **fields: Any) -> TaxRate:
    """A tax rate of a country."""
    return TaxRate.objects.create(name="VAT", country=country, percent=Decimal(percent), **fields)


def make_method(cents: int = 490, currency: str = "USD", **fields: Any) -> ShippingMethod:
    """A way to send anywhere for one price."""
    zone = fields.pop("zone", None) or ShippingZone.objects.create(name=f"Zone {uuid4().hex[:8]}")
    given = {"code": "parcel", "name": "Parcel"}
    rates = [{"currency": currency, "from": 0, "amount_cents": cents}]
    return ShippingMethod.objects.create(zone=zone, rates=rates, **{**given, **fields})


def make_promotion(kind: str = "percent", **fields: Any) -> Promotion:
    """Ten per cent off everything, unless said otherwise."""
    code = fields.pop("code", f"promo-{uuid4().hex[:8]}")
    if kind == "percent":
        fields.setdefault("percent", Decimal(10))
    return Promotion.objects.create(code=code, name=code.title(), kind=kind, **fields)


def make_coupon(code: str = "TEN", *, max_uses: int | None = None, **fields: Any) -> Coupon:
    """A coupon for ten per cent off, unless said otherwise."""
    promotion = make_promotion(requires_coupon=True, **fields)
    return Coupon.objects.create(promotion=promotion, code=code, max_uses=max_uses)


def make_market(code: str = "main", **fields: Any) -> Market:
    """The default market, in dollars, unless said otherwise."""
    given: dict[str, Any] = {"name": code.title(), "currencies": ["USD"], "is_default": True}
    return Market.objects.create(code=code, **{**given, **fields})
