"""Issue a credit note: what was refunded, or will never be paid, of an invoice (PEER-11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.common.stores import store_as_it_stands
from apps.orders.dues import edit_refunds_cents, kept_cents
from apps.orders.invoice_numbers import next_invoice_number
from apps.orders.invoices import credit_content
from apps.orders.issued import Papers, papers_of
from apps.orders.locks import locked_order
from apps.orders.models import Invoice, InvoiceKind, Order
from apps.orders.return_credits import given_for
from apps.orders.services.issue_invoice import issue_invoice, publish_issued
from apps.orders.states import OrderStatus

_SOLD = (OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_CANCELLED = "The order was cancelled"


def credit_refund(
    *,
    order_id: UUID,
    refund_id: UUID,
    amount_cents: int,
    reason: str,
    source_id: UUID | None = None,
) -> None:
    """A credit note over exactly what a refund gave back; a repeat issues nothing.

    Not over what an edit gives back, about which a credit note was issued with the edit, nor over
    what came in without an invoice. An order that was paid gets its invoice first, should the news
    of the refund be the faster. One that never counted as paid (the money came after it was
    cancelled) has no invoice, and no credit note. source_id: a return, whose lines it is about
    then, or those that its goods were sent for; otherwise it is about all that is left. Locks the
    order, then the series of numbers. Publishes InvoiceIssued. Raises OrderNotFound.
    """
    with transaction.atomic(savepoint=False):
        order = locked_order(order_id)
        papers = papers_of(order)
        if not papers.invoices and (order.paid_at is not None or order.status in _SOLD):
            issue_invoice(order_id=order_id)
            papers = papers_of(order)
        if not papers.invoices or any(note.source_id == refund_id for note in papers.credited):
            return
        given_back = order.refunded_cents - edit_refunds_cents(order)
        open_cents = min(given_back - papers.refunded_cents, papers.left_cents)
        given = given_for(order, source_id) if source_id is not None else {}
        _credit(order, papers, refund_id, min(amount_cents, open_cents), reason, given)


def credit_cancelled(*, order_id: UUID) -> None:
    """A credit note over what a cancelled order's invoices asked for and nobody paid.

    What was paid comes back by refunds, each with a credit note of its own. Locks the order, then
    the series of numbers. Publishes InvoiceIssued. Raises OrderNotFound.
    """
    with transaction.atomic(savepoint=False):
        order = locked_order(order_id)
        papers = papers_of(order)
        if not papers.invoices or order.status != OrderStatus.CANCELLED:
            return
        if all(note.source_id != order.pk for note in papers.credited):
            unpaid = papers.price_cents - kept_cents(order)
            _credit(order, papers, order.pk, unpaid, _CANCELLED)


def _credit(
    order: Order,
    papers: Papers,
    source_id: UUID,
    amount_cents: int,
    reason: str,
    given: Mapping[str, int] = MappingProxyType({}),
) -> None:
    if amount_cents <= 0:
        return
    credited = [note.content for note in papers.credited]
    write_credit_note(
        order,
        papers,
        source_id=source_id,
        content=lambda **issue: credit_content(
            papers.content(), credited, amount_cents, given=given, reason=reason, **issue
        ),
    )


def write_credit_note(
    order: Order, papers: Papers, *, source_id: UUID, content: Callable[..., dict[str, Any]]
) -> None:
    """Write the next credit note of an order whose row the caller has locked.

    content: what it says, made with its `number` and `issued_at`. Locks the series of numbers.
    Publishes InvoiceIssued.
    """
    now = timezone.now()
    with store_as_it_stands():
        number = next_invoice_number(InvoiceKind.CREDIT_NOTE, now)
        said = content(number=number, issued_at=now)
    note = Invoice.objects.create(
        number=number,
        kind=InvoiceKind.CREDIT_NOTE,
        order=order,
        corrects=papers.invoices[0],
        source_id=source_id,
        currency=order.currency,
        tax_cents=said["totals"]["tax_cents"],
        total_cents=said["totals"]["total_cents"],
        content=said,
        issued_at=now,
    )
    publish_issued(order, note)
