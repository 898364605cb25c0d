"""Reads of invoices and packing slips, scoped to what the caller may see (PEER-11)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from apps.common.context import current_store
from apps.common.storage_links import opened
from apps.inventory.facade import units_ready
from apps.orders.errors import InvoiceNotFound, OrderNotFound
from apps.orders.explaining import way_of
from apps.orders.invoices import local_date
from apps.orders.models import Invoice, Order, OrderLine, OrganizationRole
from apps.orders.papers.packing_slip_pdf import draw_packing_slip, slip_lines
from apps.orders.selectors import company_orders, is_staff, vendor_orders_visible_to, visible_to
from apps.orders.services.issue_invoice import LINK


def invoices_visible_to(user: Any) -> QuerySet[Invoice]:
    """All for the store's staff with `orders.read`; for everybody else those of their own orders,
    and of the companies that they approve for. A vendor's people do not see the store's invoices
    of what the vendor sold.
    """
    invoices = Invoice.objects.select_related("order", "corrects")
    if is_staff(user) and "orders.read" in user.permissions:
        return invoices
    return invoices.filter(order__in=_own_orders(user))


def invoices_of_order(order_id: UUID, user: Any) -> QuerySet[Invoice]:
    """What was issued for an order, oldest first. Raises OrderNotFound."""
    orders = visible_to(user) if is_staff(user) else _own_orders(user)
    if not orders.filter(pk=order_id).exists():
        raise OrderNotFound("There is no order with this id.")
    return invoices_visible_to(user).filter(order_id=order_id).order_by("issued_at", "number")


def find_invoice(invoice_id: UUID, user: Any) -> Invoice:
    """One document. Raises InvoiceNotFound, also for other people's."""
    invoice = invoices_visible_to(user).filter(pk=invoice_id).first()
    if invoice is None:
        raise InvoiceNotFound("There is no invoice with this id.")
    return invoice


def invoice_of_link(token: str) -> Invoice:
    """The document that a mailed link opens. Raises LinkRefused, LinkExpired, InvoiceNotFound."""
    claims = opened(LINK, token)
    invoice = Invoice.objects.filter(pk=claims["invoice"]).first()
    if invoice is None:
        raise InvoiceNotFound("There is no such invoice any more.")
    return invoice


def packing_slip(vendor_order_id: UUID, user: Any) -> tuple[str, bytes]:
    """Number and PDF of a vendor order's packing slip. Raises OrderNotFound."""
    lines = Prefetch("lines", queryset=OrderLine.objects.order_by("position"))
    parts = vendor_orders_visible_to(user).filter(pk=vendor_order_id)
    part = parts.prefetch_related(None).prefetch_related(lines).first()
    if part is None:
        raise OrderNotFound("There is no vendor order with this id.")
    goods = slip_lines(list(part.lines.all()), units_ready(part.order_id))
    placed_on = local_date(part.order.created_at)
    return part.number, draw_packing_slip(
        part,
        goods,
        store=current_store().name,
        placed_on=placed_on,
        sent_by=way_of(part.order, part.vendor_id),
    )


def _own_orders(user: Any) -> QuerySet[Order]:
    mine = Order.objects.filter(customer_id=user.pk)
    return mine | Order.objects.filter(company_orders(user, roles=[OrganizationRole.APPROVER]))


__all__ = [
    "find_invoice",
    "invoice_of_link",
    "invoices_of_order",
    "invoices_visible_to",
    "packing_slip",
]
