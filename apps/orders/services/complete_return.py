"""Decide what goes back for a return, and have it paid (PEER-07, C-43, I-18)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.common.errors import ValidationFailed
from apps.common.money import allocate
from apps.events.contracts import ReturnCompleted
from apps.events.facade import publish
from apps.orders.models import Return, ReturnLine, ReturnStatus
from apps.orders.return_errors import RefundTooLarge
from apps.orders.return_reads import worth_of
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
    received (or claimed) units are worth, and the shipping. Units that other goods are sent for are
    worth nothing more. Locks order and return. Publishes ReturnCompleted, and OrderRefundDue at
    which payments give the money back. Raises ReturnNotFound, StepNotPossible, RefundTooLarge,
    ValidationFailed (`refund_cents` below its shipping).
    """
    with transaction.atomic():
        order, found = locked_return(return_id)
        previous = found.status
        lines = lines_of(found)
        lock_replacement(found)
        paid_back = [row for row in lines if not is_replaced(found, row)]
        # Moved first: what is not possible is said before what is too much.
        move_return(found, ReturnStatus.COMPLETED, completed_at=timezone.now(), reason=previous)
        total = _share_out(found, paid_back, refund_cents, refund_shipping_cents)
        found.refund_cents = total
        found.refund_shipping_cents = refund_shipping_cents
        found.save(update_fields=["refund_cents", "refund_shipping_cents", "updated_at"])
        owe_refund(order, amount_cents=total, reason=f"return {found.number}", source_id=found.pk)
        number = found.exchange_order.number if found.exchange_order else ""
        fact = return_fact(found, lines)
        publish(ReturnCompleted(**fact, refund_cents=total, exchange_order_number=number))
        release_replacement(found)
        return found


def _share_out(
    found: Return, lines: list[ReturnLine], refund_cents: int | None, shipping_cents: int
) -> int:
    """Write what each line gets; returns the whole refund."""
    worth = worth_of(found, lines)
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
    weights = [worth.lines[row.pk] for row in lines]
    shares = allocate(goods, weights) if goods else [0] * len(lines)
    for row, share in zip(lines, shares, strict=True):
        row.refund_cents = share
    ReturnLine.objects.bulk_update(lines, ["refund_cents"])
    return total
