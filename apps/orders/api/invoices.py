"""Invoices, credit notes and packing slips over HTTP (PEER-11)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters as filters
from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.permissions import PUBLIC, HasPermission
from apps.common.api.renderers import JSONRenderer, PdfRenderer
from apps.common.api.schema import PROBLEM_MEDIA, ProblemSerializer
from apps.orders.invoice_reads import (
    find_invoice,
    invoice_of_link,
    invoices_of_order,
    invoices_visible_to,
    packing_slip,
)
from apps.orders.models import Invoice, InvoiceKind
from apps.orders.papers.answers import pdf_response
from apps.orders.papers.invoice_pdf import draw_invoice

_TAGS = ["invoices"]
_PDF = {(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)}


class InvoiceSummarySerializer(serializers.ModelSerializer[Invoice]):
    """A document in a list. Amounts are positive, a credit note's too."""

    order_id = serializers.UUIDField(read_only=True)
    order_number = serializers.CharField(source="order.number", read_only=True)
    corrects_id = serializers.UUIDField(read_only=True, allow_null=True)
    corrects_number = serializers.CharField(
        source="corrects.number", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Invoice
        fields = [
            "id",
            "number",
            "kind",
            "order_id",
            "order_number",
            "corrects_id",
            "corrects_number",
            "currency",
            "tax_cents",
            "total_cents",
            "issued_at",
        ]
        read_only_fields = fields


class InvoiceSerializer(InvoiceSummarySerializer):
    """A document with all that is printed on it, as it was issued."""

    content = serializers.DictField(read_only=True)

    class Meta(InvoiceSummarySerializer.Meta):
        fields = [*InvoiceSummarySerializer.Meta.fields, "content"]
        read_only_fields = fields


class InvoiceFilter(filters.FilterSet):
    """`?kind=invoice&number=INV-…&order_id=…&issued_after=…&issued_before=…`."""

    kind = filters.MultipleChoiceFilter(choices=InvoiceKind.choices)
    number = filters.CharFilter(lookup_expr="iexact", max_length=40)
    order_id = filters.UUIDFilter()
    order_number = filters.CharFilter(
        field_name="order__number", lookup_expr="iexact", max_length=32
    )
    issued_after = filters.IsoDateTimeFilter(field_name="issued_at", lookup_expr="gte")
    issued_before = filters.IsoDateTimeFilter(field_name="issued_at", lookup_expr="lt")

    class Meta:
        model = Invoice
        fields: list[str] = []


class InvoicesView(ListAPIView[Invoice]):
    """GET `invoices`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}
    key_permissions = {"GET": "orders.read"}
    serializer_class = InvoiceSummarySerializer
    filterset_class = InvoiceFilter
    ordering_fields = ["issued_at", "number", "total_cents"]
    ordering = ["-issued_at", "-id"]
    queryset = Invoice.objects.none()

    def get_queryset(self) -> QuerySet[Invoice]:
        """Those that the caller may see, without what is printed on them."""
        return invoices_visible_to(self.request.user).defer("content", "corrects__content")

    @extend_schema(operation_id="invoices_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Invoices and credit notes: all for staff, one's own for a buyer."""
        return super().get(request, *args, **kwargs)


class InvoiceView(APIView):
    """GET `invoices/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}
    key_permissions = {"GET": "orders.read"}

    @extend_schema(operation_id="invoices_retrieve", tags=_TAGS, responses=InvoiceSerializer)
    def get(self, request: Request, invoice_id: UUID) -> Response:
        """One document, with all that is printed on it; other people's are 404."""
        return Response(InvoiceSerializer(find_invoice(invoice_id, request.user)).data)


class InvoicePdfView(APIView):
    """GET `invoices/{id}.pdf`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}
    key_permissions = {"GET": "orders.read"}
    renderer_classes = [PdfRenderer, JSONRenderer]

    @extend_schema(operation_id="invoices_pdf", tags=_TAGS, responses=_PDF)
    def get(self, request: Request, invoice_id: UUID) -> HttpResponse:
        """The document as PDF, drawn from what was kept of it."""
        invoice = find_invoice(invoice_id, request.user)
        return pdf_response(invoice.number, draw_invoice(invoice.content))


class InvoiceFileView(APIView):
    """GET `invoice-files/{token}`: the mailed link is the credential, so nobody signs in."""

    authentication_classes: list[type] = []
    permission_classes = [HasPermission]
    required_permissions = {"GET": PUBLIC}
    renderer_classes = [PdfRenderer, JSONRenderer]

    @extend_schema(
        operation_id="invoices_file",
        tags=_TAGS,
        responses={**_PDF, (403, PROBLEM_MEDIA): ProblemSerializer},
    )
    def get(self, request: Request, token: str) -> HttpResponse:
        """The PDF behind a mailed link; 403 where it was altered or has expired."""
        invoice = invoice_of_link(token)
        return pdf_response(invoice.number, draw_invoice(invoice.content))


class OrderInvoicesView(ListAPIView[Invoice]):
    """GET `orders/{id}/invoices`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}
    key_permissions = {"GET": "orders.read"}
    serializer_class = InvoiceSummarySerializer
    filter_backends: list[Any] = []
    queryset = Invoice.objects.none()

    def get_queryset(self) -> QuerySet[Invoice]:
        """What was issued for the order. Raises OrderNotFound."""
        found = invoices_of_order(self.kwargs["order_id"], self.request.user)
        return found.defer("content", "corrects__content")

    @extend_schema(operation_id="orders_invoices_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The order's invoices and credit notes, oldest first; vendors have no part in them."""
        return super().get(request, *args, **kwargs)


class PackingSlipView(APIView):
    """GET `vendor-orders/{id}/packing-slip.pdf`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "orders.read"}
    renderer_classes = [PdfRenderer, JSONRenderer]

    @extend_schema(operation_id="vendor_orders_packing_slip", tags=_TAGS, responses=_PDF)
    def get(self, request: Request, vendor_order_id: UUID) -> HttpResponse:
        """What goes into the next parcel, without prices; to a vendor their own alone."""
        number, pdf = packing_slip(vendor_order_id, request.user)
        return pdf_response(f"packing-slip-{number}", pdf)
