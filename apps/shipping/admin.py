"""Parcels in admin: find one, print its label, send it off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from apps.common.admin import ReadOnly, store_admin
from apps.common.errors import DomainError
from apps.common.vendor_scope import VendorView
from apps.shipping.api.downloads import label_response
from apps.shipping.models import Shipment, ShipmentLine, TrackingEvent
from apps.shipping.selectors import WRITE, visible_to
from apps.shipping.services.deliver_shipment import deliver_shipment
from apps.shipping.services.ship_shipment import ship_shipment

_COLOURS = {
    "Pending": "info",
    "Label created": "info",
    "Shipped": "warning",
    "In transit": "warning",
    "Delivered": "success",
    "Returned": "danger",
    "Cancelled": "danger",
}

_ADDRESS = ("name", "line1", "line2", "postal_code", "city", "state", "country", "phone")


def _on_one_line(address: dict[str, Any]) -> str:
    return ", ".join(str(address[part]) for part in _ADDRESS if address.get(part))


class LineInline(ReadOnly, TabularInline):
    """What is in the parcel."""

    model = ShipmentLine
    hide_title = True
    extra = 0
    fields = ["sku", "name", "quantity"]
    readonly_fields = fields


class TrackingInline(ReadOnly, TabularInline):
    """Its way so far."""

    model = TrackingEvent
    hide_title = True
    extra = 0
    fields = ["occurred_at", "status", "description", "location"]
    readonly_fields = fields


@admin.register(Shipment, site=store_admin)
class ShipmentAdmin(ReadOnly, ModelAdmin):
    """Parcels, newest first; they are made by payment and moved by actions."""

    for_vendors = VendorView(
        path="vendor_order__vendor_id",
        inlines=(LineInline, TrackingInline),
        filters=("status", "carrier"),
        actions=("mark_shipped", "mark_delivered"),
        pages=("shipping_shipment_label",),
    )

    list_display = [
        "tracking_number",
        "order_number",
        "vendor",
        "carrier",
        "show_status",
        "label",
        "created_at",
    ]
    list_filter = ["status", "carrier"]
    search_fields = ["=tracking_number", "order__number"]
    list_select_related = ["order", "vendor_order"]
    date_hierarchy = "created_at"
    ordering = ["-created_at", "-id"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [LineInline, TrackingInline]
    actions = ["mark_shipped", "mark_delivered"]
    fields = [
        "tracking_number",
        "order_number",
        "vendor",
        "status",
        "carrier",
        "service",
        "label",
        "weight_grams",
        "show_from",
        "show_to",
        "label_created_at",
        "shipped_at",
        "delivered_at",
    ]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shipment]:
        """A vendor's people find their own parcels."""
        return visible_to(request.user)

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Who may move parcels: the permission catalogue says."""
        return WRITE in getattr(request.user, "permissions", ())

    @display(description="Order", ordering="order__number")
    def order_number(self, shipment: Shipment) -> str:
        """The order's number."""
        return shipment.order.number

    @display(description="Vendor", ordering="vendor_order__vendor_name")
    def vendor(self, shipment: Shipment) -> str:
        """Who packs it."""
        return shipment.vendor_order.vendor_name

    @display(description="Status", ordering="status", label=_COLOURS)
    def show_status(self, shipment: Shipment) -> str:
        """The status in colour."""
        return shipment.get_status_display()

    @display(description="Label")
    def label(self, shipment: Shipment) -> str:
        """A link to the label's file."""
        if not shipment.label_key:
            return "–"
        address = reverse("store_admin:shipping_shipment_label", args=[shipment.pk])
        return format_html('<a href="{}" target="_blank">PDF</a>', address)

    @display(description="From")
    def show_from(self, shipment: Shipment) -> str:
        """The sender's address on one line."""
        return _on_one_line(shipment.from_address)

    @display(description="To")
    def show_to(self, shipment: Shipment) -> str:
        """The recipient's address on one line."""
        return _on_one_line(shipment.to_address)

    @admin.action(description="Mark as shipped", permissions=["send"])
    def mark_shipped(self, request: HttpRequest, queryset: QuerySet[Shipment]) -> None:
        """Ship each selected parcel."""
        self._run(request, queryset, ship_shipment, "shipped")

    @admin.action(description="Mark as delivered", permissions=["send"])
    def mark_delivered(self, request: HttpRequest, queryset: QuerySet[Shipment]) -> None:
        """Deliver each selected parcel."""
        self._run(request, queryset, deliver_shipment, "delivered")

    def _run(
        self,
        request: HttpRequest,
        queryset: QuerySet[Shipment],
        step: Callable[..., Shipment],
        done: str,
    ) -> None:
        moved = 0
        for shipment in queryset.order_by("pk"):
            try:
                step(shipment_id=shipment.pk)
                moved += 1
            except DomainError as error:
                self.message_user(request, f"{shipment}: {error.detail}", messages.ERROR)
        if moved:
            self.message_user(request, f"{moved} {done}.", messages.SUCCESS)

    def get_urls(self) -> list[Any]:
        """With the label's address, for staff who are signed in here and not at the API."""
        show = self.admin_site.admin_view(self.show_label)
        own = [path("<uuid:pk>/label.pdf", show, name="shipping_shipment_label")]
        return [*own, *super().get_urls()]

    def show_label(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The label as PDF."""
        shipment = self.get_queryset(request).filter(pk=pk).exclude(label_key="").first()
        if shipment is None or not self.has_view_permission(request, shipment):
            raise Http404
        return label_response(shipment)
