"""What the API shows of a cart."""

from __future__ import annotations

from typing import Any

from apps.orders.cart_types import CartReading
from apps.orders.models import CartLine
from apps.orders.pricing.types import LinePrice, Option
from apps.orders.resolving import ResolvedLine

_SUMS = (
    "subtotal_cents",
    "discount_cents",
    "tax_cents",
    "tax_included_cents",
    "shipping_cents",
    "total_cents",
)
_NOTHING: dict[str, Any] = {
    "id": None,
    "email": "",
    "market": "",
    "shipping_address": None,
    "billing_address": None,
    "shipping_method": "",
    "vat_id": "",
    "notes": "",
    "organization_id": "",
    "purchase_order_number": "",
}


def shown_cart(reading: CartReading) -> dict[str, Any]:
    """The whole cart; see `CartSerializer`."""
    cart, quoted = reading.cart, reading.quote
    own = _NOTHING if cart is None else {name: getattr(cart, name) for name in _NOTHING}
    pricing = quoted.pricing if quoted is not None else None
    option = pricing.option if pricing is not None else None
    answer = {
        **own,
        "currency": reading.currency,
        "lines": [_line(reading, *row) for row in reading.to_buy],
        "saved_for_later": [_aside(reading, *row) for row in reading.for_later],
        "gifts": _gifts(reading),
        **{name: getattr(pricing, name, 0) for name in _SUMS},
        "shipping_option": shown_option(option) if option is not None else None,
        "coupons": [
            {
                "code": row.code,
                "status": row.status,
                "promotion": row.promotion,
                "amount_cents": row.amount_cents,
            }
            for row in (quoted.coupons if quoted is not None else ())
        ],
        "problems": [row.as_dict() for row in reading.problems],
    }
    return {**answer, "token": reading.token} if reading.token else answer


def _goods(reading: CartReading, line: CartLine, resolved: ResolvedLine) -> dict[str, Any]:
    variant = resolved.variant
    return {
        "id": line.pk,
        "variant_id": line.variant_id,
        "product_id": variant.product_id if variant else None,
        "sku": variant.sku if variant else "",
        "name": variant.product_name if variant else "",
        "options": variant.options if variant else {},
        "vendor_id": variant.vendor_id if variant else None,
        "vendor_name": variant.vendor_name if variant else "",
        "quantity": line.quantity,
        "unit_price_cents": None if resolved.refusal else resolved.unit_price_cents,
        "price_list": resolved.price_list,
        "available": reading.available.get(line.variant_id),
    }


def _line(
    reading: CartReading, line: CartLine, resolved: ResolvedLine, price: LinePrice | None
) -> dict[str, Any]:
    goods = _goods(reading, line, resolved)
    if price is not None:
        goods["unit_price_cents"] = price.item.unit_price_cents
    return {**goods, **_line_sums(price)}


def _line_sums(price: LinePrice | None) -> dict[str, int]:
    names = [name for name in _SUMS if name != "shipping_cents"]
    return {name: getattr(price, name, 0) for name in names}


def _aside(reading: CartReading, line: CartLine, resolved: ResolvedLine) -> dict[str, Any]:
    return _goods(reading, line, resolved)


def _gifts(reading: CartReading) -> list[dict[str, Any]]:
    if reading.quote is None:
        return []
    return [
        {
            "variant_id": variant.id,
            "product_id": variant.product_id,
            "sku": variant.sku,
            "name": variant.product_name,
            "options": variant.options,
            "quantity": price.item.quantity,
        }
        for variant, price in reading.quote.goods()
        if price.item.is_gift
    ]


def shown_option(option: Option) -> dict[str, Any]:
    """A way to send the cart."""
    return {
        "code": option.code,
        "name": option.name,
        "description": option.description,
        "amount_cents": option.amount_cents,
        "min_days": option.min_days,
        "max_days": option.max_days,
    }


def shown_options(reading: CartReading) -> dict[str, Any]:
    """Every way to send the cart, in the store's order."""
    quoted = reading.quote
    options = quoted.pricing.options if quoted is not None else ()
    return {
        "currency": reading.currency,
        "options": [shown_option(option) for option in options],
    }
