"""Purchase orders in the store's admin (PEER-27)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action
from unfold.enums import ActionVariant

from apps.common.admin import store_admin
from apps.common.money import format_amount
from apps.common.vendor_scope import VendorView, vendor_scope
from apps.inventory.admin_documents import DocumentAdmin, Goods, outstanding, receipt_dialog
from apps.inventory.admin_receipts import PurchaseOrderReceiptForm
from apps.inventory.forms import PurchaseOrderForm
from apps.inventory.models import PurchaseOrder, PurchaseOrderLine
from apps.inventory.services.create_purchase_order import create_purchase_order
from apps.inventory.services.move_purchase_order import (
    cancel_purchase_order,
    order_purchase_order,
)
from apps.inventory.services.receive_purchase_order import receive_purchase_order
from apps.inventory.services.update_purchase_order import update_purchase_order
from apps.inventory.states import PURCHASE_STEPS

_PURCHASE_RECEIPT = receipt_dialog(
    "What the supplier brought this time; more may follow.", PurchaseOrderReceiptForm
)


class PurchaseOrderLineInline(Goods):
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


@admin.register(PurchaseOrder, site=store_admin)
class PurchaseOrderAdmin(DocumentAdmin):
    """Goods from suppliers; written here, then moved by actions."""

    form = PurchaseOrderForm
    steps = PURCHASE_STEPS
    inlines = (PurchaseOrderLineInline,)
    actions = ("order", "receive_rest", "cancel")
    for_vendors = VendorView(
        path="vendor_id",
        may=frozenset({"view", "add", "change"}),
        inlines=(PurchaseOrderLineInline,),
        filters=("status",),
        actions=("order", "receive_rest", "cancel"),
        pages=("inventory_purchaseorder_receive_one",),
    )
    actions_detail = ("receive_one",)
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

    def get_fields(self, request: HttpRequest, obj: PurchaseOrder | None = None) -> tuple[Any, ...]:
        """What is entered, and later what became of it."""
        entered = ("supplier", "reference", "warehouse", "currency", "expected_on")
        if self.is_written(request, obj):
            return (*self.heading(obj), *entered, "goods", "note")
        return ("number", "show_status", "whose", *entered, "note", "ordered_at", "received_at")

    def save_model(self, request: HttpRequest, obj: PurchaseOrder, form: Any, change: bool) -> None:
        """Write the draft, or what was changed of it, through the service."""
        if change:
            update_purchase_order(
                order_id=obj.pk, changes=form.changes(), vendor_id=vendor_scope(request)
            )
            return
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

    @action(  # type: ignore[untyped-decorator]
        description="Receive",
        permissions=["receive"],
        icon="inventory",
        variant=ActionVariant.PRIMARY,
        dialog=_PURCHASE_RECEIPT,
    )
    def receive_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Note what came, line by line."""
        return self._received(
            request,
            object_id,
            lambda: receive_purchase_order(
                order_id=UUID(object_id),
                received=form.units(),
                allow_over=form.cleaned_data["allow_over"],
                vendor_id=vendor_scope(request),
            ),
        )

    @admin.action(description="Mark as ordered", permissions=["move"])
    def order(self, request: HttpRequest, queryset: QuerySet[PurchaseOrder]) -> None:
        """The supplier has it."""
        self._run(request, queryset, lambda one: order_purchase_order(order_id=one.pk), "ordered")

    @admin.action(description="Receive all that is expected", permissions=["move"])
    def receive_rest(self, request: HttpRequest, queryset: QuerySet[PurchaseOrder]) -> None:
        """All that is outstanding has come."""

        def receive(order: PurchaseOrder) -> PurchaseOrder:
            return receive_purchase_order(order_id=order.pk, received=outstanding(order))

        self._run(request, queryset, receive, "received")

    @admin.action(description="Cancel", permissions=["move"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[PurchaseOrder]) -> None:
        """Nothing more is expected."""
        self._run(
            request, queryset, lambda one: cancel_purchase_order(order_id=one.pk), "cancelled"
        )
