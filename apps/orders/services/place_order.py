"""Place an order: the way to buy (ORD-01, ORD-02, ORD-03, ORD-09, ORD-10, ORD-22, CRT-09)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.facade import active_buyer
from apps.common.database import together
from apps.common.errors import FieldError, ValidationFailed
from apps.common.money import to_decimal
from apps.common.queries import hold, insert
from apps.events.contracts import OrderCreated
from apps.events.facade import append_gathered, gathering, publish
from apps.orders.errors import TotalChanged
from apps.orders.facts import fact, remember
from apps.orders.models import Order, OrderLine
from apps.orders.numbering import next_number
from apps.orders.placing import Placement, placing
from apps.orders.quoting import Quote, QuoteRequest, place_of, quote
from apps.orders.resolving import MOST_CENTS, check_count, require
from apps.orders.services.apply_company_terms import apply_company_terms
from apps.orders.services.redeem_promotions import redeem_promotions
from apps.orders.services.settle_free_order import settle_free_order
from apps.orders.types import Expiry, NewOrder
from apps.orders.writing import (
    amounts_of,
    event_items,
    new_lines,
    new_parts,
    new_trace,
    ship_to_of,
)


def place_order(new: NewOrder, *, then: Callable[[Order], None] | None = None) -> Placement:
    """Write the order at today's price, and reserve its stock in the same transaction.

    Runs in the caller's transaction if one is open. An order that could not get its stock is kept
    as cancelled and returned with its `shortages`. One whose total is 0 is paid at once. The
    returned order holds its lines and vendor orders, so that showing it asks the database nothing.
    then: is called with an order that has its stock, just before it is written; its statements are
    sent with the order's, so none of them may wait for an answer.
    Publishes OrderCreated, whose reactions confirm or cancel the order, and OrderPaid for a free
    one. Raises ValidationFailed, PriceChanged, TotalChanged, OrderedAlready, PromotionExhausted,
    and nothing is written.
    """
    check_count(new.items)
    email, group = _buyer(new)
    # What can be refused is refused before anything is written, so no savepoint is needed.
    priced = quote(_request(new, email, group))
    _check(new, priced)
    with transaction.atomic(savepoint=False), gathering():
        now = timezone.now()
        number = next_number(now, request_key=new.request_key)
        order = _new_order(new, priced, number=number, email=email, now=now)
        parts = new_parts(order, priced)
        lines = new_lines(order, priced, parts)
        with placing(order) as placement:
            remember(order, field="status", old="", new=order.status)
            created = _created(order, priced, lines)
            placement.items = created.items
            publish(created)
            if not placement.shortages:
                _after_reserving(order, priced)
            with together():
                if not placement.shortages and then is not None:
                    then(order)
                insert(order)
                insert(*parts.values())
                insert(*lines)
                insert(new_trace(order, priced.pricing))
                insert(*placement.history)
                append_gathered()
        hold(order, "lines", lines)
        hold(order, "vendor_orders", list(parts.values()))
        return placement


def _after_reserving(order: Order, priced: Quote) -> None:
    """What may still refuse the order holds rows of others, so it comes after the stock's."""
    redeem_promotions(order=order, applied=priced.pricing.applied, customer_key=priced.customer_key)
    if priced.company is not None:
        apply_company_terms(order, priced.company)
    settle_free_order(order)


def _buyer(new: NewOrder) -> tuple[str, str | None]:
    """The e-mail address, and the customer group where it became known with it."""
    if new.email.strip():
        return new.email.strip(), None
    found = active_buyer(new.customer_id) if new.customer_id is not None else None
    if found is None:
        raise ValidationFailed.of("email", "required", "Send the e-mail address of the buyer.")
    return found


def _request(new: NewOrder, email: str, group: str | None) -> QuoteRequest:
    return QuoteRequest(
        lines=tuple(new.items),
        currency=new.currency,
        customer_id=new.customer_id,
        email=email,
        customer_group=group,
        organization_id=new.organization_id,
        place=place_of(new.shipping_address, new.billing_address),
        shipping_method=new.shipping_method,
        coupon_codes=new.coupon_codes,
        market=new.market,
        vat_id=new.vat_id,
        discount_cents=new.discount_cents,
        promotions=new.promotions,
        free_shipping=new.free_shipping,
        by_staff=new.by_staff,
    )


def _check(new: NewOrder, priced: Quote) -> None:
    """Raises ValidationFailed, PriceChanged or TotalChanged for what cannot be ordered so."""
    require(priced.lines, new.currency)
    if not new.shipping_address and priced.needs_shipping:
        detail = "Send the address that the goods go to."
        raise ValidationFailed.of("shipping_address", "required", detail)
    if priced.lacks_place:
        detail = "Send the buyer's address: the tax of these goods depends on it."
        raise ValidationFailed.of("billing_address", "required", detail)
    if not priced.is_deliverable:
        raise _not_deliverable(new, priced)
    if not new.lenient:
        _check_coupons(priced)
    total = priced.pricing.total_cents
    if total > MOST_CENTS:
        raise ValidationFailed.of("items", "total_too_large", "The order's total is too large.")
    wrong = {
        "expected_currency": new.expected_currency not in {None, priced.currency},
        "expected_total_cents": new.expected_total_cents not in {None, total},
    }
    if any(wrong.values()):
        fields = [name for name, is_wrong in wrong.items() if is_wrong]
        raise TotalChanged.of(*fields, total_cents=total, currency=priced.currency)


def _not_deliverable(new: NewOrder, priced: Quote) -> ValidationFailed:
    if priced.pricing.options:
        codes = ", ".join(option.code for option in priced.pricing.options)
        detail = f"Choose one of: {codes}."
        return ValidationFailed.of("shipping_method", "shipping_method_unavailable", detail)
    detail = "These goods cannot be sent to this address."
    return ValidationFailed.of("shipping_address", "not_shippable", detail)


def _check_coupons(priced: Quote) -> None:
    errors = [
        FieldError(
            f"coupon_codes.{index}",
            f"coupon_{answer.status}",
            f"The coupon {answer.code} gives nothing here: {answer.status.replace('_', ' ')}.",
        )
        for index, answer in enumerate(priced.coupons)
        if answer.status != "applied"
    ]
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)


def _new_order(new: NewOrder, priced: Quote, *, number: str, email: str, now: datetime) -> Order:
    option = priced.pricing.option
    return Order(
        created_at=now,
        number=number,
        customer_id=new.customer_id,
        email=email,
        currency=new.currency,
        coupon_codes=[one.code for one in priced.coupons if one.status == "applied"],
        shipping_address=new.shipping_address,
        billing_address=new.billing_address,
        vat_id=new.vat_id or (priced.company.vat_id if priced.company else ""),
        shipping_method=option.code if option else new.shipping_method,
        notes=new.notes,
        organization_id=new.organization_id,
        purchase_order_number=new.purchase_order_number,
        source=new.source,
        request_key=new.request_key,
        expires_at=_expiry(new, now),
        **amounts_of(priced),
    )


def _expiry(new: NewOrder, now: datetime) -> datetime | None:
    if isinstance(new.expires_at, Expiry):
        return now + timedelta(minutes=settings.ORDER_EXPIRY_MINUTES)
    return new.expires_at


def _created(order: Order, priced: Quote, lines: list[OrderLine]) -> OrderCreated:
    counted = {variant.id: variant.track_inventory for variant, _ in priced.goods()}
    return OrderCreated(
        **fact(order),
        total=float(to_decimal(order.total_cents, order.currency)),
        items=event_items(lines, counted, order.currency),
        ship_to=ship_to_of(order),
    )
