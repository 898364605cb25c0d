"""Carts in the store's admin: to read alone; buyers change them (CRT-02, PEER-17)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from apps.common.admin import ReadOnly, store_admin
from apps.orders.admin_order_inlines import company_link
from apps.orders.models import Cart, CartLine, CartStatus
from apps.orders.selectors import vendor_of

_LABELS = {"Active": "info", "Ordered": "success"}
_STATES = {
    "abandoned": Q(status=CartStatus.ACTIVE, abandoned_at__isnull=False),
    "recovered": Q(status=CartStatus.ORDERED, recovered=True),
}


class ReminderFilter(admin.SimpleListFilter):
    """Carts whose buyers were reminded, and those that were ordered after that."""

    title = "reminder"
    parameter_name = "reminder"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("abandoned", "Abandoned"), ("recovered", "Recovered")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cart]) -> QuerySet[Cart]:
        """Those of the choice."""
        state = _STATES.get(self.value() or "")
        return queryset.filter(state) if state is not None else queryset


class CartLineInline(ReadOnly, TabularInline):
    """What lies in it."""

    model = CartLine
    hide_title = True
    extra = 0
    verbose_name_plural = "lines"
    fields = ["goods", "sku", "quantity", "saved_for_later"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[CartLine]:
        """With the names of the goods."""
        lines: QuerySet[CartLine] = super().get_queryset(request)
        return lines.select_related("variant__product")

    @admin.display(description="Goods")
    def goods(self, line: CartLine) -> str:
        """The product's name."""
        return line.variant.product.name

    @admin.display(description="SKU")
    def sku(self, line: CartLine) -> str:
        """The variant's."""
        return line.variant.sku


@admin.register(Cart, site=store_admin)
class CartAdmin(ReadOnly, ModelAdmin):
    """The list of carts, and one cart with its lines. Drafts have a page of their own."""

    list_display = ["buyer", "status_badge", "lines", "units", "currency", "active_at"]
    list_filter = [ReminderFilter, "status", "currency", "active_at"]
    search_fields = ["email", "customer__email", "lines__variant__sku"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [CartLineInline]
    fields = [
        ("buyer", "status_badge"),
        ("currency", "market"),
        ("codes", "shipping_method"),
        ("active_at", "abandoned_at", "recovered"),
        ("company", "purchase_order_number", "vat_id"),
        "notes",
    ]
    readonly_fields = [
        "buyer",
        "status_badge",
        "currency",
        "market",
        "codes",
        "shipping_method",
        "active_at",
        "abandoned_at",
        "recovered",
        "company",
        "purchase_order_number",
        "vat_id",
        "notes",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cart]:
        """All carts for the store's staff; none for a vendor's people."""
        carts: QuerySet[Cart] = super().get_queryset(request)
        if vendor_of(request.user) is not None:
            return carts.none()
        to_buy = Q(lines__saved_for_later=False)
        return (
            carts.exclude(status=CartStatus.DRAFT)
            .select_related("customer")
            .annotate(
                line_count=Count("lines", filter=to_buy),
                unit_count=Sum("lines__quantity", filter=to_buy),
            )
        )

    @admin.display(description="Buyer", ordering="email")
    def buyer(self, cart: Cart) -> str:
        """The account's address, or the guest's."""
        return cart.customer.email if cart.customer else cart.email or "Guest"

    @display(description="Status", label=_LABELS, ordering="status")
    def status_badge(self, cart: Cart) -> str:
        """With a colour."""
        return cart.get_status_display()

    @admin.display(description="Lines", ordering="line_count")
    def lines(self, cart: Any) -> int:
        """How many different goods."""
        return int(cart.line_count)

    @admin.display(description="Units", ordering="unit_count")
    def units(self, cart: Any) -> int:
        """How many of them all together."""
        return int(cart.unit_count or 0)

    @admin.display(description="Company")
    def company(self, cart: Cart) -> str:
        """For which company it is, leading to it."""
        return company_link(cart)

    @admin.display(description="Coupons")
    def codes(self, cart: Cart) -> str:
        """The codes that were entered."""
        return ", ".join(cart.coupon_codes) or "–"
