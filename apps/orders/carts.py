"""Reads of carts: whose a cart is, what is in it, and what it costs at this moment (CRT-01)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from apps.common.context import current_store
from apps.common.errors import FieldError, ValidationFailed
from apps.common.queries import first, kept
from apps.inventory.facade import availability, backorder_room
from apps.orders.cart_problems import problems_of
from apps.orders.cart_types import CartReading, Holder
from apps.orders.models import Cart, CartLine, CartStatus, Market
from apps.orders.pricing.types import Place
from apps.orders.quoting import Quote, QuoteRequest, place_of, quote
from apps.orders.rulebook import read_rulebook
from apps.orders.types import LineRequest

_TOKEN = re.compile(r"\A[A-Za-z0-9_-]{43}\Z")


def new_token() -> str:
    """A guest cart's token: 32 random bytes."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is kept of a token; "" for what was never one."""
    return hashlib.sha256(token.encode()).hexdigest() if _TOKEN.match(token) else ""


def find_cart(holder: Holder) -> Cart | None:
    """The holder's open cart. One query, none where nobody is named."""
    if holder.customer_id is not None:
        return first(_of_customer(holder.customer_id))
    return first(_of_token(holder.token_hash)) if holder.token_hash else None


def locked_cart(holder: Holder) -> Cart | None:
    """The holder's open cart, locked until the transaction ends. Everything that changes a cart,
    or makes an order of it, takes this lock first.
    """
    if holder.customer_id is not None:
        return first(_locked_of_customer(holder.customer_id))
    return first(_locked_of_token(holder.token_hash)) if holder.token_hash else None


@kept
def _of_customer(customer_id: UUID) -> QuerySet[Cart]:
    return _customers(customer_id)


@kept
def _of_token(token_hash: str) -> QuerySet[Cart]:
    return _guests().filter(token_hash=token_hash)


@kept
def _locked_of_customer(customer_id: UUID) -> QuerySet[Cart]:
    return _customers(customer_id).select_for_update(of=("self",))


@kept
def _locked_of_token(token_hash: str) -> QuerySet[Cart]:
    return _guests().filter(token_hash=token_hash).select_for_update()


def _customers(customer_id: UUID) -> QuerySet[Cart]:
    """With the group whose prices the customer pays, which every price asks for."""
    carts = Cart.objects.filter(customer_id=customer_id, status=CartStatus.ACTIVE)
    return carts.annotate(buyer_group=F("customer__customer_group_id")).order_by()


def _guests() -> QuerySet[Cart]:
    return Cart.objects.filter(customer=None, status=CartStatus.ACTIVE).order_by()


def lines_of(cart: Cart) -> list[CartLine]:
    """Its lines, those saved for later too, in the order they were put in."""
    return _lines_of(cart.pk)


@kept
def _lines_of(cart_id: UUID) -> QuerySet[CartLine]:
    return CartLine.objects.filter(cart_id=cart_id).order_by("created_at", "id")


def first_currency() -> str:
    """What a cart begins with: the default market's first currency, else the store's own."""
    market = Market.objects.filter(is_default=True, is_active=True).first()
    return market.currencies[0] if market is not None else current_store().default_currency


def find_reading(holder: Holder) -> CartReading:
    """The holder's cart, or one without anything in it; nothing is written."""
    cart = find_cart(holder)
    if cart is None:
        return read_cart(None, ())
    return read_cart(cart, lines_of(cart))


def read_cart(
    cart: Cart | None,
    lines: Sequence[CartLine],
    *,
    place: Place | None = None,
    known: tuple[Quote, tuple[FieldError, ...]] | None = None,
    token: str = "",
) -> CartReading:
    """What the cart holds and costs, and what stands in the way of buying it (PEER-20).

    A fixed number of statements, however many lines. place: to price it for another place than its
    address. known: a quote of these very lines that was made just before, with its faults. Never
    raises for what is in the cart.
    """
    if cart is None:
        return CartReading(None, first_currency(), problems=problems_of(None, (), None))
    request = request_of(cart, lines, place=place)
    quoted, faults = known or lenient_quote(request)
    later = [line for line in lines if line.saved_for_later]
    saved = lenient_quote(_aside(request, later))[0] if later else None
    reading = CartReading(
        cart,
        quoted.currency,
        tuple(lines),
        quoted,
        saved,
        _available(quoted, saved),
        token=token,
    )
    # A billing address tells what tax is owed, not where goods go.
    goal = place or place_of(cart.shipping_address)
    return replace(reading, problems=problems_of(reading, faults, goal))


def request_of(
    cart: Cart, lines: Sequence[CartLine], *, place: Place | None = None
) -> QuoteRequest:
    """What to quote for a cart: the lines that are to be bought, in their order."""
    return QuoteRequest(
        lines=tuple(
            LineRequest(variant_id=line.variant_id, quantity=line.quantity)
            for line in lines
            if not line.saved_for_later
        ),
        currency=cart.currency,
        customer_id=cart.customer_id,
        email=cart.email,
        customer_group=_group_of(cart),
        organization_id=cart.organization_id,
        place=place or place_of(cart.shipping_address, cart.billing_address),
        shipping_method=cart.shipping_method,
        coupon_codes=tuple(cart.coupon_codes),
        market=cart.market,
        vat_id=cart.vat_id,
    )


def _group_of(cart: Cart) -> str | None:
    """The buyer's group as it was read with the cart; None where it was not."""
    return (cart.__dict__["buyer_group"] or "") if "buyer_group" in cart.__dict__ else None


def _aside(request: QuoteRequest, lines: Sequence[CartLine]) -> QuoteRequest:
    return replace(
        request,
        lines=tuple(
            LineRequest(variant_id=line.variant_id, quantity=line.quantity) for line in lines
        ),
        coupon_codes=(),
        promotions=False,
    )


def lenient_quote(request: QuoteRequest) -> tuple[Quote, tuple[FieldError, ...]]:
    """A quote also where the store's rules have moved on since the cart was filled.

    What does not hold any more (its company, its market, its currency there) is left out of the
    price and told beside it.
    """
    faults: list[FieldError] = []
    while True:
        try:
            return quote(request), tuple(faults)
        except ValidationFailed as error:
            fault = error.errors[0]
            request = _without(request, fault)
            faults.append(fault)


def _without(request: QuoteRequest, fault: FieldError) -> QuoteRequest:
    if fault.field == "organization_id":
        return replace(request, organization_id="")
    if fault.field == "market":
        return replace(request, market="")
    return replace(request, currency=currency_for(request))


def currency_for(request: QuoteRequest) -> str:
    """The currency that the request's market begins with. One query."""
    book = read_rulebook(now=timezone.now(), place=request.place, codes=(), customer_key="")
    market = book.market_for(request.market, request.place)
    return market.currencies[0] if market is not None else current_store().default_currency


def _available(quoted: Quote, saved: Quote | None) -> dict[UUID, int]:
    """Variant → what can be bought of it. Two queries, none where nothing is counted."""
    variants = [line.variant for line in [*quoted.lines, *(saved.lines if saved else ())]]
    counted = sorted({row.id for row in variants if row is not None and row.track_inventory})
    if not counted:
        return {}
    free, room = availability(counted), backorder_room(counted)
    return {pk: max(free[pk], 0) + max(room.get(pk, 0), 0) for pk in counted}
