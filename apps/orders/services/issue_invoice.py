"""Issue an order's invoice, once; and another one about what an edit added (PEER-11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.common.queries import first, insert, kept
from apps.common.storage_links import sign
from apps.common.stores import store_as_it_stands
from apps.events.contracts import InvoiceIssued
from apps.events.facade import publish
from apps.orders.facts import fact
from apps.orders.invoice_numbers import next_invoice_number
from apps.orders.invoice_rows import Row
from apps.orders.invoices import invoice_content, shipping_row
from apps.orders.locks import locked_order
from apps.orders.models import Invoice, InvoiceKind, Order, OrderLine, OrderTrace, Organization
from apps.orders.parts import lines_of
from apps.orders.states import OrderStatus

LINK = "invoice"
_LINK_SECONDS = 90 * 24 * 3600


def issue_invoice(*, order_id: UUID) -> Invoice:
    """The order's invoice; issued now with the next number unless there is one already.

    Who calls decides that it is time: the order is paid, or sent on account. Locks the order, then
    the series of numbers. Publishes InvoiceIssued. Raises OrderNotFound.
    """
    with transaction.atomic(savepoint=False):
        order = locked_order(order_id)
        return first(_issued(order_id)) or write_invoice(order, source_id=order_id)


def issue_on_account(*, order_id: UUID) -> None:
    """The invoice of an order on account of which nothing is ever sent; nothing for any other.

    Locks the order, then the series of numbers. Publishes InvoiceIssued. Raises OrderNotFound.
    """
    with transaction.atomic(savepoint=False):
        order = locked_order(order_id)
        stands = order.status == OrderStatus.CONFIRMED and order.held_at is None
        if not stands or order.payment_terms_days is None:
            return
        if not order.lines.filter(requires_shipping=True).exists():
            issue_invoice(order_id=order_id)


def write_invoice(order: Order, *, source_id: UUID, before: Sequence[Row] = ()) -> Invoice:
    """Write the next invoice of an order whose row the caller has locked.

    source_id: the order, or the edit that it is about. before: the rows that were invoiced
    already. Locks the series of numbers. Publishes InvoiceIssued.
    """
    lines, shipping = priced_rows(order)
    company = _company_of(order)
    now = timezone.now()
    with store_as_it_stands():
        number = next_invoice_number(InvoiceKind.INVOICE, now)
        content = invoice_content(
            order,
            lines,
            shipping=shipping,
            company=company,
            number=number,
            issued_at=now,
            before=before,
        )
    invoice = Invoice(
        number=number,
        kind=InvoiceKind.INVOICE,
        order=order,
        source_id=source_id,
        currency=order.currency,
        tax_cents=content["totals"]["tax_cents"],
        total_cents=content["totals"]["total_cents"],
        content=content,
        issued_at=now,
    )
    insert(invoice)
    publish_issued(order, invoice)
    return invoice


def publish_issued(order: Order, invoice: Invoice) -> None:
    """Tell of a document that was just written, with a link that opens it for the buyer."""
    token = sign(LINK, {"invoice": str(invoice.pk)}, seconds=_LINK_SECONDS)
    publish(
        InvoiceIssued(
            **fact(order),
            invoice_id=invoice.pk,
            invoice_number=invoice.number,
            kind=str(invoice.kind),
            invoice_total_cents=invoice.total_cents,
            download_path=f"/api/v1/invoice-files/{token}",
        )
    )


def priced_rows(order: Order) -> tuple[list[OrderLine], Row | None]:
    """The lines of the order, and the row of its shipping."""
    lines = lines_of(order)
    return lines, shipping_row(order, lines, _trace_of(order))


def _trace_of(order: Order) -> Sequence[Mapping[str, Any]]:
    trace = first(_trace(order.pk))
    return trace.entries if trace is not None else ()


@kept
def _trace(order_id: UUID) -> QuerySet[OrderTrace]:
    return OrderTrace.objects.filter(order_id=order_id).order_by()


@kept
def _issued(order_id: UUID) -> QuerySet[Invoice]:
    # There is one at most: kind and source are unique.
    return Invoice.objects.filter(kind=InvoiceKind.INVOICE, source_id=order_id).order_by()


def _company_of(order: Order) -> Organization | None:
    """The company that the order was placed for; those of former times are free text."""
    try:
        key = UUID(order.organization_id)
    except ValueError:
        return None
    return Organization.objects.filter(pk=key).first()
