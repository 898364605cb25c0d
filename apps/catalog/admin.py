"""The catalog in the store's admin. Every change goes through the services."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.forms import BaseModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

# Each registers its pages.
from apps.catalog import (  # noqa: F401
    admin_grid,
    admin_imports,
    admin_logo,
    admin_prices,
    admin_review,
    admin_search,
    admin_types,
    admin_vendors,
)
from apps.catalog.admin_base import KeptAdmin
from apps.catalog.admin_forms import VARIANT_FIELDS, CategoryForm, ProductForm, VariantForm
from apps.catalog.admin_media import PAGE as PICTURES
from apps.catalog.admin_media import PicturesAdmin
from apps.catalog.admin_place_pictures import PlacePictures, with_image
from apps.catalog.models import Category, ImportRun, Price, Product, ProductType, Variant
from apps.catalog.services.create_category import create_category
from apps.catalog.services.create_product import NewProduct, create_product
from apps.catalog.services.delete_product import delete_product
from apps.catalog.services.submit_product import submit_edit, submit_new
from apps.catalog.services.update_category import update_category
from apps.catalog.services.update_product import update_product
from apps.catalog.text import is_id
from apps.catalog.types import VariantInput
from apps.common.admin import NamedActors, ReadOnly, name_of_actor, store_admin
from apps.common.context import current_store
from apps.common.vendor_scope import CHOICES_ONLY, VendorView, vendor_scope


class VariantInline(TabularInline):
    """The product's variants with their price."""

    model = Variant
    form = VariantForm
    fields = ("sku", "price", "cost", *VARIANT_FIELDS[1:])
    extra = 0
    min_num = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        """Those that are not deleted, prices at hand."""
        rows: QuerySet[Variant] = super().get_queryset(request)
        own = Price.objects.filter(price_list__is_default=True, min_quantity=1)
        return rows.filter(deleted_at=None).prefetch_related(Prefetch("prices", own))


_ABOUT = (
    "name",
    "slug",
    "vendor",
    "description",
    "brand",
    "categories",
    "tags",
    "product_type",
    "external_id",
    "tax_category",
)
_SHOWN = ["is_active", "is_featured", "publish_at", "unpublish_at"]


@admin.register(Product, site=store_admin)
class ProductAdmin(PicturesAdmin):
    """Products with their variants; a vendor's people see and change their own."""

    form = ProductForm
    for_vendors = VendorView(
        path="vendor_id",
        may=frozenset({"view", "add", "change", "delete"}),
        inlines=(VariantInline,),
        filters=("is_active", "kind"),
        pages=(PICTURES,),
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

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """With an input for each attribute of the type: the one just chosen, else the product's."""
        return super().get_form(request, obj, change, form=_form_for(request, obj), **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The product, what its type asks for, and when it is shown."""
        hidden = self.get_exclude(request, obj)
        asked = [*_form_for(request, obj).declared_fields]
        about = [name for name in _ABOUT if name not in hidden]
        parts = [("", about), ("Attributes", asked), ("Shown", _SHOWN)]
        return [(title or None, {"fields": names}) for title, names in parts if names]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A product keeps its vendor."""
        return ("vendor",) if obj and vendor_scope(request) is None else ()

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Whose products these are, a vendor's people need not say, nor how they are taxed."""
        return () if vendor_scope(request) is None else ("vendor", "tax_category")

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
        data["product_type"] = data["product_type"].code if data["product_type"] else ""
        if change:
            # The form has put the blank into its instance already.
            data["slug"] = data["slug"] or form.initial["slug"]
            edit = {"changes": data, "variants": _with_all_prices(rows, variants), "replace": True}
            _save_edit(request, form.instance.pk, edit)
            return
        vendor = data.pop("vendor", None)
        currency = current_store().default_currency
        inputs = [VariantInput.of(row, currency) for row in rows]
        vendor_id = vendor_scope(request) or (vendor.pk if vendor else None)
        new = NewProduct(variants=inputs, vendor_id=vendor_id, **data)
        form.instance.pk = _save_new(request, new)

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


def _form_for(request: HttpRequest, product: Product | None) -> type[ProductForm]:
    kept: type[ProductForm] | None = getattr(request, "_product_form", None)
    if kept is None:
        chosen = request.POST.get("product_type", None)
        if chosen is None:
            chosen = str(product.product_type_id or "") if product else ""
        types = ProductType.objects.filter(pk=chosen) if is_id(chosen) else None
        kept = ProductForm.for_type(types.first() if types is not None else None)
        # Django asks for the form several times a page.
        request._product_form = kept  # type: ignore[attr-defined]
    return kept


def _save_new(request: HttpRequest, new: NewProduct) -> UUID:
    """Create it; a vendor's may have to wait for the store's staff."""
    if vendor_scope(request) is None:
        return create_product(new).pk
    done = submit_new(new, by=request.user.pk)
    if done.request is not None:
        messages.info(request, "It is shown as soon as the store has approved it.")
    return done.product_id


def _save_edit(request: HttpRequest, product_id: UUID, edit: dict[str, Any]) -> None:
    """Change it; a vendor's edit may have to wait for the store's staff."""
    if vendor_scope(request) is None:
        update_product(product_id=product_id, **edit)
    elif submit_edit(product_id=product_id, by=request.user.pk, **edit).request is not None:
        messages.info(request, "Your changes take effect as soon as the store has approved them.")


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


@admin.register(Category, site=store_admin)
class CategoryAdmin(PlacePictures, KeptAdmin):
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
        data = with_image(dict(form.cleaned_data))
        data["parent"] = data["parent"].slug if data["parent"] else ""
        if change:
            before = form.initial["slug"]
            update_category(slug=before, changes={**data, "slug": data["slug"] or before})
        else:
            obj.pk = create_category(**data).pk


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
