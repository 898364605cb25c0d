"""Back-order rules in the store's admin (PEER-29)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from apps.common.admin import store_admin
from apps.common.errors import DomainError
from apps.common.vendor_scope import VendorView, vendor_scope
from apps.inventory.forms import BackorderForm
from apps.inventory.models import BackorderPolicy
from apps.inventory.services.set_backorder import set_backorder


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
