"""Promotions and coupons in the store's admin (PEER-01, PEER-02)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action, display

from apps.common.admin import store_admin
from apps.common.errors import DomainError
from apps.orders.admin_rules_base import RuleAdmin, show_errors
from apps.orders.admin_rules_forms import CouponBatchForm, PromotionForm
from apps.orders.models import Coupon, Promotion
from apps.orders.rule_reads import counted_promotions, coupons
from apps.orders.services.delete_promotion import delete_promotion
from apps.orders.services.generate_coupons import generate_coupons
from apps.orders.services.save_coupon import delete_coupon, update_coupon
from apps.orders.services.save_promotion import create_promotion, update_promotion


@admin.register(Promotion, site=store_admin)
class PromotionAdmin(RuleAdmin):
    """What makes orders cheaper, its coupons, and how often it was used."""

    form = PromotionForm
    list_display = ("name", "code", "kind", "when", "uses_shown", "coupon_link", "is_active")
    list_filter = ("kind", "is_active", "requires_coupon")
    search_fields = ("name", "code")
    actions_detail = ("generate",)
    readonly_fields = ("uses_shown", "coupon_link")
    fieldsets = (
        (None, {"fields": (("name", "code"), "description", ("kind", "is_active"))}),
        (
            "What it gives",
            {
                "fields": (
                    ("percent", "amounts"),
                    ("buy_quantity", "get_quantity"),
                    ("gift_sku", "gift_quantity"),
                )
            },
        ),
        (
            "For which goods",
            {"fields": (("categories", "vendors"), ("products", "variants"))},
        ),
        (
            "When it holds",
            {
                "fields": (
                    "starts_at",
                    "ends_at",
                    ("markets", "customer_groups"),
                    ("minimums", "min_quantity"),
                    ("requires_coupon", "combinable"),
                    "priority",
                )
            },
        ),
        (
            "Limits",
            {
                "fields": (
                    ("max_uses", "max_uses_per_customer"),
                    ("budget", "budget_currency"),
                    ("uses_shown", "coupon_link"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Promotion]:
        """With how often each was used and how many coupons it has."""
        rows: QuerySet[Promotion] = super().get_queryset(request)
        return counted_promotions(rows)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """It is known by its code, which stays."""
        return (*self.readonly_fields, "code") if obj else self.readonly_fields

    @admin.display(description="When")
    def when(self, row: Promotion) -> str:
        """From and until, by day."""
        start = f"{row.starts_at:%Y-%m-%d}" if row.starts_at else ""
        end = f"{row.ends_at:%Y-%m-%d}" if row.ends_at else ""
        return f"{start} – {end}" if start or end else "Always"

    @admin.display(description="Used")
    def uses_shown(self, row: Promotion) -> str:
        """How often, and of how many."""
        used = getattr(row, "uses_count", 0)
        return f"{used} of {row.max_uses}" if row.max_uses else str(used)

    @admin.display(description="Coupons")
    def coupon_link(self, row: Promotion) -> str:
        """How many, leading to them."""
        if row._state.adding:
            return "–"
        path = reverse("store_admin:orders_coupon_changelist")
        count = getattr(row, "coupons_count", 0)
        link = '<a class="text-primary-600 underline" href="{}?promotion__id__exact={}">{}</a>'
        return format_html(link, path, row.pk, count)

    def save_model(self, request: HttpRequest, obj: Promotion, form: Any, change: bool) -> None:
        """Create or change it."""
        if change:
            update_promotion(code=obj.code, changes=form.service_data)
        else:
            obj.pk = create_promotion(code=form.cleaned_data["code"], **form.service_data).pk

    def delete_model(self, request: HttpRequest, obj: Promotion) -> None:
        """Delete it, or say that it is inactive now."""
        if not delete_promotion(code=obj.code):
            messages.warning(request, "Orders have used it: it is inactive now, and stays.")

    def has_generate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who may change promotions: the permission catalogue says."""
        return "promotions.write" in getattr(request.user, "permissions", ())

    @action(description="Generate coupons", url_path="coupons", permissions=["generate"])
    def generate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A page that asks how many, and then leads to them."""
        promotion = self.get_object(request, object_id)
        back = reverse("store_admin:orders_promotion_changelist")
        if promotion is None:
            return HttpResponseRedirect(back)
        form = CouponBatchForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            data = dict(form.cleaned_data)
            prefix = data.pop("begins_with")
            try:
                batch = generate_coupons(promotion_code=promotion.code, prefix=prefix, **data)
            except DomainError as error:
                show_errors(form, error.errors, {"prefix": "begins_with"})
            else:
                messages.success(request, f"{len(batch.codes)} coupon(s) in batch {batch.name}.")
                path = reverse("store_admin:orders_coupon_changelist")
                return HttpResponseRedirect(f"{path}?promotion__id__exact={promotion.pk}")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Generate coupons of “{promotion.name}”",
            "form": form,
            "back": back,
            "opts": self.model._meta,
        }
        return render(request, "orders/generate_coupons.html", context)


class CouponForm(forms.ModelForm[Coupon]):
    """How often a coupon may be used, and whether at all."""

    class Meta:
        model = Coupon
        fields = ("max_uses", "is_active")

    def clean_max_uses(self) -> int | None:
        """Not fewer than there were."""
        most: int | None = self.cleaned_data["max_uses"]
        if most is not None and most < max(self.instance.used, 1):
            raise forms.ValidationError(f"It was used {self.instance.used} times already.")
        return most


@admin.register(Coupon, site=store_admin)
class CouponAdmin(RuleAdmin):
    """Codes; they are made from the page of their promotion."""

    form = CouponForm
    list_display = ("code", "promotion", "batch", "uses_shown", "state", "created_at")
    list_filter = ("promotion", "is_active")
    list_select_related = ("promotion",)
    search_fields = ("code", "batch")
    fields = (("code", "promotion"), ("batch", "uses_shown"), ("max_uses", "is_active"))
    readonly_fields = ("code", "promotion", "batch", "uses_shown")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Coupon]:
        """With how many orders use each."""
        return coupons().order_by("-created_at", "code")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody types one here."""
        return False

    @admin.display(description="Used")
    def uses_shown(self, row: Coupon) -> str:
        """How often, and of how many."""
        used = getattr(row, "uses_count", 0)
        return f"{used} of {row.max_uses}" if row.max_uses else str(used)

    @display(description="State", label={"Active": "success", "Inactive": "danger"})
    def state(self, row: Coupon) -> str:
        """With a colour."""
        return "Active" if row.is_active else "Inactive"

    def save_model(self, request: HttpRequest, obj: Coupon, form: Any, change: bool) -> None:
        """Change it."""
        data = {name: form.cleaned_data[name] for name in ("max_uses", "is_active")}
        update_coupon(code=obj.code, changes=data)

    def delete_model(self, request: HttpRequest, obj: Coupon) -> None:
        """Delete it, or say that it is inactive now."""
        if not delete_coupon(code=obj.code):
            messages.warning(request, "Orders have used it: it is inactive now, and stays.")
