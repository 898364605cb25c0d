"""What an edit of an order means: worked out from its rows and today's rules, written nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.catalog.types import VariantInfo
from apps.common.errors import FieldError, ValidationFailed
from apps.orders.errors import StepNotPossible
from apps.orders.exchanges import exchanged_cents, is_replacement, replaced_units
from apps.orders.models import Order, OrderLine, OrderTrace
from apps.orders.pricing.types import LinePrice
from apps.orders.quoting import Quote, QuoteRequest, place_of, quote
from apps.orders.resolving import MOST_CENTS, MOST_UNITS, ResolvedLine, check_count
from apps.orders.states import FulfillmentStatus, OrderStatus, PaymentStatus
from apps.orders.types import LineRequest

_EDITABLE = (OrderStatus.CONFIRMED, OrderStatus.PAID, OrderStatus.SHIPPED)


@dataclass(frozen=True, slots=True)
class EditRequest:
    """What staff want changed. lines: (line, quantity) pairs, 0 takes it off; what is not named
    stays. add: new ones at today's price. None leaves the address and the method as they are.
    """

    lines: tuple[tuple[UUID, int], ...] = ()
    add: tuple[LineRequest, ...] = ()
    shipping_address: dict[str, Any] | None = None
    shipping_method: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line as it will be; `row` is the one that it was, None for a new one."""

    row: OrderLine | None
    variant: VariantInfo
    price: LinePrice


@dataclass(frozen=True, slots=True)
class EditPlan:
    """What the edit comes to. `removed` are the rows that go."""

    quote: Quote
    lines: tuple[PlannedLine, ...]
    removed: tuple[OrderLine, ...]
    shipping_address: dict[str, Any] | None
    shipping_method: str


def check_editable(order: Order) -> None:
    """Raises StepNotPossible for an order that is over, or all of whose money went back."""
    if order.status not in _EDITABLE:
        raise StepNotPossible(f"Order {order.number} is {order.status} and cannot be edited.")
    if order.payment_status == PaymentStatus.REFUNDED:
        raise StepNotPossible(f"Order {order.number} was refunded and cannot be edited.")
    if order.fulfillment_status in (FulfillmentStatus.DELIVERED, FulfillmentStatus.RETURNED):
        state = order.fulfillment_status
        raise StepNotPossible(f"Order {order.number} is {state} and cannot be edited.")


def plan_edit(order: Order, request: EditRequest) -> EditPlan | None:
    """Work the edit out for an order whose row is locked; None when it changes nothing.

    Lines that stay keep their price, new ones take today's; promotions, tax and shipping are
    worked out anew, and the order's own uses of promotions do not count against it. Raises
    ValidationFailed (`lines.N.…`, `add.N.…`, `shipping_address`, `shipping_method`) and
    StepNotPossible.
    """
    rows = list(order.lines.order_by("position"))
    wanted = _wanted(rows, request)
    address = order.shipping_address
    if request.shipping_address is not None:
        address = request.shipping_address
    method = order.shipping_method if request.shipping_method is None else request.shipping_method
    same_way = (address, method) == (order.shipping_address, order.shipping_method)
    same_goods = all(wanted[row.pk] == row.quantity for row in rows if row.pk in wanted)
    if same_way and same_goods and not request.add:
        return None
    if address != order.shipping_address and any(row.shipped_quantity for row in rows):
        detail = "Something has been sent to the present address already."
        raise ValidationFailed.of("shipping_address", "already_shipped", detail)
    listed = _listed_prices(order, rows)
    kept = [row for row in rows if wanted.get(row.pk)]
    if not kept and not request.add:
        detail = "Nothing would be left. Cancel the order instead."
        raise ValidationFailed.of("lines", "last_line", detail)
    requests = [
        LineRequest(
            variant_id=row.variant_id,
            quantity=wanted[row.pk],
            unit_price_cents=listed[row.pk],
            is_kept=True,
        )
        for row in kept
    ]
    check_count([*requests, *request.add])
    priced = quote(_quote_request(order, (*requests, *request.add), address, method))
    _check(priced, kept, request, address)
    lines = _matched(priced, kept, listed, [row for row in rows if row.is_gift])
    stays = {line.row.pk for line in lines if line.row is not None}
    removed = tuple(row for row in rows if row.pk not in stays)
    _check_sent(lines, removed)
    option = priced.pricing.option
    return EditPlan(priced, lines, removed, address, option.code if option else method)


def _wanted(rows: Sequence[OrderLine], request: EditRequest) -> dict[UUID, int]:
    """The quantity of every line but the gifts, which the promotions decide."""
    by_id = {row.pk: row for row in rows}
    wanted = {row.pk: row.quantity for row in rows if not row.is_gift}
    errors, named = [], set()
    for index, (line_id, quantity) in enumerate(request.lines):
        row = by_id.get(line_id)
        problem = _problem(row, quantity, seen=line_id in named)
        named.add(line_id)
        if problem is not None:
            field, code, detail = problem
            errors.append(FieldError(f"lines.{index}.{field}", code, detail))
        else:
            wanted[line_id] = quantity
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)
    return wanted


def _problem(row: OrderLine | None, quantity: int, *, seen: bool) -> tuple[str, str, str] | None:
    if row is None:
        return "line_id", "unknown_line", "The order has no such line."
    if seen:
        return "line_id", "repeated", "Name each line once."
    if row.is_gift:
        return "line_id", "gift_line", "A gift comes and goes with its promotion."
    if not 0 <= quantity <= MOST_UNITS:
        return "quantity", "invalid_quantity", f"Order 0 to {MOST_UNITS:,} of one variant."
    if quantity < row.shipped_quantity:
        detail = f"{row.shipped_quantity} of {row.sku} have left already."
        return "quantity", "below_shipped", detail
    return None


