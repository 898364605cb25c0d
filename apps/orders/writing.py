"""An order's rows made from its quote; whoever places or edits writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from apps.catalog.types import VariantInfo
from apps.common.money import to_decimal
from apps.events.contracts import OrderItem, ShipTo
from apps.orders.models import Order, OrderLine, OrderTrace, VendorOrder
from apps.orders.pricing.types import Entry, LinePrice, PartPrice, Pricing
from apps.orders.quoting import Quote


def amounts_of(quote: Quote) -> dict[str, Any]:
    """The columns of an order that its price decides."""
    pricing = quote.pricing
    return {
        "subtotal_cents": pricing.subtotal_cents,
        "discount_cents": pricing.discount_cents,
        "tax_cents": pricing.tax_cents,
        "tax_included_cents": pricing.tax_included_cents,
        "shipping_cents": pricing.shipping_cents,
        "shipping_tax_cents": pricing.shipping_tax_cents,
        "total_cents": pricing.total_cents,
        "prices_include_tax": quote.market.prices_include_tax if quote.market else False,
        "market": quote.market.code if quote.market else "",
    }


def part_amounts(part: PartPrice) -> dict[str, int]:
    """The columns of a vendor order that its price decides."""
    return {
        "subtotal_cents": part.subtotal_cents,
        "discount_cents": part.discount_cents,
        "tax_cents": part.tax_cents,
        "shipping_cents": part.shipping_cents,
        "total_cents": part.total_cents,
    }


def line_amounts(price: LinePrice) -> dict[str, Any]:
    """The columns of a line that its price decides."""
    return {
        "quantity": price.item.quantity,
        "unit_price_cents": price.item.unit_price_cents,
        "price_list": price.item.price_list,
        "discount_cents": price.discount_cents,
        "tax_cents": price.tax_cents,
        "tax_included_cents": price.tax_included_cents,
        "tax_category": price.item.tax_category,
        "tax_percent": price.tax_percent,
        "is_gift": price.item.is_gift,
        "total_cents": price.total_cents,
    }


def new_parts(order: Order, quote: Quote) -> dict[UUID, VendorOrder]:
    """A vendor order for each vendor, numbered in the order that the vendors first appear."""
    names = {variant.vendor_id: variant.vendor_name for variant, _ in quote.goods()}
    return {
        part.vendor_id: VendorOrder(
            order=order,
            vendor_id=part.vendor_id,
            vendor_name=names[part.vendor_id],
            number=f"{order.number}-{index}",
            **part_amounts(part),
        )
        for index, part in enumerate(quote.pricing.parts, start=1)
    }


def new_lines(order: Order, quote: Quote, parts: Mapping[UUID, VendorOrder]) -> list[OrderLine]:
    """The lines with their snapshots, in the order of the quote."""
    return [
        new_line(order, parts[variant.vendor_id], variant, price, position)
        for position, (variant, price) in enumerate(quote.goods())
    ]


def new_line(
    order: Order, part: VendorOrder, variant: VariantInfo, price: LinePrice, position: int
) -> OrderLine:
    """One line with its snapshots (ORD-22)."""
    return OrderLine(
        order=order,
        vendor_order=part,
        variant_id=variant.id,
        product_id=variant.product_id,
        sku=variant.sku,
        name=variant.product_name,
        options=variant.options,
        requires_shipping=variant.requires_shipping,
        weight_grams=variant.weight_grams,
        position=position,
        **line_amounts(price),
    )


def new_trace(order: Order, pricing: Pricing) -> OrderTrace:
    """Why it costs what it costs (MOON-09)."""
    return OrderTrace(order=order, entries=[entry_json(entry) for entry in pricing.entries])


def entry_json(entry: Entry) -> dict[str, Any]:
    """An entry as it is kept and told; what is empty is left out."""
    row: dict[str, Any] = {
        "step": entry.step,
        "label": entry.label,
        "amount_cents": entry.amount_cents,
        "line": entry.line,
        "code": entry.code,
        "vendor_id": str(entry.vendor_id) if entry.vendor_id else None,
        "detail": dict(entry.detail),
    }
    return {name: value for name, value in row.items() if value not in (None, "", {})}


def ship_to_of(order: Order) -> ShipTo:
    """As much of the order's destination as its events tell."""
    address: dict[str, Any] = order.shipping_address or {}
    return ShipTo(
        country=address.get("country", ""),
        state=address.get("state", ""),
        postal_code=address.get("postal_code", ""),
    )


def event_items(
    lines: Sequence[OrderLine], counted: Mapping[UUID, bool], currency: str
) -> tuple[OrderItem, ...]:
    """The lines as events tell them. counted: by variant, whether its stock is kept at all."""
    return tuple(
        OrderItem(
            sku=line.sku,
            quantity=line.quantity,
            price=float(to_decimal(line.unit_price_cents, currency)),
            unit_price_cents=line.unit_price_cents,
            line_id=line.pk,
            variant_id=line.variant_id,
            vendor_id=line.vendor_order.vendor_id,
            name=line.name,
            track_inventory=counted[line.variant_id],
        )
        for line in lines
    )
