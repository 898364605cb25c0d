"""Orders in the store's admin, as they are read; admin_orders.py has what is done with them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from apps.common.admin import NamedActors, ReadOnly, store_admin
from apps.common.money import Money
from apps.common.postal import on_one_line
from apps.common.vendor_scope import VendorView

# Each registers its pages.
from apps.orders import (  # noqa: F401
    admin_carts,
    admin_companies,
    admin_drafts,
    admin_papers,
    admin_returns,
    admin_rules,
    admin_rules_places,
)
from apps.orders.admin_order_inlines import (
    HistoryInline,
    LineInline,
    NoteInline,
    ParcelInline,
    PartLineInline,
    PartParcelInline,
    ReturnInline,
    VendorOrderInline,
    company_link,
    method_name,
    parcels_link,
)
from apps.orders.admin_orders import OrderSteps
from apps.orders.dues import due_cents
from apps.orders.models import Order, VendorOrder
from apps.orders.selectors import vendor_of, vendor_orders_visible_to

_STATUS_LABELS = {
    "Confirmed": "info",
    "Paid": "success",
    "Shipped": "success",
    "Delivered": "success",
    "Cancelled": "danger",
}
_PAYMENT_LABELS = {
    "Authorized": "info",
    "Partially paid": "warning",
    "Paid": "success",
    "Partially refunded": "warning",
    "Refunded": "danger",
    "Voided": "danger",
}
_FULFILLMENT_LABELS = {
    "Partial": "warning",
    "Shipped": "success",
    "Delivered": "success",
    "Returned": "danger",
}
_SOURCES = {"api": "API", "cart": "Cart", "draft": "Draft", "campaign": "Campaign"}


@admin.register(Order, site=store_admin)
class OrderAdmin(ReadOnly, NamedActors, OrderSteps):
    """The list of orders, one order with its parts, and what staff do with them."""

    list_display = [
        "number",
        "email",
        "status_badge",
        "payment_badge",
        "fulfillment_badge",
        "total",
        "created_at",
    ]
    list_filter = [
        "status",
        "payment_status",
        "fulfillment_status",
        "hold_kind",
        "currency",
        "created_at",
    ]
    search_fields = ["number", "email", "lines__sku", "tags"]
    date_hierarchy = "created_at"
    list_per_page = 50
    show_full_result_count = False
    inlines = [
        LineInline,
        VendorOrderInline,
        ParcelInline,
        ReturnInline,
        NoteInline,
        HistoryInline,
    ]
    actions = [
        "cancel_selected",
        "hold_selected",
        "release_selected",
        "tag_selected",
        "export_selected",
    ]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("number", "email"),
                    ("status_badge", "payment_badge", "fulfillment_badge"),
                    ("created_at", "expires_at", "cancel_reason"),
                    ("held", "tag_list"),
                ]
            },
        ),
        (
            "Amounts",
            {
                "fields": [
                    ("subtotal", "discount"),
                    ("tax", "shipping"),
                    "total",
                    ("paid", "given_back", "due"),
                    "why",
                ]
            },
        ),
        ("Delivery", {"fields": ["send_to", ("method", "parcels")]}),
        (
            "Billing",
            {"fields": ["bill_to", ("company", "purchase_order_number"), "vat"]},
        ),
        (
            "Steps",
            {"fields": [("paid_at", "shipped_at"), ("delivered_at", "cancelled_at")]},
        ),
        (
            "More",
            {"fields": ["notes", "placed_by"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """All orders for the store's staff; a vendor's people look at vendor orders instead."""
        orders: QuerySet[Order] = super().get_queryset(request)
        return orders if vendor_of(request.user) is None else orders.none()

    def get_readonly_fields(self, request: HttpRequest, obj: Order | None = None) -> list[str]:
        """Everything: orders change through what happens to them."""
        shown = [line for _, part in self.fieldsets for line in part["fields"]]
        return [name for line in shown for name in ([line] if isinstance(line, str) else line)]

    @display(description="Status", label=_STATUS_LABELS, ordering="status")
    def status_badge(self, order: Order) -> str:
        """With a colour."""
        return order.get_status_display()

    @display(description="Payment", label=_PAYMENT_LABELS, ordering="payment_status")
    def payment_badge(self, order: Order) -> str:
        """With a colour."""
        return order.get_payment_status_display()

    @display(description="Fulfilment", label=_FULFILLMENT_LABELS, ordering="fulfillment_status")
    def fulfillment_badge(self, order: Order) -> str:
        """With a colour."""
        return order.get_fulfillment_status_display()

    @admin.display(description="Placed by")
    def placed_by(self, order: Order) -> str:
        """In words: a campaign's key says nothing to anybody, a return's number does."""
        kind, _, key = order.source.partition(":")
        name = _SOURCES.get(kind, kind.capitalize())
        return f"{name} {key}" if kind == "exchange" else name

    @admin.display(description="Company")
    def company(self, order: Order) -> str:
        """For which company it is, leading to it."""
        return company_link(order)

    @admin.display(description="Send to")
    def send_to(self, order: Order) -> str:
        """The address on one line."""
        return on_one_line(order.shipping_address) or "–"

    @admin.display(description="Bill to")
    def bill_to(self, order: Order) -> str:
        """The address on one line, where it is another one."""
        same = "The same" if order.shipping_address else "–"
        return on_one_line(order.billing_address) or same

    @admin.display(description="VAT id")
    def vat(self, order: Order) -> str:
        """As the buyer gave it."""
        return order.vat_id or "–"

    @admin.display(description="Shipping method")
    def method(self, order: Order) -> str:
        """By the name that it has now."""
        return method_name(order)

    @admin.display(description="Parcels")
    def parcels(self, order: Order) -> str:
        """Leading to them."""
        return parcels_link(order.number)

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
        """As text in the main unit; what the prices contain already is told apart."""
        inside = order.tax_included_cents
        parts = [str(Money(order.tax_cents, order.currency))] if order.tax_cents else []
        parts += [f"{Money(inside, order.currency)} included"] if inside else []
        return ", ".join(parts) or str(Money(0, order.currency))

    @admin.display(description="Shipping")
    def shipping(self, order: Order) -> str:
        """As text in the main unit."""
        return str(Money(order.shipping_cents, order.currency))

    @admin.display(description="Total", ordering="total_cents")
    def total(self, order: Order) -> str:
        """As text in the main unit."""
        return str(Money(order.total_cents, order.currency))

    @admin.display(description="Paid")
    def paid(self, order: Order) -> str:
        """As text in the main unit."""
        return str(Money(order.paid_cents, order.currency))

    @admin.display(description="Given back")
    def given_back(self, order: Order) -> str:
        """As text in the main unit."""
        return str(Money(order.refunded_cents, order.currency))

    @admin.display(description="Still due")
    def due(self, order: Order) -> str:
        """As text in the main unit."""
        return str(Money(due_cents(order), order.currency))

    @admin.display(description="Held")
    def held(self, order: Order) -> str:
        """Why it stands still."""
        if order.held_at is None:
            return "–"
        return f"{order.get_hold_kind_display()}: {order.hold_reason}"

    @admin.display(description="Tags")
    def tag_list(self, order: Order) -> str:
        """All of them."""
        return ", ".join(order.tags) or "–"


@admin.register(VendorOrder, site=store_admin)
class VendorOrderAdmin(ReadOnly, ModelAdmin):
    """The parts of orders, vendor by vendor; a vendor's people see their own."""

    for_vendors = VendorView(
        path="vendor_id",
        inlines=(PartLineInline, PartParcelInline),
        filters=("fulfillment_status", "order__status"),
    )

    list_display = ["number", "vendor_name", "fulfillment_badge", "order_state", "subtotal"]
    list_filter = ["fulfillment_status", "order__status", "created_at"]
    search_fields = ["number", "vendor_name", "lines__sku"]
    date_hierarchy = "created_at"
    ordering = ["-created_at", "-id"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [PartLineInline, PartParcelInline]
    fields = [
        ("number", "vendor_name"),
        ("fulfillment_badge", "order_state"),
        ("subtotal", "created_at"),
        ("send_to", "parcels"),
    ]
    readonly_fields = [
        "number",
        "vendor_name",
        "fulfillment_badge",
        "order_state",
        "subtotal",
        "created_at",
        "send_to",
        "parcels",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[VendorOrder]:
        """Own parts for a vendor, all of them for the store's staff."""
        return vendor_orders_visible_to(request.user).order_by("-created_at", "-id")

    @display(description="Fulfilment", label=_FULFILLMENT_LABELS, ordering="fulfillment_status")
    def fulfillment_badge(self, part: VendorOrder) -> str:
        """With a colour."""
        return part.get_fulfillment_status_display()

    @display(description="Order", label=_STATUS_LABELS)
    def order_state(self, part: VendorOrder) -> str:
        """Whether it may be sent."""
        return part.order.get_status_display()

    @admin.display(description="Subtotal", ordering="subtotal_cents")
    def subtotal(self, part: VendorOrder) -> str:
        """As text in the main unit."""
        return str(Money(part.subtotal_cents, part.order.currency))

    @admin.display(description="Send to")
    def send_to(self, part: VendorOrder) -> str:
        """The address on one line."""
        return on_one_line(part.order.shipping_address) or "–"

    @admin.display(description="Parcels")
    def parcels(self, part: VendorOrder) -> str:
        """Leading to them."""
        return parcels_link(part.number)