def _listed_prices(order: Order, rows: Sequence[OrderLine]) -> dict[UUID, int]:
    """What one of each line cost before the tax in it was taken off for a buyer who owes none."""
    entries = _entries(order)
    with_tax = {
        entry.get("line"): entry.get("detail", {}).get("with_tax_cents")
        for entry in entries
        if entry.get("step") == "price"
    }
    return {row.pk: with_tax.get(row.position) or row.unit_price_cents for row in rows}


def _entries(order: Order) -> list[dict[str, Any]]:
    trace = OrderTrace.objects.filter(order=order).first()
    return trace.entries if trace is not None else []


def _quote_request(
    order: Order, lines: tuple[LineRequest, ...], address: dict[str, Any] | None, method: str
) -> QuoteRequest:
    instead = is_replacement(order)
    units = replaced_units(order) if instead else Counter[UUID]()
    return QuoteRequest(
        lines=lines,
        currency=order.currency,
        customer_id=order.customer_id,
        email=order.email,
        organization_id=order.organization_id,
        place=place_of(address, order.billing_address),
        shipping_method=method,
        coupon_codes=tuple(order.coupon_codes),
        market=order.market,
        vat_id=order.vat_id,
        # What was taken off by hand stays off, of a replacement as far as goods came back for it.
        discount_cents=exchanged_cents(units, [line for line in lines if line.is_kept])
        if instead
        else _by_hand(order),
        # Other goods bear nothing of it.
        discounted=frozenset(units),
        # A group's price is the price, and so is that of what is sent instead of other goods.
        promotions=not instead and not order.source.startswith("campaign:"),
        free_shipping=instead,
        by_staff=True,
        order_id=order.pk,
    )


def _by_hand(order: Order) -> int:
    entries = [entry for entry in _entries(order) if entry.get("step") == "discount"]
    return -sum(int(entry["amount_cents"]) for entry in entries)


def _check(
    priced: Quote,
    kept: Sequence[OrderLine],
    request: EditRequest,
    address: Mapping[str, Any] | None,
) -> None:
    errors = []
    for index, line in enumerate(priced.lines):
        if line.refusal and index < len(kept):
            position = _position(request, kept[index])
            errors.append(FieldError(position, line.refusal, f"{kept[index].sku}: {line.refusal}."))
        elif line.refusal:
            errors.append(_refused(index - len(kept), line))
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)
    if priced.needs_shipping and not address:
        detail = "Send the address that the goods go to."
        raise ValidationFailed.of("shipping_address", "required", detail)
    if not priced.is_deliverable:
        codes = ", ".join(option.code for option in priced.pricing.options)
        if codes:
            detail = f"Choose one of: {codes}."
            raise ValidationFailed.of("shipping_method", "shipping_method_unavailable", detail)
        detail = "These goods cannot be sent to this address."
        raise ValidationFailed.of("shipping_address", "not_shippable", detail)
    if priced.pricing.total_cents > MOST_CENTS:
        raise ValidationFailed.of("add", "total_too_large", "The order's total is too large.")


def _position(request: EditRequest, row: OrderLine) -> str:
    for index, (line_id, _) in enumerate(request.lines):
        if line_id == row.pk:
            return f"lines.{index}.quantity"
    return "lines"


def _refused(index: int, line: ResolvedLine) -> FieldError:
    item = line.request
    name = item.sku or (line.variant.sku if line.variant else str(item.variant_id))
    if line.refusal in {"invalid_quantity", "min_quantity"}:
        detail = f"Order {line.min_quantity:,} to {MOST_UNITS:,} of one variant."
        return FieldError(f"add.{index}.quantity", line.refusal, detail)
    field = f"add.{index}.{'sku' if item.variant_id is None else 'variant_id'}"
    details = {
        "sku_ambiguous": f"Several vendors sell '{name}': send variant_id.",
        "no_price_in_currency": f"'{name}' has no price in the order's currency.",
    }
    known = line.refusal if line.refusal in details else "unknown_sku"
    return FieldError(field, known, details.get(known, f"'{name}' is not for sale here."))


def _matched(
    priced: Quote,
    kept: Sequence[OrderLine],
    listed: Mapping[UUID, int],
    gifts: Sequence[OrderLine],
) -> tuple[PlannedLine, ...]:
    """Each priced line with the row that it continues: by variant and price, gifts by variant."""
    rows = {(row.variant_id, listed[row.pk]): row for row in kept}
    free = list(gifts)
    planned = []
    for index, (variant, price) in enumerate(priced.goods()):
        row: OrderLine | None
        if price.item.is_gift:
            row = next((gift for gift in free if gift.variant_id == variant.id), None)
            if row is not None:
                free.remove(row)
        else:
            row = rows.get((variant.id, priced.sold[index].unit_price_cents))
        planned.append(PlannedLine(row, variant, price))
    return tuple(planned)


def _check_sent(lines: Sequence[PlannedLine], removed: Sequence[OrderLine]) -> None:
    """What has left cannot be taken off: a gift whose promotion no longer holds."""
    gone = [row.sku for row in removed if row.shipped_quantity]
    gone += [
        line.row.sku
        for line in lines
        if line.row is not None and line.price.item.quantity < line.row.shipped_quantity
    ]
    if gone:
        detail = f"{gone[0]} was sent as a gift, and its promotion would no longer hold."
        raise StepNotPossible(detail)


__all__ = ["EditPlan", "EditRequest", "PlannedLine", "check_editable", "plan_edit"]
