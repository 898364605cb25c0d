"""Back-order rules, transfers and purchase orders in the store's admin (PEER-27, PEER-29)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from apps.common.admin import ReadOnly, store_admin
from apps.common.errors import DomainError
from apps.common.money import format_amount
from apps.common.vendor_scope import VendorView, vendor_scope
from apps.inventory.forms import BackorderForm, PurchaseOrderForm, TransferForm
from apps.inventory.models import (
    BackorderPolicy,
    PurchaseOrder,
    PurchaseOrderLine,
    Transfer,
    TransferLine,
)
from apps.inventory.services.cancel_transfer import cancel_transfer
from apps.inventory.services.create_purchase_order import create_purchase_order
from apps.inventory.services.create_transfer import create_transfer
from apps.inventory.services.dispatch_transfer import dispatch_transfer
from apps.inventory.services.move_purchase_order import (
    cancel_purchase_order,
    order_purchase_order,
)
from apps.inventory.services.receive_purchase_order import receive_purchase_order
from apps.inventory.services.receive_transfer import receive_transfer
from apps.inventory.services.set_backorder import set_backorder

_COLOURS = {
    "Draft": "info",
    "Ordered": "warning",
    "In transit": "warning",
    "Partially received": "warning",
    "Received": "success",
    "Cancelled": "danger",
}


@admin.register(BackorderPolicy, site=store_admin)
class BackorderPolicyAdmin(ModelAdmin):
    """How many units may be sold that nobody has yet."""

    form = BackorderForm
    for_vendors = VendorView(
        path="variant__vendor_id",
        may=frozenset({"view", "add", "change"}),
        filters=("mode",),
    )
    list_display = ("product", "sku", "mode", "limit", "backordered", "available_from")
    list_filter = ("mode",)
    search_fields = ("variant__sku", "variant__product__name")
    list_select_related = ("variant__product",)
    ordering = ("variant__sku",)
    show_full_result_count = False

    def get_fields(
        self, request: HttpRequest, obj: BackorderPolicy | None = None
    ) -> tuple[str, ...]:
        """A new rule is chosen by SKU; an old one keeps it."""
        rest = ("mode", "limit", "available_from")
        return ("sku", *rest) if obj is None else ("product", "sku", "backordered", *rest)

    def get_readonly_fields(
        self, request: HttpRequest, obj: BackorderPolicy | None = None
    ) -> tuple[str, ...]:
        """What only orders move, and what identifies the rule."""
        return () if obj is None else ("product", "sku", "backordered")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The form, bound to the vendor whose SKUs the user may name."""
        form = super().get_form(request, obj, **kwargs)
        form.vendor_id = vendor_scope(request)
        return form

    def save_model(
        self, request: HttpRequest, obj: BackorderPolicy, form: Any, change: bool
    ) -> None:
        """Set the rule through the service."""
        try:
            set_backorder(
                sku=obj.variant.sku,
                limit=obj.limit,
                mode=obj.mode,
                available_from=obj.available_from,
                vendor_id=obj.variant.vendor_id,
            )
        except DomainError as error:
            messages.error(request, error.detail)
        found = BackorderPolicy.objects.filter(variant_id=obj.variant_id)
        obj.pk = found.values_list("pk", flat=True).first() or obj.pk

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: set the limit to what is back-ordered, and nothing more is sold ahead."""
        return False

    @admin.display(ordering="variant__product__name")
    def product(self, policy: BackorderPolicy) -> str:
        """The product's name."""
        return str(policy.variant.product.name)

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, policy: BackorderPolicy) -> str:
        """The variant's SKU."""
        return str(policy.variant.sku)


class _Goods(ReadOnly, TabularInline):
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


class TransferLineInline(_Goods):
    """What goes, came, and did not."""

    model = TransferLine
    fields = ("product", "sku", "quantity", "received", "missing", "reason")
    readonly_fields = fields


class PurchaseOrderLineInline(_Goods):
    """What was ordered and what came."""

    model = PurchaseOrderLine
    fields = ("product", "sku", "quantity", "received", "cost")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the currency."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("purchase_order")

    @admin.display(description="Cost of one")
    def cost(self, line: PurchaseOrderLine) -> str:
        """What one unit costs."""
        currency = line.purchase_order.currency
        return f"{format_amount(line.cost_cents, currency)} {currency}"


class _DocumentAdmin(ModelAdmin):
    show_full_result_count = False
    ordering = ("-created_at", "-id")
    date_hierarchy = "created_at"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Moved by actions; what was written stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: cancel it."""
        return False

    def has_move_permission(self, request: HttpRequest) -> bool:
        """Who may move stock: the permission catalogue says."""
        return "inventory.write" in getattr(request.user, "permissions", ())

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """None while it is written: its goods are a field then."""
        return super().get_inlines(request, obj) if obj is not None else ()

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The form, bound to the vendor whose SKUs the user may name."""
        form = super().get_form(request, obj, **kwargs)
        form.vendor_id = vendor_scope(request)
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


