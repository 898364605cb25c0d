"""What stands between a cart and its order, for programs to read (PEER-20, CRT-05, CRT-09)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from apps.catalog.facade import closed_vendors
from apps.common.errors import FieldError
from apps.orders.cart_types import CartProblem, CartReading
from apps.orders.models import CartLine
from apps.orders.pricing.types import Place
from apps.orders.quoting import Quote
from apps.orders.resolving import MOST_CENTS, ResolvedLine

BLOCKING: Final = "blocking"
WARNING: Final = "warning"


def problems_of(
    reading: CartReading | None, faults: Sequence[FieldError], place: Place | None
) -> tuple[CartProblem, ...]:
    """Everything that is wrong with a cart; None is no cart at all.

    faults: what of the cart's own settings does not hold any more. place: where the goods go, None
    while nobody has said. One query, and that only where something in it is not for sale.
    """
    if reading is None or reading.quote is None:
        return (_empty(),)
    found = [CartProblem(row.code, BLOCKING, row.detail, extra=row.extra) for row in faults]
    if not reading.quote.lines:
        found.append(_empty())
    found += _of_lines(reading, comparable=not any(row.field == "currency" for row in faults))
    found += _of_stock(reading)
    found += _of_coupons(reading.quote)
    found += _of_delivery(reading.quote, place, _wanted_method(reading))
    if reading.quote.pricing.total_cents > MOST_CENTS:
        detail = "The total is too large for one order."
        found.append(CartProblem("total_too_large", BLOCKING, detail))
    if _lacks_email(reading):
        found.append(CartProblem("email_missing", WARNING, "Send the e-mail address of the buyer."))
    return tuple(found)


def _empty() -> CartProblem:
    return CartProblem("cart_empty", BLOCKING, "Put something into the cart.")


def _wanted_method(reading: CartReading) -> str:
    return reading.cart.shipping_method if reading.cart is not None else ""


def _lacks_email(reading: CartReading) -> bool:
    cart = reading.cart
    return cart is not None and cart.customer_id is None and not cart.email


def _of_lines(reading: CartReading, *, comparable: bool) -> Iterator[CartProblem]:
    rows = reading.to_buy
    closed = _closed_vendors(resolved for _, resolved, _ in rows)
    for line, resolved, _ in rows:
        if resolved.refusal:
            yield _refused(line, resolved, closed, reading.currency)
        elif comparable and line.seen_price_cents not in {None, resolved.unit_price_cents}:
            yield CartProblem(
                "price_changed",
                WARNING,
                f"The price of {_name(resolved)} has changed.",
                line.pk,
                {
                    "old_price_cents": line.seen_price_cents,
                    "new_price_cents": resolved.unit_price_cents,
                },
            )


def _closed_vendors(lines: Iterator[ResolvedLine]) -> frozenset[UUID]:
    vendors = {
        line.variant.vendor_id for line in lines if line.variant and line.refusal == "not_for_sale"
    }
    return closed_vendors(vendors) if vendors else frozenset()


def _refused(
    line: CartLine, resolved: ResolvedLine, closed: frozenset[UUID], currency: str
) -> CartProblem:
    name, code = _name(resolved), resolved.refusal
    extra: dict[str, Any] = {}
    if code == "min_quantity":
        extra["min_quantity"] = resolved.min_quantity
        detail = f"Buy at least {resolved.min_quantity:,} of {name}."
    elif code == "invalid_quantity":
        detail = f"So many of {name} cannot be bought at once."
    elif code == "no_price_in_currency":
        extra["currency"] = currency
        detail = f"{name} has no price in {currency}."
    elif resolved.variant is not None and resolved.variant.vendor_id in closed:
        code, detail = "vendor_suspended", f"{resolved.variant.vendor_name} sells nothing now."
    else:
        code, detail = "not_for_sale", f"{name} is not for sale any more."
    return CartProblem(code, BLOCKING, detail, line.pk, extra)


def _name(resolved: ResolvedLine) -> str:
    return resolved.variant.product_name if resolved.variant else "This line"


def _of_stock(reading: CartReading) -> Iterator[CartProblem]:
    """Lines of which there is too little. A gift that is gone is not given, which stops nobody."""
    for line, resolved, _ in reading.to_buy:
        available = reading.available.get(line.variant_id)
        if resolved.variant is None or available is None or available >= line.quantity:
            continue
        left = f"Only {available:,} of {_name(resolved)} can be had."
        detail = left if available else f"{_name(resolved)} is sold out."
        extra = {
            "requested": line.quantity,
            "available": available,
            "variant_id": line.variant_id,
        }
        yield CartProblem("out_of_stock", BLOCKING, detail, line.pk, extra)


def _of_coupons(quoted: Quote) -> Iterator[CartProblem]:
    for answer in quoted.coupons:
        if answer.status != "applied":
            detail = f"The code {answer.code} gives nothing for this cart."
            extra = {"coupon": answer.code}
            yield CartProblem(f"coupon_{answer.status}", WARNING, detail, extra=extra)


def _of_delivery(quoted: Quote, place: Place | None, wanted: str) -> Iterator[CartProblem]:
    if not quoted.needs_shipping:
        if quoted.lacks_place:
            detail = "Send the buyer's address: the tax of these goods depends on it."
            yield CartProblem("address_missing", WARNING, detail)
        return
    if place is None:
        detail = "Send the address that the goods go to."
        yield CartProblem("address_missing", WARNING, detail)
    elif not quoted.is_deliverable and not quoted.pricing.options:
        detail = "Nobody sends these goods there."
        yield CartProblem("not_shippable", BLOCKING, detail, extra={"country": place.country})
    elif not quoted.is_deliverable:
        detail = "These goods cannot be sent this way; choose one of the shipping options."
        extra = {"shipping_method": wanted}
        yield CartProblem("shipping_method_unavailable", BLOCKING, detail, extra=extra)
