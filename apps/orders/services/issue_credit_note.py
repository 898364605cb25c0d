"""Issue a credit note: what was refunded, or will never be paid, of an invoice (PEER-11)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.orders.invoice_numbers import next_invoice_number
from apps.orders.invoices import credit_content
from apps.orders.locks import locked_order
from apps.orders.models import Invoice, InvoiceKind, Order
from apps.orders.services.issue_invoice import issue_invoice, publish_issued
from apps.orders.states import OrderStatus

_SOLD = (OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_CANCELLED = "The order was cancelled"


def credit_refund(*, order_id: UUID, refund_id: UUID, amount_cents: int, reason: str) -> None:
    """A credit note over exactly what a refund gave back; a repeat issues nothing.

    An order that was paid gets its invoice first, should the news of the refund be the faster. One
    that never counted as paid (the money came after it was cancelled) has no invoice, and no
    credit note. Locks the order, then the series of numbers. Publishes InvoiceIssued. Raises
    OrderNotFound.
    """
    with transaction.atomic(savepoint=False):
        order = locked_order(order_id)
        invoice = _invoice_of(order)
        if invoice is None and (order.paid_at is not None or order.status in _SOLD):
            invoice = issue_invoice(order_id=order_id)
        if invoice is not None and amount_cents > 0:
            _issue(order, invoice, refund_id, amount_cents, reason)


def credit_cancelled(*, order_id: UUID) -> None:
    """A credit note over what a cancelled order's invoice asked for and nobody paid.

    What was paid comes back by refunds, each with a credit note of its own. Locks the order, then
    the series of numbers. Publishes InvoiceIssued. Raises OrderNotFound.
    """
    with transaction.atomic(savepoint=False):
        order = locked_order(order_id)
        invoice = _invoice_of(order)
        if invoice is None or order.status != OrderStatus.CANCELLED:
            return
        unpaid = invoice.total_cents - order.paid_cents
        if unpaid > 0:
            _issue(order, invoice, order.pk, unpaid, _CANCELLED)


def _invoice_of(order: Order) -> Invoice | None:
    return Invoice.objects.filter(kind=InvoiceKind.INVOICE, source_id=order.pk).first()


def _issue(order: Order, invoice: Invoice, source_id: UUID, amount_cents: int, reason: str) -> None:
    notes = Invoice.objects.filter(kind=InvoiceKind.CREDIT_NOTE, corrects=invoice)
    if notes.filter(source_id=source_id).exists():
        return
    credited = list(notes.order_by("number").values_list("content", flat=True))
    now = timezone.now()
    number = next_invoice_number(InvoiceKind.CREDIT_NOTE, now)
    content = credit_content(
        invoice.content, credited, amount_cents, number=number, issued_at=now, reason=reason
    )
    note = Invoice.objects.create(
        number=number,
        kind=InvoiceKind.CREDIT_NOTE,
        order=order,
        corrects=invoice,
        source_id=source_id,
        currency=invoice.currency,
        tax_cents=content["totals"]["tax_cents"],
        total_cents=amount_cents,
        content=content,
        issued_at=now,
    )
    publish_issued(order, note)
