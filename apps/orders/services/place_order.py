"""Place an order: the way to buy (ORD-01, ORD-02, ORD-03, ORD-09, ORD-10, ORD-22, CRT-09)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.facade import active_email
from apps.common.database import pipelined
from apps.common.errors import ValidationFailed
from apps.common.money import EXPONENTS, to_decimal
from apps.common.queries import hold, insert
from apps.events.contracts import OrderCreated, OrderItem
from apps.events.facade import publish
from apps.orders.facts import fact, remember
from apps.orders.models import Order, OrderLine, VendorOrder
from apps.orders.numbering import next_number
from apps.orders.placing import Placement, placing
from apps.orders.pricing import LineInput, OrderAmounts, price_order
from apps.orders.resolving import ResolvedLine, resolve_lines
from apps.orders.types import DEFAULT_EXPIRY, Expiry, LineRequest

MOST_CENTS = 10**12


@dataclass(frozen=True, slots=True)
class _Basket:
    """Resolved lines with what they cost; both are in the same order."""

    lines: list[ResolvedLine]
    amounts: OrderAmounts
    currency: str


def place_order(
    *,
    items: Sequence[LineRequest],
    currency: str,
    customer_id: UUID | None,
    email: str,
    shipping_address: dict[str, Any] | None,
    notes: str = "",
    organization_id: str = "",
    purchase_order_number: str = "",
    shipping_method: str = "",
    source: str = "api",
    expires_at: datetime | Literal[Expiry.DEFAULT] | None = DEFAULT_EXPIRY,
) -> Placement:
    """Write the order at catalog prices, and reserve its stock in the same transaction.

    Runs in the caller's transaction if one is open. expires_at: None means never. An order that
    could not get its stock is kept as cancelled and returned with its `shortages`. The returned
    order holds its lines and vendor orders, so that showing it asks the database nothing.
    Publishes OrderCreated, whose reactions confirm or cancel the order. Raises ValidationFailed
    and PriceChanged, and nothing is written.
    """
    if currency not in EXPONENTS:
        raise ValidationFailed.of("currency", "unknown_currency", "Send an ISO 4217 code.")
    address = email.strip() or _email_of(customer_id)
    # What can be refused is refused before anything is written, so no savepoint is needed.
    basket = _fill_basket(items, currency, shipping_address)
    with transaction.atomic(savepoint=False):
        now = timezone.now()
        if isinstance(expires_at, Expiry):
            expires_at = now + timedelta(minutes=settings.ORDER_EXPIRY_MINUTES)
        number = next_number(now)
        with pipelined():
            order = _insert_order(
                basket,
                number=number,
                customer_id=customer_id,
                email=address,
                shipping_address=shipping_address,
                notes=notes,
                organization_id=organization_id,
                purchase_order_number=purchase_order_number,
                shipping_method=shipping_method,
                source=source,
                expires_at=expires_at,
            )
            vendor_orders = _insert_vendor_orders(order, basket)
            lines = _insert_lines(order, basket, vendor_orders)
        with placing(order) as placement:
            remember(order, field="status", old="", new=order.status)
            created = _created(order, basket, lines)
            placement.items = created.items
            publish(created)
        insert(*placement.history)
        hold(order, "lines", lines)
        hold(order, "vendor_orders", list(vendor_orders.values()))
        return placement


def _email_of(customer_id: UUID | None) -> str:
    email = active_email(customer_id) if customer_id is not None else None
    if email is None:
        raise ValidationFailed.of("email", "required", "Send the e-mail address of the buyer.")
    return email


def _fill_basket(
    items: Sequence[LineRequest], currency: str, shipping_address: dict[str, Any] | None
) -> _Basket:
    lines = resolve_lines(items, currency)
    if not shipping_address and any(line.variant.requires_shipping for line in lines):
        detail = "Send the address that the goods go to."
        raise ValidationFailed.of("shipping_address", "required", detail)
    amounts = price_order([LineInput(line.quantity, line.unit_price_cents) for line in lines])
    if amounts.total_cents > MOST_CENTS:
        raise ValidationFailed.of("items", "total_too_large", "The order's total is too large.")
    return _Basket(lines, amounts, currency)


def _insert_order(basket: _Basket, **fields: Any) -> Order:
    amounts = basket.amounts
    order = Order(
        currency=basket.currency,
        subtotal_cents=amounts.subtotal_cents,
        discount_cents=amounts.discount_cents,
        tax_cents=amounts.tax_cents,
        shipping_cents=amounts.shipping_cents,
        total_cents=amounts.total_cents,
        **fields,
    )
    insert(order)
    return order


def _insert_vendor_orders(order: Order, basket: _Basket) -> dict[UUID, VendorOrder]:
    """One per vendor, numbered in the order that the vendors first appear."""
    parts: dict[UUID, VendorOrder] = {}
    for line, amounts in zip(basket.lines, basket.amounts.lines, strict=True):
        variant = line.variant
        part = parts.get(variant.vendor_id)
        if part is None:
            part = VendorOrder(
                order=order,
                vendor_id=variant.vendor_id,
                vendor_name=variant.vendor_name,
                number=f"{order.number}-{len(parts) + 1}",
                subtotal_cents=0,
            )
            parts[variant.vendor_id] = part
        part.subtotal_cents += amounts.subtotal_cents
    insert(*parts.values())
    return parts


def _insert_lines(
    order: Order, basket: _Basket, vendor_orders: dict[UUID, VendorOrder]
) -> list[OrderLine]:
    rows = [
        OrderLine(
            order=order,
            vendor_order=vendor_orders[line.variant.vendor_id],
            variant_id=line.variant.id,
            product_id=line.variant.product_id,
            sku=line.variant.sku,
            name=line.variant.product_name,
            options=line.variant.options,
            requires_shipping=line.variant.requires_shipping,
            weight_grams=line.variant.weight_grams,
            quantity=line.quantity,
            unit_price_cents=line.unit_price_cents,
            discount_cents=amounts.discount_cents,
            tax_cents=amounts.tax_cents,
            total_cents=amounts.total_cents,
            position=position,
        )
        for position, (line, amounts) in enumerate(
            zip(basket.lines, basket.amounts.lines, strict=True)
        )
    ]
    insert(*rows)
    return rows


def _created(order: Order, basket: _Basket, lines: Sequence[OrderLine]) -> OrderCreated:
    items = tuple(
        OrderItem(
            sku=line.sku,
            quantity=line.quantity,
            price=float(to_decimal(line.unit_price_cents, order.currency)),
            unit_price_cents=line.unit_price_cents,
            line_id=line.pk,
            variant_id=line.variant_id,
            vendor_id=resolved.variant.vendor_id,
            name=line.name,
            track_inventory=resolved.variant.track_inventory,
        )
        for line, resolved in zip(lines, basket.lines, strict=True)
    )
    total = float(to_decimal(order.total_cents, order.currency))
    return OrderCreated(**fact(order), total=total, items=items)
