"""Decide what goes back for a return, and have it paid (PEER-07, C-43, I-18)."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.common.errors import ValidationFailed
from apps.common.money import allocate
from apps.events.contracts import ReturnCompleted
from apps.events.facade import publish
from apps.orders.errors import StepNotPossible
from apps.orders.locks import locked_order
from apps.orders.models import Order, Return, ReturnLine, ReturnStatus
from apps.orders.return_errors import RefundTooLarge
from apps.orders.return_worth import Worth, replaced_by, worth_of
from apps.orders.returning import lines_of, locked_return, return_fact
from apps.orders.services.move_return import move_return
from apps.orders.services.owe_refund import owe_refund
from apps.orders.services.replace_goods import (
    is_replaced,
    lock_replacement,
    release_replacement,
)


def complete_return(
    *, return_id: UUID, refund_cents: int | None = None, refund_shipping_cents: int = 0
) -> Return:
    """Complete a return that came, or a claim, of which nothing need come.

    refund_cents: in the order's subunit, with `refund_shipping_cents` in it; None is all that the
    received (or claimed) units are worth, and the shipping, as far as that is left of what was
    paid: what went back out of goodwill does not go back again. Units that other goods are sent for
    are worth nothing more; those goods are worth what was paid for the units, out of that order's
    money. Locks the orders, the oldest first, and the return. Publishes ReturnCompleted, and
    OrderRefundDue at which payments give the money back. Raises ReturnNotFound, StepNotPossible
    (also while the return that these goods were sent for is open), RefundTooLarge, ValidationFailed
    (`refund_cents` below its shipping).
    """
    with transaction.atomic():
        earlier = _lock_earlier(return_id)
        order, found = locked_return(return_id)
        previous = found.status
        lines = lines_of(found)
        lock_replacement(found)
        paid_back = [row for row in lines if not is_replaced(found, row)]
        # Moved first: what is not possible is said before what is too much.
        move_return(found, ReturnStatus.COMPLETED, completed_at=timezone.now(), reason=previous)
        owed = _share_out(found, paid_back, refund_cents, refund_shipping_cents)
        total = owed.total()
        found.refund_cents = total
        found.refund_shipping_cents = refund_shipping_cents
        found.save(update_fields=["refund_cents", "refund_shipping_cents", "updated_at"])
        for payer in (*earlier, order):
            why = f"return {found.number}"
            owe_refund(payer, amount_cents=owed[payer.pk], reason=why, source_id=found.pk)
        number = found.exchange_order.number if found.exchange_order else ""
        fact = return_fact(found, lines)
        publish(ReturnCompleted(**fact, refund_cents=total, exchange_order_number=number))
        release_replacement(found)
        return found


def _lock_earlier(return_id: UUID) -> list[Order]:
    """Lock the orders that were paid for what the return's order stands for, the oldest first.

    Raises StepNotPossible while a return in between is open: nobody knows what it gives back.
    """
    earlier: list[UUID] = []
    order_id = Return.objects.filter(pk=return_id).values_list("order_id", flat=True).first()
    while order_id is not None:
        origin = replaced_by(order_id)
        if origin is not None and origin.status != ReturnStatus.COMPLETED:
            raise StepNotPossible(f"Complete return {origin.number} first: it led to this one.")
        order_id = origin.order_id if origin is not None else None
        if order_id is not None:
            earlier.insert(0, order_id)
    return [locked_order(one) for one in earlier]


def _share_out(
    found: Return, lines: list[ReturnLine], refund_cents: int | None, shipping_cents: int
) -> Counter[UUID]:
    """Write what each line gets; returns the whole refund, by the order whose money it is."""
    worth = worth_of(found, lines, shipping_cents=shipping_cents)
    if shipping_cents > worth.shipping_cents:
        raise RefundTooLarge(
            f"At most {worth.shipping_cents} of the shipping can go back.",
            available_cents=worth.shipping_cents,
        )
    total = worth.goods_cents + shipping_cents if refund_cents is None else refund_cents
    goods = total - shipping_cents
    if goods < 0:
        detail = "The refund contains its shipping, so it cannot be less."
        raise ValidationFailed.of("refund_cents", "below_shipping", detail)
    if goods > worth.goods_cents:
        most = worth.goods_cents + shipping_cents
        raise RefundTooLarge(f"At most {most} can go back.", available_cents=most)
    owed = _write_shares(lines, worth, goods)
    owed[found.order_id] += shipping_cents
    return owed


def _write_shares(lines: list[ReturnLine], worth: Worth, goods: int) -> Counter[UUID]:
    """Share `goods` among the lines, and within each among the orders that paid for it."""
    owed: Counter[UUID] = Counter()
    parts = [(row, *part) for row in lines for part in worth.lines[row.pk].items()]
    shares = allocate(goods, [cents for _, _, cents in parts]) if goods else [0] * len(parts)
    for row in lines:
        row.refund_cents = 0
    for (row, order_id, _), share in zip(parts, shares, strict=True):
        row.refund_cents = (row.refund_cents or 0) + share
        owed[order_id] += share
    ReturnLine.objects.bulk_update(lines, ["refund_cents"])
    return owed