@admin.register(Transfer, site=store_admin)
class TransferAdmin(_DocumentAdmin):
    """Goods between warehouses; written here, then moved by actions."""

    form = TransferForm
    inlines = (TransferLineInline,)
    actions = ("dispatch", "receive_rest", "cancel")
    for_vendors = VendorView(
        path="vendor_id",
        may=frozenset({"view", "add"}),
        inlines=(TransferLineInline,),
        filters=("status",),
        actions=("dispatch", "receive_rest", "cancel"),
    )
    list_display = ("number", "source", "destination", "show_status", "whose", "created_at")
    list_filter = ("status", "source", "destination")
    search_fields = ("=number", "lines__variant__sku", "note")
    list_select_related = ("source", "destination", "vendor")
    readonly_fields = ("number", "show_status", "whose", "dispatched_at", "received_at")

    def get_fields(self, request: HttpRequest, obj: Transfer | None = None) -> tuple[str, ...]:
        """What is entered, and later what became of it."""
        if obj is None:
            return ("source", "destination", "goods", "note")
        places = ("source", "destination", "show_status", "whose", "note")
        return ("number", *places, "dispatched_at", "received_at")

    def save_model(self, request: HttpRequest, obj: Transfer, form: Any, change: bool) -> None:
        """Write the draft through the service."""
        obj.pk = create_transfer(
            source=obj.source.code,
            destination=obj.destination.code,
            lines=form.lines,
            note=obj.note,
            vendor_id=vendor_scope(request),
        ).pk

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
            return receive_transfer(transfer_id=transfer.pk, received=_outstanding(transfer))

        self._run(request, queryset, receive, "received")

    @admin.action(description="Cancel", permissions=["move"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        """It does not take place."""
        self._run(request, queryset, lambda one: cancel_transfer(transfer_id=one.pk), "cancelled")


@admin.register(PurchaseOrder, site=store_admin)
class PurchaseOrderAdmin(_DocumentAdmin):
    """Goods from suppliers; written here, then moved by actions."""

    form = PurchaseOrderForm
    inlines = (PurchaseOrderLineInline,)
    actions = ("order", "receive_rest", "cancel")
    for_vendors = VendorView(
        path="vendor_id",
        may=frozenset({"view", "add"}),
        inlines=(PurchaseOrderLineInline,),
        filters=("status",),
        actions=("order", "receive_rest", "cancel"),
    )
    list_display = (
        "number",
        "supplier",
        "warehouse",
        "show_status",
        "expected_on",
        "whose",
        "created_at",
    )
    list_filter = ("status", "warehouse")
    search_fields = ("=number", "supplier", "reference", "lines__variant__sku")
    list_select_related = ("warehouse", "vendor")
    readonly_fields = ("number", "show_status", "whose", "ordered_at", "received_at")

    def get_fields(self, request: HttpRequest, obj: PurchaseOrder | None = None) -> tuple[str, ...]:
        """What is entered, and later what became of it."""
        entered = ("supplier", "reference", "warehouse", "currency", "expected_on")
        if obj is None:
            return (*entered, "goods", "note")
        return ("number", "show_status", "whose", *entered, "note", "ordered_at", "received_at")

    def save_model(self, request: HttpRequest, obj: PurchaseOrder, form: Any, change: bool) -> None:
        """Write the draft through the service."""
        obj.pk = create_purchase_order(
            supplier=obj.supplier,
            lines=form.lines,
            warehouse=obj.warehouse.code,
            currency=obj.currency,
            reference=obj.reference,
            expected_on=obj.expected_on,
            note=obj.note,
            vendor_id=vendor_scope(request),
        ).pk

    @admin.action(description="Mark as ordered", permissions=["move"])
    def order(self, request: HttpRequest, queryset: QuerySet[PurchaseOrder]) -> None:
        """The supplier has it."""
        self._run(request, queryset, lambda one: order_purchase_order(order_id=one.pk), "ordered")

    @admin.action(description="Receive all that is expected", permissions=["move"])
    def receive_rest(self, request: HttpRequest, queryset: QuerySet[PurchaseOrder]) -> None:
        """All that is outstanding has come."""

        def receive(order: PurchaseOrder) -> PurchaseOrder:
            return receive_purchase_order(order_id=order.pk, received=_outstanding(order))

        self._run(request, queryset, receive, "received")

    @admin.action(description="Cancel", permissions=["move"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[PurchaseOrder]) -> None:
        """Nothing more is expected."""
        self._run(
            request, queryset, lambda one: cancel_purchase_order(order_id=one.pk), "cancelled"
        )


def _outstanding(document: Transfer | PurchaseOrder) -> dict[str, int]:
    """SKU → units that have not come."""
    lines: Any = document.lines.select_related("variant").order_by("id")
    left = {line.variant.sku: line.quantity - line.received for line in lines}
    return {sku: units for sku, units in left.items() if units > 0}
