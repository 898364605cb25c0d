"""Invoices and credit notes in the store's admin: to read and to print (PEER-11)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import display

from apps.common.admin import ReadOnly, store_admin
from apps.common.money import Money
from apps.orders.admin_order_inlines import link_to
from apps.orders.models import Invoice
from apps.orders.papers.answers import pdf_response
from apps.orders.papers.figures import address_lines
from apps.orders.papers.invoice_pdf import draw_invoice
from apps.orders.selectors import vendor_of


@admin.register(Invoice, site=store_admin)
class InvoiceAdmin(ReadOnly, ModelAdmin):
    """The store's invoices and credit notes; a vendor's people see none."""

    list_display = ("number", "kind_badge", "order_number", "buyer", "total", "issued_at", "pdf")
    list_filter = ("kind", "currency", "issued_at")
    search_fields = ("number", "order__number", "order__email")
    date_hierarchy = "issued_at"
    list_select_related = ("order", "corrects")
    list_per_page = 50
    show_full_result_count = False
    fields = (
        ("number", "kind_badge"),
        ("order_number", "corrects_number"),
        ("issued_at", "pdf"),
        ("buyer", "vat_id"),
        ("tax", "total"),
    )
    readonly_fields = (
        "number",
        "kind_badge",
        "order_number",
        "corrects_number",
        "issued_at",
        "pdf",
        "buyer",
        "vat_id",
        "tax",
        "total",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invoice]:
        """All for the store's staff."""
        invoices: QuerySet[Invoice] = super().get_queryset(request)
        return invoices if vendor_of(request.user) is None else invoices.none()

    @display(description="Kind", label={"Invoice": "info", "Credit note": "warning"})
    def kind_badge(self, row: Invoice) -> str:
        """With a colour."""
        return row.get_kind_display()

    @admin.display(description="Order", ordering="order__number")
    def order_number(self, row: Invoice) -> str:
        """A link to the order."""
        return link_to("orders_order", row.order_id, row.order.number)

    @admin.display(description="Corrects")
    def corrects_number(self, row: Invoice) -> str:
        """The invoice that a credit note belongs to."""
        return row.corrects.number if row.corrects else "–"

    @admin.display(description="Buyer")
    def buyer(self, row: Invoice) -> str:
        """The company, else the person, as it was issued."""
        buyer = row.content["buyer"]
        return buyer["company"] or next(iter(address_lines(buyer["address"])), "–")

    @admin.display(description="VAT id")
    def vat_id(self, row: Invoice) -> str:
        """The buyer's."""
        return row.content["buyer"]["vat_id"] or "–"

    @admin.display(description="Tax")
    def tax(self, row: Invoice) -> str:
        """As text in the main unit."""
        return str(Money(row.tax_cents, row.currency))

    @admin.display(description="Total", ordering="total_cents")
    def total(self, row: Invoice) -> str:
        """As text in the main unit."""
        return str(Money(row.total_cents, row.currency))

    @admin.display(description="PDF")
    def pdf(self, row: Invoice) -> str:
        """A link to the document."""
        address = reverse("store_admin:orders_invoice_pdf", args=[row.pk])
        link = '<a class="text-primary-600 underline" href="{}" target="_blank">PDF</a>'
        return format_html(link, address)

    def get_urls(self) -> list[Any]:
        """With the document's address, for staff who are signed in here and not at the API."""
        show = self.admin_site.admin_view(self.show_pdf)
        return [path("<uuid:pk>/invoice.pdf", show, name="orders_invoice_pdf"), *super().get_urls()]

    def show_pdf(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The document as PDF."""
        invoice = self.get_queryset(request).filter(pk=pk).first()
        if invoice is None or not self.has_view_permission(request, invoice):
            raise Http404
        return pdf_response(invoice.number, draw_invoice(invoice.content))
