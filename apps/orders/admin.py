"""Orders in the store's admin: to read, and to cancel through the service."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from apps.common.admin import store_admin
from apps.common.errors import DomainError
from apps.common.money import Money
from apps.orders.models import Order, OrderHistory, OrderLine, VendorOrder
from apps.orders.selectors import vendor_of, vendor_orders_visible_to
from apps.orders.services.cancel_order import cancel_order

_STATUS_LABELS = {
    "confirmed": "info",
    "paid": "success",
    "shipped": "success",
    "delivered": "success",
    "cancelled": "danger",
}
_PAYMENT_LABELS = {
    "authorized": "info",
    "partially_paid": "warning",
    "paid": "success",
    "partially_refunded": "warning",
    "refunded": "danger",
    "voided": "danger",
}
_FULFILLMENT_LABELS = {
    "partial": "warning",
    "shipped": "success",
    "delivered": "success",
    "returned": "danger",
}


class _ReadOnly:
    """Rows that only services write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Orders are placed, not typed in."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Orders are kept."""
        return False


class _ReadOnlyInline(_ReadOnly, TabularInline):
    extra = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Read only."""
        return False


class LineInline(_ReadOnlyInline):
    """What was bought."""

    model = OrderLine
    fields = ["sku", "name", "quantity", "shipped_quantity", "unit_price", "line_total"]
    readonly_fields = fields

    @admin.display(description="Unit price")
    def unit_price(self, line: OrderLine) -> str:
        """As text in the main unit."""
        return str(Money(line.unit_price_cents, line.order.currency))

    @admin.display(description="Total")
    def line_total(self, line: OrderLine) -> str:
        """As text in the main unit."""
        return str(Money(line.total_cents, line.order.currency))


class VendorOrderInline(_ReadOnlyInline):
    """Whose part is how far."""

    model = VendorOrder
    fields = ["number", "vendor_name", "subtotal", "fulfillment_status"]
    readonly_fields = fields

    @admin.display(description="Subtotal")
    def subtotal(self, part: VendorOrder) -> str:
        """As text in the main unit."""
        return str(Money(part.subtotal_cents, part.order.currency))


class HistoryInline(_ReadOnlyInline):
    """What happened."""

    model = OrderHistory
    fields = ["created_at", "field", "old_value", "new_value", "reason", "actor"]
    readonly_fields = fields


@admin.register(Order, site=store_admin)
class OrderAdmin(_ReadOnly, ModelAdmin):
    """The list of orders, one order with its parts, and cancelling."""

    list_display = [
        "number",
        "email",
        "status_badge",
        "payment_badge",
        "fulfillment_status",
        "total",
        "created_at",
    ]
    list_filter = ["status", "payment_status", "fulfillment_status", "currency", "created_at"]
    search_fields = ["number", "email", "lines__sku"]
    date_hierarchy = "created_at"
    list_per_page = 50
    show_full_result_count = False
    inlines = [LineInline, VendorOrderInline, HistoryInline]
    actions = ["cancel_selected"]
    exclude = ["subtotal_cents", "discount_cents", "tax_cents", "shipping_cents", "total_cents"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """All orders for the store's staff; a vendor's people look at vendor orders instead."""
        orders: QuerySet[Order] = super().get_queryset(request).select_related("customer")
        return orders if vendor_of(request.user) is None else orders.none()

    def get_readonly_fields(self, request: HttpRequest, obj: Order | None = None) -> list[str]:
        """Everything: orders change through what happens to them."""
        fields = [field.name for field in Order._meta.fields if field.name not in self.exclude]
        return [*fields, "subtotal", "discount", "tax", "shipping", "total"]

    @display(description="Status", label=_STATUS_LABELS, ordering="status")
    def status_badge(self, order: Order) -> str:
        """With a colour."""
        return str(order.status)

    @display(description="Payment", label=_PAYMENT_LABELS, ordering="payment_status")
    def payment_badge(self, order: Order) -> str:
        """With a colour."""
        return str(order.payment_status)

    @admin.display(description="Subtotal")
    def subtotal(self, order: Order) -> str:
        """As text in the main unit."""
        return str(Money(order.subtotal_cents, order.currency))

    @admin.display(description="Discount")
    def discount(self, order: Order) -> str:
        """As text in the main unit."""
        return str(Money(order.discount_cents, order.currency))

    @admin.display(description="Tax")
    def tax(self, order: Order) -> str:
        """As text in the main unit."""
        return str(Money(order.tax_cents, order.currency))

    @admin.display(description="Shipping")
    def shipping(self, order: Order) -> str:
        """As text in the main unit."""
        return str(Money(order.shipping_cents, order.currency))

    @admin.display(description="Total", ordering="total_cents")
    def total(self, order: Order) -> str:
        """As text in the main unit."""
        return str(Money(order.total_cents, order.currency))

    @admin.action(description="Cancel selected orders", permissions=["change"])
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Cancel each that can be; say which could not and why."""
        cancelled = 0
        for order in queryset:
            try:
                cancel_order(order_id=order.pk, reason="staff")
                cancelled += 1
            except DomainError as error:
                self.message_user(request, error.detail, messages.WARNING)
        self.message_user(request, f"{cancelled} order(s) cancelled.", messages.SUCCESS)


class PartLineInline(LineInline):
    """What a vendor has to send."""

    fk_name = "vendor_order"

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        """With the order, whose currency the amounts are in."""
        lines: QuerySet[OrderLine] = super().get_queryset(request)
        return lines.select_related("order")


@admin.register(VendorOrder, site=store_admin)
class VendorOrderAdmin(_ReadOnly, ModelAdmin):
    """The parts of orders, vendor by vendor; a vendor's people see their own."""

    list_display = ["number", "vendor_name", "fulfillment_badge", "order_state", "subtotal"]
    list_filter = ["fulfillment_status", "order__status", "created_at"]
    search_fields = ["number", "vendor_name", "lines__sku"]
    date_hierarchy = "created_at"
    list_per_page = 50
    show_full_result_count = False
    inlines = [PartLineInline]
    fields = ["number", "vendor_name", "fulfillment_status", "order_state", "subtotal", "send_to"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[VendorOrder]:
        """Own parts for a vendor, all of them for the store's staff."""
        return vendor_orders_visible_to(request.user).order_by("-created_at", "-id")

    @display(description="Fulfilment", label=_FULFILLMENT_LABELS, ordering="fulfillment_status")
    def fulfillment_badge(self, part: VendorOrder) -> str:
        """With a colour."""
        return str(part.fulfillment_status)

    @admin.display(description="Order")
    def order_state(self, part: VendorOrder) -> str:
        """Whether it may be sent."""
        return str(part.order.status)

    @admin.display(description="Subtotal", ordering="subtotal_cents")
    def subtotal(self, part: VendorOrder) -> str:
        """As text in the main unit."""
        return str(Money(part.subtotal_cents, part.order.currency))

    @admin.display(description="Send to")
    def send_to(self, part: VendorOrder) -> str:
        """The address on one line."""
        address = part.order.shipping_address or {}
        names = ["name", "line1", "line2", "postal_code", "city", "state", "country"]
        return ", ".join(address[name] for name in names if address.get(name))
