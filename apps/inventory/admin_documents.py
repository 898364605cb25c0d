"""Transfers in the store's admin, and what purchase orders share with them (PEER-27)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import TabularInline
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.common.admin import ReadOnly, store_admin
from apps.common.admin_forms import ServiceAdmin
from apps.common.errors import DomainError
from apps.common.vendor_scope import VendorView, vendor_scope
from apps.inventory.admin_receipts import TransferReceiptForm
from apps.inventory.forms import TransferForm
from apps.inventory.models import (
    PurchaseOrder,
    Transfer,
    TransferLine,
    TransferStatus,
)
from apps.inventory.services.cancel_transfer import cancel_transfer
from apps.inventory.services.create_transfer import create_transfer
from apps.inventory.services.dispatch_transfer import dispatch_transfer
from apps.inventory.services.receive_transfer import receive_transfer
from apps.inventory.services.update_transfer import update_transfer
from apps.inventory.states import TRANSFER_STEPS

_COLOURS = {
    "Draft": "info",
    "Ordered": "warning",
    "In transit": "warning",
    "Partially received": "warning",
    "Received": "success",
    "Cancelled": "danger",
}


def receipt_dialog(description: str, form: Any) -> Any:
    """The dialog of what came."""
    return {
        "title": "Receive goods",
        "description": description,
        "form_class": form,
        "form_submit_text": "Receive",
    }


_TRANSFER_RECEIPT = receipt_dialog(
    "What arrived with this delivery; more may follow.", TransferReceiptForm
)


class Goods(ReadOnly, TabularInline):
    """A document's lines, to read."""

    hide_title = True
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the names."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("variant__product")

    @admin.display(description="SKU")
    def sku(self, line: Any) -> str:
        """The variant's SKU."""
        return str(line.variant.sku)

    @admin.display
    def product(self, line: Any) -> str:
        """The product's name."""
        return str(line.variant.product.name)


class TransferLineInline(Goods):
    """What goes, came, and did not."""

    model = TransferLine
    fields = ("product", "sku", "quantity", "received", "missing", "reason")
    readonly_fields = fields


