"""The catalog in the store's admin. Every change goes through the services."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import BaseModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin, TabularInline

from apps.catalog import admin_grid  # noqa: F401 - registers its page
from apps.catalog.admin_forms import VARIANT_FIELDS, CategoryForm, ProductForm, VariantForm
from apps.catalog.models import Category, ImportRun, PriceList, Product, Variant, Vendor
from apps.catalog.services.create_category import create_category
from apps.catalog.services.create_product import NewProduct, create_product
from apps.catalog.services.create_vendor import create_vendor
from apps.catalog.services.delete_product import delete_product
from apps.catalog.services.update_category import update_category
from apps.catalog.services.update_product import update_product
from apps.catalog.services.update_vendor import update_vendor
from apps.catalog.types import VariantInput
from apps.common.admin import NamedActors, ReadOnly, name_of_actor, store_admin
from apps.common.context import current_store
from apps.common.errors import DomainError
from apps.common.vendor_scope import CHOICES_ONLY, VendorView, vendor_scope


class ServiceAdmin(ModelAdmin):
    """Tells what a service refuses on the page instead of failing."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form; back to it with the reason where a service refuses."""
        try:
            answer: HttpResponse = super().changeform_view(
                request, object_id, form_url, extra_context
            )
        except DomainError as error:
            messages.error(request, error.errors[0].detail if error.errors else error.detail)
            return HttpResponseRedirect(request.get_full_path())
        return answer


class VariantInline(TabularInline):
    """The product's variants with their price."""

    model = Variant
    form = VariantForm
    fields = ("sku", "price", *VARIANT_FIELDS[1:])
    extra = 0
    min_num = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        """Those that are not deleted, prices at hand."""
        rows: QuerySet[Variant] = super().get_queryset(request)
        return rows.filter(deleted_at=None).prefetch_related("prices")


