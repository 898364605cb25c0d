"""The order that is sent instead of returned goods, at no charge (PEER-07).

All of it runs in the transaction of the return, whose order and row the caller has locked.
"""

from __future__ import annotations

from collections.abc import Sequence

from apps.orders.errors import OutOfStock
from apps.orders.exchanges import SOURCE
from apps.orders.locks import locked_order
from apps.orders.models import HoldKind, Order, Return, ReturnKind, ReturnLine
from apps.orders.services.cancel_order import cancel_locked
from apps.orders.services.hold_order import hold_locked
from apps.orders.services.place_order import place_order
from apps.orders.services.release_order import release_locked
from apps.orders.states import OrderStatus
from apps.orders.types import LineRequest, NewOrder


def place_replacement(order: Order, found: Return, lines: Sequence[ReturnLine]) -> Order | None:
    """Place the order of what the lines want instead; None where they want nothing.

    It has the unit prices of what comes back, and all of it taken off again, shipping too: nothing
    is paid twice. Held until the goods are back, but for a claim. Publishes what placing publishes.
    Raises OutOfStock, ValidationFailed.
    """
    wanted = [row for row in lines if row.exchange_variant_id]
    if not wanted:
        return None
    placement = place_order(
        NewOrder(
            items=[_line(row) for row in wanted],
            currency=order.currency,
            customer_id=order.customer_id,
            email=order.email,
            shipping_address=order.shipping_address,
            billing_address=order.billing_address,
            discount_cents=sum(row.order_line.unit_price_cents * row.quantity for row in wanted),
            promotions=False,
            free_shipping=True,
            by_staff=True,
            source=f"{SOURCE}{found.number}",
            expires_at=None,
        )
    )
    if placement.shortages:
        raise OutOfStock(placement.shortages)
    if found.kind != ReturnKind.CLAIM:
        hold_locked(placement.order, kind=HoldKind.MANUAL, reason=_reason(found))
    found.exchange_order = placement.order
    found.save(update_fields=["exchange_order", "updated_at"])
    return placement.order


def lock_replacement(found: Return) -> None:
    """Lock what is sent instead, if anything: nobody cancels it while a refund is worked out."""
    if found.exchange_order_id is not None:
        found.exchange_order = locked_order(found.exchange_order_id)


def release_replacement(found: Return) -> None:
    """Let the replacement go, now that the goods are back. Publishes OrderReleased.

    One that staff have let go, held for something else or cancelled stays as it is.
    """
    if found.exchange_order_id is None:
        return
    order = locked_order(found.exchange_order_id)
    if order.held_at is not None and order.hold_reason == _reason(found):
        release_locked(order, reason=f"{found.number} came back")


def withdraw_replacement(found: Return) -> None:
    """Cancel the replacement: the return is off. Publishes OrderCancelled.

    Raises StepNotPossible for one that has left.
    """
    if found.exchange_order_id is None:
        return
    order = locked_order(found.exchange_order_id)
    if order.status != OrderStatus.CANCELLED:
        cancel_locked(order, reason=f"{found.number} cancelled")


def is_replaced(found: Return, row: ReturnLine) -> bool:
    """Whether other goods stand for this line's units, so that no money goes back for them."""
    replacement = found.exchange_order
    if row.exchange_variant_id is None or replacement is None:
        return False
    return replacement.status != OrderStatus.CANCELLED


def _line(row: ReturnLine) -> LineRequest:
    return LineRequest(
        variant_id=row.exchange_variant_id,
        quantity=row.quantity,
        unit_price_cents=row.order_line.unit_price_cents,
        is_kept=row.exchange_variant_id == row.order_line.variant_id,
    )


def _reason(found: Return) -> str:
    return f"Waits for return {found.number}"
