"""Vendors and master entries in the store's admin. Every change goes through the services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import BaseModelForm
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.decorators import action, display

from apps.catalog.admin_base import KeptAdmin, ServiceAdmin
from apps.catalog.models import MasterProduct, Product, Vendor, VendorDocument
from apps.catalog.services.change_master import delete_master, rename_master
from apps.catalog.services.change_vendor_status import (
    approve_vendor,
    reactivate_vendor,
    reject_vendor,
    suspend_vendor,
)
from apps.catalog.services.create_vendor import create_vendor
from apps.catalog.services.update_vendor import update_vendor
from apps.catalog.vendor_checklist import checklist
from apps.common.admin import ReadOnly, store_admin
from apps.common.errors import DomainError

_COLOURS = {
    "Applied": "info",
    "Active": "success",
    "Suspended": "warning",
    "Rejected": "danger",
}
# What an action of many tells each of them; a reason of its own takes the API.
_BY_LIST = "Decided by the store's staff."


class PaperInline(ReadOnly, TabularInline):
    """What the vendor has handed in."""

    model = VendorDocument
    fields = ("kind", "status", "note", "created_at")
    readonly_fields = fields
    extra = 0


class VendorAdmin(KeptAdmin):
    """Sellers inside the store: admit them, turn them down, suspend them and take them back."""

    list_display = ("name", "show_status", "email", "country", "created_at")
    list_filter = ("status", "is_default")
    search_fields = ("name", "slug", "email", "legal_name")
    date_hierarchy = "created_at"
    show_full_result_count = False
    inlines = [PaperInline]
    actions = ["approve", "reject", "suspend", "reactivate"]
    fields = (
        "name",
        "slug",
        "email",
        "show_status",
        "status_reason",
        "show_checklist",
        "description",
        "website",
        "phone",
        "country",
        "legal_name",
        "tax_id",
        "approved_at",
    )
    readonly_fields = ("show_status", "status_reason", "show_checklist", "approved_at")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Who may admit and suspend vendors."""
        return "vendors.manage" in getattr(request.user, "permissions", ())

    @display(description="Status", ordering="status", label=_COLOURS)
    def show_status(self, vendor: Vendor) -> str:
        """The status in colour."""
        return str(vendor.get_status_display())

    @admin.display(description="Checklist")
    def show_checklist(self, vendor: Vendor) -> str:
        """What the store asks for, and how far it is."""
        if vendor.pk is None or vendor._state.adding:
            return "–"
        items = checklist(vendor, vendor.papers.order_by("-created_at", "-pk"))
        return ", ".join(f"{item.name}: {item.state}" for item in items)

    def save_model(
        self, request: HttpRequest, obj: Vendor, form: BaseModelForm[Any], change: bool
    ) -> None:
        """Create or update it."""
        data = dict(form.cleaned_data)
        if change:
            update_vendor(vendor_id=obj.pk, changes=data)
        else:
            obj.pk = create_vendor(**data).pk

    @action(description="Admit", permissions=["decide"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Vendor]) -> None:
        """Admit those who have applied."""
        self._each(request, queryset, lambda row: approve_vendor(vendor_id=row.pk), "admitted")

    @action(description="Turn down", permissions=["decide"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Vendor]) -> None:
        """Turn down those who have applied."""
        self._each(
            request,
            queryset,
            lambda row: reject_vendor(vendor_id=row.pk, reason=_BY_LIST),
            "turned down",
        )

    @action(description="Suspend", permissions=["decide"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Vendor]) -> None:
        """Take all that they sell out of sight."""
        self._each(
            request,
            queryset,
            lambda row: suspend_vendor(vendor_id=row.pk, reason=_BY_LIST),
            "suspended",
        )

    @action(description="Take back", permissions=["decide"])
    def reactivate(self, request: HttpRequest, queryset: QuerySet[Vendor]) -> None:
        """Show what suspended ones sell again."""
        self._each(request, queryset, lambda row: reactivate_vendor(vendor_id=row.pk), "taken back")

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[Vendor],
        decide: Callable[[Vendor], Any],
        done: str,
    ) -> None:
        for vendor in queryset.order_by("pk"):
            try:
                decide(vendor)
            except DomainError as error:
                messages.error(request, f"{vendor}: {error.detail}")
            else:
                messages.success(request, f"{vendor} is {done}.")


class OfferInline(ReadOnly, TabularInline):
    """What is sold under the entry."""

    model = Product
    fields = ("name", "vendor", "is_active", "review")
    readonly_fields = fields
    extra = 0
    show_change_link = True


class MasterAdmin(ServiceAdmin):
    """One thing that several vendors sell; products are put together over the API."""

    list_display = ("name", "slug", "barcode")
    search_fields = ("name", "slug", "=barcode")
    fields = ("name", "slug", "barcode")
    readonly_fields = ("barcode",)
    inlines = [OfferInline]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An entry begins with products, which the API takes."""
        return False

    def save_model(
        self, request: HttpRequest, obj: MasterProduct, form: BaseModelForm[Any], change: bool
    ) -> None:
        """Rename it."""
        rename_master(master_id=obj.pk, changes=dict(form.cleaned_data))

    def delete_model(self, request: HttpRequest, obj: MasterProduct) -> None:
        """Take it apart."""
        delete_master(master_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[MasterProduct]) -> None:
        """Take them apart, one by one."""
        for master_id in queryset.order_by("pk").values_list("pk", flat=True):
            delete_master(master_id=master_id)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The entries alone: their products stay."""
        names = [str(row) for row in objs]
        return names, {"master entries": len(names)}, set(), []


store_admin.register(Vendor, VendorAdmin)
store_admin.register(MasterProduct, MasterAdmin)