@admin.register(Product, site=store_admin)
class ProductAdmin(ServiceAdmin):
    """Products with their variants; a vendor's people see and change their own."""

    form = ProductForm
    for_vendors = VendorView(
        path="vendor_id",
        may=frozenset({"view", "add", "change", "delete"}),
        inlines=(VariantInline,),
        filters=("is_active", "kind"),
    )
    inlines = [VariantInline]
    list_display = ("name", "vendor", "kind", "is_active", "is_featured", "created_at")
    list_filter = ("is_active", "is_featured", "kind", "vendor")
    list_select_related = ("vendor",)
    search_fields = ("name", "slug", "variants__sku")
    date_hierarchy = "created_at"
    autocomplete_fields = ("categories",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """Those that are not deleted."""
        rows: QuerySet[Product] = super().get_queryset(request)
        return rows.filter(deleted_at=None)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A product keeps its vendor."""
        return ("vendor",) if obj and vendor_scope(request) is None else ()

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Whose products these are, a vendor's people need not say."""
        return () if vendor_scope(request) is None else ("vendor",)

    def save_model(
        self, request: HttpRequest, obj: Product, form: BaseModelForm[Any], change: bool
    ) -> None:
        """Nothing yet: a product is saved together with its variants."""

    def save_related(
        self, request: HttpRequest, form: BaseModelForm[Any], formsets: Any, change: bool
    ) -> None:
        """Create or update the product with what both forms say."""
        (variants,) = formsets
        # What admin's history reads; the event log tells more.
        variants.new_objects, variants.changed_objects, variants.deleted_objects = [], [], []
        gone = variants.deleted_forms
        rows = [
            row.as_row()
            for row in variants.forms
            if row not in gone and (row.has_changed() or not row.instance._state.adding)
        ]
        data = {**form.cleaned_data, "tags": form.cleaned_data["tags"] or []}
        data["categories"] = [category.slug for category in data["categories"]]
        if change:
            data["slug"] = data["slug"] or form.instance.slug
            update_product(
                product_id=form.instance.pk,
                changes=data,
                variants=_with_all_prices(rows, variants),
                replace=True,
            )
            return
        vendor = data.pop("vendor", None)
        currency = current_store().default_currency
        inputs = [VariantInput.of(row, currency) for row in rows]
        vendor_id = vendor_scope(request) or (vendor.pk if vendor else None)
        made = create_product(NewProduct(variants=inputs, vendor_id=vendor_id, **data))
        form.instance.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: Product) -> None:
        """Take it out of the store."""
        delete_product(product_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Take them out of the store, one by one."""
        for product_id in queryset.order_by("pk").values_list("pk", flat=True):
            delete_product(product_id=product_id)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The products alone: their rows stay, so nothing else goes with them."""
        names = [str(row) for row in objs]
        return names, {"products": len(names)}, set(), []


def _with_all_prices(rows: list[dict[str, Any]], formset: Any) -> list[dict[str, Any]]:
    """The page shows one currency; prices in the others stay as they are."""
    held = {form.instance.pk: form.instance for form in formset.initial_forms}
    for row in rows:
        variant = held.get(row.get("id"))
        if variant is not None:
            row["prices"] = [
                {
                    "currency": price.currency,
                    "amount_cents": price.amount_cents,
                    "compare_at_cents": price.compare_at_cents,
                }
                for price in variant.prices.all()
                if price.currency != row["currency"]
            ]
    return rows


class _KeptAdmin(ServiceAdmin):
    """What products refer to is not deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


@admin.register(Category, site=store_admin)
class CategoryAdmin(_KeptAdmin):
    """The tree of categories."""

    form = CategoryForm
    for_vendors = CHOICES_ONLY
    list_display = ("name", "parent", "slug", "sort_order")
    list_select_related = ("parent",)
    search_fields = ("name", "slug")

    def save_model(
        self, request: HttpRequest, obj: Category, form: BaseModelForm[Any], change: bool
    ) -> None:
        """Create or update it."""
        data = dict(form.cleaned_data)
        data["parent"] = data["parent"].slug if data["parent"] else ""
        if change:
            before = form.initial["slug"]
            update_category(slug=before, changes={**data, "slug": data["slug"] or before})
        else:
            obj.pk = create_category(**data).pk


@admin.register(Vendor, site=store_admin)
class VendorAdmin(_KeptAdmin):
    """Sellers inside the store."""

    list_display = ("name", "slug", "email", "status", "is_default")
    list_filter = ("status",)
    search_fields = ("name", "slug", "email")
    fields = ("name", "slug", "email", "status")

    def save_model(
        self, request: HttpRequest, obj: Vendor, form: BaseModelForm[Any], change: bool
    ) -> None:
        """Create or update it."""
        data = dict(form.cleaned_data)
        if change:
            update_vendor(vendor_id=obj.pk, changes=data)
        else:
            data.pop("status")
            obj.pk = create_vendor(**data).pk


@admin.register(PriceList, site=store_admin)
class PriceListAdmin(_KeptAdmin):
    """Price lists, to look at."""

    list_display = ("name", "code", "is_default")
    search_fields = ("name", "code")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A store begins with the one it needs."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """To look at only."""
        return False


@admin.register(ImportRun, site=store_admin)
class ImportRunAdmin(ReadOnly, NamedActors, ModelAdmin):
    """Files that were imported over HTTP, and what became of them (CAT-16)."""

    for_vendors = VendorView(path="vendor_id")
    list_display = ("created_at", "file_name", "importer", "created", "updated", "refused")
    search_fields = ("file_name",)
    ordering = ("-created_at", "-id")
    fields = ("created_at", "file_name", "importer", "created", "updated", "refused", "problems")
    readonly_fields = fields
    show_full_result_count = False

    @admin.display(description="Imported by")
    def importer(self, run: ImportRun) -> str:
        """The person's name."""
        return name_of_actor(run)

    @admin.display
    def created(self, run: ImportRun) -> int:
        """New products."""
        return int(run.report.get("created", 0))

    @admin.display
    def updated(self, run: ImportRun) -> int:
        """Products that have changed."""
        return int(run.report.get("updated", 0))

    @admin.display(description="Refused rows")
    def refused(self, run: ImportRun) -> int:
        """Rows that were left out."""
        return int(run.report.get("error_count", 0))

    @admin.display(description="Why")
    def problems(self, run: ImportRun) -> str:
        """The first reasons, a line each."""
        reasons = run.report.get("errors", [])[:20]
        lines = [f"Row {one.get('row')}: {one.get('detail')}" for one in reasons]
        return "\n".join(lines) or "–"
