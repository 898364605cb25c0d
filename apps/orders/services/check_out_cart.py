"""A cart becomes an order (CRT-03, CRT-09, PEER-15, PEER-20)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from apps.common.errors import ValidationFailed
from apps.common.queries import insert, write
from apps.events.contracts import CartCheckout, CartItem
from apps.events.facade import publish
from apps.orders.cart_types import CartReading, Holder
from apps.orders.carts import find_cart, lines_of, locked_cart, read_cart, request_of
from apps.orders.errors import CartEmpty, CartNotReady, PriceChanged
from apps.orders.models import Cart, CartLine, CartStatus, Order
from apps.orders.placing import Placement
from apps.orders.ports import PaymentWish
from apps.orders.services.check_out import CheckedOut, check_out
from apps.orders.services.place_order import place_order
from apps.orders.types import NewOrder


@dataclass(frozen=True, slots=True)
class CartOverrides:
    """What the checkout says beside its cart; what is None stays as the cart has it."""

    email: str | None = None
    shipping_address: dict[str, Any] | None = None
    billing_address: dict[str, Any] | None = None
    shipping_method: str | None = None
    vat_id: str | None = None
    notes: str | None = None
    purchase_order_number: str | None = None

    def said(self) -> dict[str, Any]:
        """What it says, by the cart's own names."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in named.items() if value is not None}


def check_out_cart(
    *,
    holder: Holder,
    overrides: CartOverrides,
    payment: PaymentWish | None,
    user: Any,
    expected_total_cents: int | None = None,
    expected_currency: str | None = None,
    request_key: str = "",
) -> CheckedOut:
    """Order what is in the holder's cart, and start its payment.

    The cart's row is locked, so nobody changes it meanwhile and of two checkouts at once one
    orders and the other finds the cart empty; with the same `request_key` it gets the same order.
    Lines saved for later go on in a new cart of the same holder. An order that cannot get its
    stock leaves the cart as it is. Publishes CartCheckout, OrderCreated and what follows from it.
    Raises CartEmpty, CartNotReady with the problems of the cart and what was said beside it,
    TotalChanged, PromotionExhausted, and what the payment's starter does.
    """

    def place(new: NewOrder, then: Callable[[Order], None]) -> Placement:
        cart = locked_cart(holder)
        lines = lines_of(cart) if cart is not None else []
        if cart is None or not any(not line.saved_for_later for line in lines):
            raise CartEmpty("Put something into the cart first.")
        placement = place_order(_filled(new, cart, lines, overrides), then=then)
        if not placement.shortages:
            _close(cart, lines, placement.order)
        return placement

    new = NewOrder(
        items=(),
        currency="",
        lenient=True,
        expected_total_cents=expected_total_cents,
        expected_currency=expected_currency,
        source="cart",
        request_key=request_key,
    )
    try:
        return check_out(new, payment=payment, user=user, place=place)
    except (ValidationFailed, PriceChanged) as error:
        problems = [problem.as_dict() for problem in _tried(holder, overrides).problems]
        raise CartNotReady(
            error.detail, errors=error.errors, extra={"problems": problems}
        ) from error


def _tried(holder: Holder, overrides: CartOverrides) -> CartReading:
    """The cart with what was said beside it, as its order was refused; nothing is written."""
    cart = find_cart(holder)
    if cart is None:
        return read_cart(None, ())
    for name, value in overrides.said().items():
        setattr(cart, name, value)
    return read_cart(cart, lines_of(cart))


def _filled(new: NewOrder, cart: Cart, lines: list[CartLine], overrides: CartOverrides) -> NewOrder:
    """The order that the cart asks for, at the prices that its buyer has seen."""
    asked = request_of(cart, lines)
    seen = [line.seen_price_cents for line in lines if not line.saved_for_later]
    fields: dict[str, Any] = {
        "items": [
            replace(item, expected_price_cents=cents)
            for item, cents in zip(asked.lines, seen, strict=True)
        ],
        "currency": cart.currency,
        "customer_id": cart.customer_id,
        "email": cart.email,
        "shipping_address": cart.shipping_address,
        "billing_address": cart.billing_address,
        "shipping_method": cart.shipping_method,
        "vat_id": cart.vat_id,
        "notes": cart.notes,
        "organization_id": cart.organization_id,
        "purchase_order_number": cart.purchase_order_number,
        "coupon_codes": tuple(cart.coupon_codes),
        "market": cart.market,
    }
    return replace(new, **{**fields, **overrides.said()})


def _close(cart: Cart, lines: list[CartLine], order: Order) -> None:
    """The cart is an order now; what was saved for later goes on in a cart of its own."""
    later = [line.pk for line in lines if line.saved_for_later]
    token_hash = cart.token_hash
    cart.status = CartStatus.ORDERED
    cart.order = order
    cart.email = order.email
    cart.token_hash = None
    write(cart, "status", "order", "email", "token_hash", "updated_at")
    if later:
        following = Cart(
            customer_id=cart.customer_id,
            token_hash=token_hash,
            currency=cart.currency,
            market=cart.market,
            active_at=timezone.now(),
        )
        insert(following)
        CartLine.objects.filter(pk__in=later).update(cart=following)
    publish(
        CartCheckout(
            cart_id=cart.pk,
            order_id=order.pk,
            customer_id=order.customer_id,
            email=order.email,
            total_cents=order.total_cents,
            currency=order.currency,
            items=tuple(
                CartItem(
                    variant_id=line.variant_id,
                    sku=line.sku,
                    name=line.name,
                    quantity=line.quantity,
                    unit_price_cents=line.unit_price_cents,
                )
                for line in order.lines.all()
            ),
        )
    )
