"""Rules of selling for tests, made through the services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from apps.orders.models import Market, Promotion, PromotionUse, ShippingMethod, ShippingZone
from apps.orders.services.save_market import create_market
from apps.orders.services.save_promotion import create_promotion
from apps.orders.services.save_shipping_method import create_shipping_method
from apps.orders.services.save_zone import create_zone
from apps.orders.types import OrderInfo
from tests.orders.factories import make_order

FLAT = [{"currency": "EUR", "from": 0, "amount_cents": 490}]


def make_promotion(code: str = "summer", **fields: Any) -> Promotion:
    """10 % off everything unless said otherwise."""
    kind = fields.pop("kind", "percent")
    given = {"percent": Decimal(10)} if kind == "percent" else {}
    return create_promotion(code=code, name=code.title(), kind=kind, **{**given, **fields})


def make_zone(name: str = "Germany", **fields: Any) -> ShippingZone:
    """Germany unless said otherwise."""
    return create_zone(name=name, **{"countries": ["DE"], **fields})


def make_method(zone: ShippingZone, code: str = "parcel", **fields: Any) -> ShippingMethod:
    """€ 4.90 unless said otherwise."""
    given = {"vendor_id": None, "name": code.title(), "rates": FLAT}
    return create_shipping_method(zone_id=zone.pk, code=code, **{**given, **fields})


def make_market(code: str = "eu", **fields: Any) -> Market:
    """Germany and France in euros unless said otherwise."""
    given = {"name": code.upper(), "countries": ["DE", "FR"], "currencies": ["EUR"]}
    return create_market(code=code, **{**given, **fields})


def use(promotion: Promotion, **fields: Any) -> tuple[OrderInfo, PromotionUse]:
    """An order that has used the promotion, as placing leaves it."""
    order = make_order(currency=fields.pop("currency", "USD"))
    given = {"customer_key": "guest@example.com", "amount_cents": 200, "order_id": order.id}
    return order, PromotionUse.objects.create(promotion=promotion, **{**given, **fields})


def wrong(answer: Any) -> dict[str, str]:
    """Field → code of what an answer refuses."""
    return {error["field"]: error["code"] for error in answer.json()["errors"]}
