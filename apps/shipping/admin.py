"""Parcels in admin: find one, print its label, send it off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from apps.common.admin import ReadOnly, store_admin
from apps.common.errors import DomainError
from apps.common.postal import on_one_line
from apps.common.vendor_scope import VendorView
from apps.shipping.api.downloads import label_response
from apps.shipping.models import Shipment, ShipmentLine, ShipmentStatus, TrackingEvent
from apps.shipping.selectors import WRITE, visible_to
from apps.shipping.services.deliver_shipment import deliver_shipment
from apps.shipping.services.ship_shipment import ship_shipment
from apps.shipping.states import can_move

_COLOURS = {
    "Pending": "info",
    "Label created": "info",
    "Shipped": "warning",
    "In transit": "warning",
    "Delivered": "success",
    "Returned": "danger",
    "Cancelled": "danger",
}

_BUTTONS = {"ship_one": ShipmentStatus.SHIPPED, "deliver_one": ShipmentStatus.DELIVERED}


def _dialog(title: str, description: str, submit: str) -> Any:
    return {
        "title": title,
        "description": description,
        "form_class": BaseDialogForm,
        "form_submit_text": submit,
    }


class LineInline(ReadOnly, TabularInline):
    """What is in the parcel."""

    model = ShipmentLine
    hide_title = True
    extra = 0
    fields = ["article", "name", "quantity"]
    readonly_fields = fields

    @display(description="SKU")
    def article(self, line: ShipmentLine) -> str:
        """As it was bought."""
        return line.sku


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
        pages=("shipping_shipment_label", *(f"shipping_shipment_{name}" for name in _BUTTONS)),
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
    search_fields = ["=tracking_number", "order__number", "vendor_order__number"]
    list_select_related = ["order", "vendor_order"]
    date_hierarchy = "created_at"
    ordering = ["-created_at", "-id"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [LineInline, TrackingInline]
    actions = ["mark_shipped", "mark_delivered"]
    actions_detail = list(_BUTTONS)
    fields = [
        "tracking_number",
        "order_number",
        "vendor",
        "show_status",
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

    def has_send_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may move parcels: the permission catalogue says."""
        return WRITE in getattr(request.user, "permissions", ())

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """The buttons of what can be done with this parcel as it stands."""
        shipment = self._find(request, object_id)
        if shipment is None:
            return []
        offered = {name for name, to in _BUTTONS.items() if can_move(shipment.status, to)}
        actions: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        return [one for one in actions if one.path in offered]

    def _find(self, request: HttpRequest, object_id: Any) -> Shipment | None:
        """The parcel as this person sees it; None also for an id that is none."""
        try:
            return self.get_queryset(request).filter(pk=UUID(str(object_id))).first()
        except ValueError:
            return None

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
        link = '<a class="text-primary-600 underline" href="{}" target="_blank">PDF</a>'
        return format_html(link, address)

    @display(description="From")
    def show_from(self, shipment: Shipment) -> str:
        """The sender's address on one line."""
        return on_one_line(shipment.from_address)

    @display(description="To")
    def show_to(self, shipment: Shipment) -> str:
        """The recipient's address on one line."""
        return on_one_line(shipment.to_address)

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

    @action(
        description="Ship",
        permissions=["send"],
        icon="local_shipping",
        variant=ActionVariant.PRIMARY,
        dialog=_dialog("Ship this parcel", "It leaves the house, and the buyer hears it.", "Ship"),
    )
    def ship_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """It leaves."""
        return self._take(request, object_id, ship_shipment)

    @action(
        description="Deliver",
        permissions=["send"],
        icon="check_circle",
        variant=ActionVariant.SUCCESS,
        dialog=_dialog("Mark as delivered", "The buyer has it.", "Delivered"),
    )
    def deliver_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """It has come."""
        return self._take(request, object_id, deliver_shipment)

    def _take(
        self, request: HttpRequest, object_id: str, step: Callable[..., Shipment]
    ) -> HttpResponse:
        """Take the step with a parcel that whoever asks may see; a refusal is said on the page."""
        shipment = self._find(request, object_id)
        if shipment is None:
            raise Http404
        try:
            moved = step(shipment_id=shipment.pk)
        except DomainError as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, f"{moved} is {moved.get_status_display().lower()}.")
        page = reverse(f"{self.admin_site.name}:shipping_shipment_change", args=[shipment.pk])
        if "HX-Request" in request.headers:
            return HttpResponse(headers={"HX-Redirect": page})
        return HttpResponseRedirect(page)

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
