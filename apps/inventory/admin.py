"""Stock in the store's admin. Every change goes through a service."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from unfold.admin import ModelAdmin

from apps.common.admin import NamedActors, ReadOnly, name_of_actor, store_admin
from apps.common.admin_address import ADDRESS_ROWS
from apps.common.errors import DomainError
from apps.common.vendor_scope import CHOICES_ONLY, VendorView
from apps.inventory import admin_backorders, admin_documents, admin_purchases
from apps.inventory.forms import StockLevelForm, WarehouseForm
from apps.inventory.models import StockLevel, StockMovement, Warehouse
from apps.inventory.selectors import vendor_scope, visible_levels
from apps.inventory.services.save_warehouse import create_warehouse, update_warehouse
from apps.inventory.services.set_stock import set_stock

__all__ = ["admin_backorders", "admin_documents", "admin_purchases"]

_PLACE = ("line1", "postal_code", "city", "country")


class LowStockFilter(admin.SimpleListFilter):
    """What has at most its reorder threshold left."""

    title = "stock"
    parameter_name = "stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("low", "Low"), ("out", "Out of stock")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[StockLevel]
    ) -> QuerySet[StockLevel]:
        """The levels of a choice."""
        if self.value() == "low":
            return queryset.filter(on_hand__lte=F("reserved") + F("reorder_threshold"))
        if self.value() == "out":
            return queryset.filter(on_hand=F("reserved"))
        return queryset


@admin.register(StockLevel, site=store_admin)
class StockLevelAdmin(ModelAdmin):
    """Levels; changing the count sets it through the ledger (INV-01, INV-02)."""

    form = StockLevelForm
    for_vendors = VendorView(
        path="variant__vendor_id",
        may=frozenset({"view", "add", "change"}),
        filters=(LowStockFilter,),
    )
    list_display = ("product", "sku", "warehouse", "on_hand", "reserved", "available", "is_low")
    list_filter = (LowStockFilter, "warehouse")
    search_fields = ("variant__sku", "variant__product__name", "location")
    list_select_related = ("variant__product", "warehouse")
    ordering = ("variant__product__name", "variant__sku")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockLevel]:
        """What the user may see."""
        ordering = self.get_ordering(request)
        return visible_levels(request.user).order_by(*ordering)

    def get_fields(self, request: HttpRequest, obj: StockLevel | None = None) -> tuple[str, ...]:
        """A new level is chosen by SKU and warehouse; an old one keeps both."""
        rest = ("on_hand", "reorder_threshold", "location")
        if obj is None:
            return ("sku", "warehouse", *rest)
        return ("product", "sku", "place", "reserved", *rest)

    def get_readonly_fields(
        self, request: HttpRequest, obj: StockLevel | None = None
    ) -> tuple[str, ...]:
        """What only reservations move, and what identifies the level."""
        return () if obj is None else ("product", "sku", "place", "reserved")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The form, bound to the vendor whose SKUs the user may name."""
        form = super().get_form(request, obj, **kwargs)
        form.vendor_id = vendor_scope(request.user)
        return form

    def save_model(self, request: HttpRequest, obj: StockLevel, form: Any, change: bool) -> None:
        """Set the count through the service; what has changed meanwhile is told."""
        try:
            set_stock(
                sku=obj.variant.sku,
                quantity=obj.on_hand,
                warehouse=obj.warehouse.code,
                vendor_id=obj.variant.vendor_id,
                reason="Set in admin",
                reorder_threshold=obj.reorder_threshold,
                location=obj.location,
            )
        except DomainError as error:
            messages.error(request, error.detail)
        level = StockLevel.objects.filter(variant_id=obj.variant_id, warehouse=obj.warehouse)
        obj.pk = level.values_list("pk", flat=True).first() or obj.pk

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: the ledger tells of it."""
        return False

    @admin.display(ordering="variant__product__name")
    def product(self, level: StockLevel) -> str:
        """The product's name."""
        return str(level.variant.product.name)

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, level: StockLevel) -> str:
        """The variant's SKU."""
        return str(level.variant.sku)

    @admin.display(description="Warehouse")
    def place(self, level: StockLevel) -> str:
        """Where it lies, as text: the warehouse's page is not everybody's."""
        return str(level.warehouse)

    @admin.display
    def available(self, level: StockLevel) -> int:
        """What can be sold."""
        return level.on_hand - level.reserved

    @admin.display(boolean=True, description="Enough")
    def is_low(self, level: StockLevel) -> bool:
        """Green while more than the reorder threshold is available."""
        return level.on_hand - level.reserved > level.reorder_threshold


@admin.register(Warehouse, site=store_admin)
class WarehouseAdmin(ModelAdmin):
    """Warehouses (INV-12)."""

    form = WarehouseForm
    # They say where their stock lies; the pages are the store's.
    for_vendors = CHOICES_ONLY
    list_display = ("name", "code", "place", "priority", "is_default", "is_active")
    search_fields = ("name", "code")
    fieldsets = (
        (None, {"fields": (("name", "code"), ("priority", "is_active"), "is_default")}),
        ("Address that parcels start from", {"fields": ADDRESS_ROWS}),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: Warehouse | None = None
    ) -> tuple[str, ...]:
        """The code is the warehouse's name in every call."""
        return () if obj is None else ("code",)

    def save_model(self, request: HttpRequest, obj: Warehouse, form: Any, change: bool) -> None:
        """Create or change through the services."""
        try:
            if change:
                update_warehouse(code=obj.code, changes=form.changes())
            else:
                obj.pk = create_warehouse(**form.service_data()).pk
        except DomainError as error:
            messages.error(request, error.detail)

    @admin.display(description="Address")
    def place(self, warehouse: Warehouse) -> str:
        """On one line."""
        parts = (warehouse.address.get(name) for name in _PLACE)
        return ", ".join(part for part in parts if part) or "–"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: deactivate it."""
        return False


@admin.register(StockMovement, site=store_admin)
class StockMovementAdmin(ReadOnly, NamedActors, ModelAdmin):
    """The ledger, to read (MOON-09)."""

    for_vendors = VendorView(path="variant__vendor_id", filters=("kind",))
    list_display = (
        "when",
        "sku",
        "warehouse",
        "kind",
        "on_hand",
        "reserved",
        "reason",
        "reference",
        "who",
    )
    list_filter = ("kind", "warehouse")
    search_fields = ("variant__sku", "reason", "=reference")
    list_select_related = ("variant", "warehouse")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    fields = list_display
    readonly_fields = list_display
    show_full_result_count = False

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, movement: StockMovement) -> str:
        """The variant's SKU."""
        return str(movement.variant.sku)

    @admin.display(description="When", ordering="created_at")
    def when(self, movement: StockMovement) -> str:
        """On one line, in a table with many columns."""
        moment = date_format(localtime(movement.created_at), "DATETIME_FORMAT")
        return format_html('<span class="whitespace-nowrap">{}</span>', moment)

    @admin.display(description="On hand", ordering="on_hand_delta")
    def on_hand(self, movement: StockMovement) -> str:
        """By how much it changed, with its sign."""
        return _signed(movement.on_hand_delta)

    @admin.display(description="Reserved", ordering="reserved_delta")
    def reserved(self, movement: StockMovement) -> str:
        """By how much it changed, with its sign."""
        return _signed(movement.reserved_delta)

    @admin.display(description="By")
    def who(self, movement: StockMovement) -> str:
        """The person's name, or what else moved it."""
        return name_of_actor(movement)


def _signed(units: int) -> str:
    return f"{units:+d}".replace("-", "−") if units else "–"
