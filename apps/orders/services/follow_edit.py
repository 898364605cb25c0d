"""Bring an order's papers in line with what an edit made of it (PEER-08, PEER-11)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.orders.invoice_rows import summed
from apps.orders.invoices import lowering_content, order_rows
from apps.orders.issued import Papers, papers_of
from apps.orders.locks import locked_order
from apps.orders.models import Order, OrderHistory
from apps.orders.services.issue_credit_note import write_credit_note
from apps.orders.services.issue_invoice import priced_rows, write_invoice
from apps.orders.states import OrderStatus

_EDITED = "The order was edited"


def follow_edit(*, order_id: UUID) -> None:
    """What an edited order costs more than was invoiced gets an invoice, what it costs less a
    credit note: about the difference, line by line, once.

    Nothing for an order without an invoice, whose first one will say all, nor for a cancelled one.
    Several edits that are heard of late are told in one paper. Locks the order, then the series of
    numbers. Publishes InvoiceIssued. Raises OrderNotFound.
    """
    with transaction.atomic(savepoint=False):
        order = locked_order(order_id)
        papers = papers_of(order)
        if not papers.invoices or order.status == OrderStatus.CANCELLED:
            return
        if order.total_cents > papers.price_cents:
            write_invoice(order, source_id=_edit_of(order), before=papers.rows())
        elif order.total_cents < papers.price_cents:
            _lower(order, papers)


def _lower(order: Order, papers: Papers) -> None:
    lines, shipping = priced_rows(order)
    rows = summed((1, papers.rows()), (-1, order_rows(lines, shipping)))
    write_credit_note(
        order,
        papers,
        source_id=_edit_of(order),
        content=lambda **issue: lowering_content(papers.content(), rows, reason=_EDITED, **issue),
    )


def _edit_of(order: Order) -> UUID:
    """The row of history that says what the last edit made of the total."""
    edits = OrderHistory.objects.filter(order=order, field="total_cents")
    key: UUID = edits.order_by("-id").values_list("pk", flat=True)[0]
    return key