class DocumentAdmin(ServiceAdmin):
    """What the pages of transfers and purchase orders share. steps: status → those that follow."""

    steps: Mapping[str, frozenset[str]]
    show_full_result_count = False
    ordering = ("-created_at", "-id")
    date_hierarchy = "created_at"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A draft alone; once it has left, it is moved by actions."""
        return (
            obj is not None
            and obj.status == TransferStatus.DRAFT
            and bool(super().has_change_permission(request, obj))
        )

    def heading(self, obj: Any) -> tuple[Any, ...]:
        """What stands above the fields of a draft; a new one has none of it yet."""
        return () if obj is None else (("show_status", "whose"),)

    def is_written(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the page is a form, in which the goods are a field."""
        return obj is None or self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: cancel it."""
        return False

    def has_move_permission(self, request: HttpRequest) -> bool:
        """Who may move stock: the permission catalogue says."""
        return "inventory.write" in getattr(request.user, "permissions", ())

    def has_receive_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who may enter what came: whoever moves stock, where some is awaited."""
        found = self._found(request, object_id)
        return (
            found is not None
            and self.has_move_permission(request)
            and TransferStatus.RECEIVED in self.steps[found.status]
        )

    def _found(self, request: HttpRequest, object_id: Any) -> Any:
        """The document as this person sees it; read once for a page."""
        known: dict[str, Any] = request.__dict__.setdefault("_documents", {})
        key = str(object_id)
        if key not in known:
            try:
                known[key] = self.get_queryset(request).filter(pk=object_id).first()
            except ValidationError:
                known[key] = None
        return known[key]

    def _received(
        self, request: HttpRequest, object_id: str, receive: Callable[[], Any]
    ) -> HttpResponse:
        """Back to the document; what is refused is said there."""
        try:
            done = receive()
        except DomainError as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, f"{done} is {done.get_status_display().lower()}.")
        name = f"{self.opts.app_label}_{self.opts.model_name}_change"
        page = reverse(f"{self.admin_site.name}:{name}", args=[object_id])
        if "HX-Request" in request.headers:
            return HttpResponse(headers={"HX-Redirect": page})
        return HttpResponseRedirect(page)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """None while it is new: its goods are a field alone. A draft's are named below as well."""
        return super().get_inlines(request, obj) if obj is not None else ()

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The form, bound to the vendor whose SKUs may be named."""
        form = super().get_form(request, obj, **kwargs)
        form.vendor_id = vendor_scope(request) if obj is None else obj.vendor_id
        return form

    @display(description="Status", ordering="status", label=_COLOURS)  # type: ignore[untyped-decorator]
    def show_status(self, document: Any) -> str:
        """The status in colour."""
        return str(document.get_status_display())

    @admin.display(description="Vendor")
    def whose(self, document: Any) -> str:
        """Whose document it is."""
        return str(document.vendor.name) if document.vendor else "The store"

    def _run(
        self,
        request: HttpRequest,
        documents: QuerySet[Any],
        step: Callable[[Any], Model],
        done: str,
    ) -> None:
        moved = 0
        for document in documents.order_by("pk"):
            try:
                step(document)
                moved += 1
            except DomainError as error:
                self.message_user(request, f"{document}: {error.detail}", messages.ERROR)
        if moved:
            self.message_user(request, f"{moved} {done}.", messages.SUCCESS)


def outstanding(document: Transfer | PurchaseOrder) -> dict[str, int]:
    """SKU → units that have not come."""
    lines: Any = document.lines.select_related("variant").order_by("id")
    left = {line.variant.sku: line.quantity - line.received for line in lines}
    return {sku: units for sku, units in left.items() if units > 0}


@admin.register(Transfer, site=store_admin)
class TransferAdmin(DocumentAdmin):
    """Goods between warehouses; written here, then moved by actions."""

    form = TransferForm
    steps = TRANSFER_STEPS
    inlines = (TransferLineInline,)
    actions = ("dispatch", "receive_rest", "cancel")
    for_vendors = VendorView(
        path="vendor_id",
        may=frozenset({"view", "add", "change"}),
        inlines=(TransferLineInline,),
        filters=("status",),
        actions=("dispatch", "receive_rest", "cancel"),
        pages=("inventory_transfer_receive_one",),
    )
    actions_detail = ("receive_one",)
    list_display = ("number", "source", "destination", "show_status", "whose", "created_at")
    list_filter = ("status", "source", "destination")
    search_fields = ("=number", "lines__variant__sku", "note")
    list_select_related = ("source", "destination", "vendor")
    readonly_fields = ("number", "show_status", "whose", "dispatched_at", "received_at")

    def get_fields(self, request: HttpRequest, obj: Transfer | None = None) -> tuple[Any, ...]:
        """What is entered, and later what became of it."""
        if self.is_written(request, obj):
            return (*self.heading(obj), "source", "destination", "goods", "note")
        places = ("source", "destination", "show_status", "whose", "note")
        return ("number", *places, "dispatched_at", "received_at")

    def save_model(self, request: HttpRequest, obj: Transfer, form: Any, change: bool) -> None:
        """Write the draft, or what was changed of it, through the service."""
        if change:
            update_transfer(
                transfer_id=obj.pk, changes=form.changes(), vendor_id=vendor_scope(request)
            )
            return
        obj.pk = create_transfer(
            source=obj.source.code,
            destination=obj.destination.code,
            lines=form.lines,
            note=obj.note,
            vendor_id=vendor_scope(request),
        ).pk

    @action(  # type: ignore[untyped-decorator]
        description="Receive",
        permissions=["receive"],
        icon="inventory",
        variant=ActionVariant.PRIMARY,
        dialog=_TRANSFER_RECEIPT,
    )
    def receive_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Note what came, line by line."""
        return self._received(
            request,
            object_id,
            lambda: receive_transfer(
                transfer_id=UUID(object_id),
                received=form.units(),
                close=form.cleaned_data["close"],
                reason=form.cleaned_data["reason"],
                vendor_id=vendor_scope(request),
            ),
        )

    @admin.action(description="Dispatch", permissions=["move"])
    def dispatch(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        """The goods leave."""
        self._run(
            request, queryset, lambda one: dispatch_transfer(transfer_id=one.pk), "dispatched"
        )

    @admin.action(description="Receive all that is on its way", permissions=["move"])
    def receive_rest(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        """All that is outstanding has come."""

        def receive(transfer: Transfer) -> Transfer:
            return receive_transfer(transfer_id=transfer.pk, received=outstanding(transfer))

        self._run(request, queryset, receive, "received")

    @admin.action(description="Cancel", permissions=["move"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        """It does not take place."""
        self._run(request, queryset, lambda one: cancel_transfer(transfer_id=one.pk), "cancelled")
