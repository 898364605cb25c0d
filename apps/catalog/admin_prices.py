"""Price lists and their prices in the store's admin (PEER-04)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.accounts.facade import customer_groups
from apps.catalog.models import Price, PriceList, PriceListKind
from apps.catalog.ports import markets
from apps.catalog.services.create_price_list import create_price_list
from apps.catalog.services.delete_list_prices import delete_list_prices
from apps.catalog.services.delete_price_list import delete_price_list
from apps.catalog.services.price_list_rows import FIELDS
from apps.catalog.services.set_list_prices import PriceRow, set_list_prices
from apps.catalog.services.update_price_list import update_price_list
from apps.common.admin import store_admin
from apps.common.admin_forms import ServiceAdmin
from apps.common.money import MoneyError, format_amount, parse_amount

_OWN = [(kind.value, kind.label) for kind in PriceListKind if kind != PriceListKind.DEFAULT]


class PriceListForm(forms.ModelForm[PriceList]):
    """For whom and when a list applies."""

    class Meta:
        model = PriceList
        fields = ("name", "code", "kind", *FIELDS[1:])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            self.fields["kind"] = forms.ChoiceField(choices=_OWN, widget=UnfoldAdminSelectWidget)
        if "customer_group" in self.fields:
            self.fields["customer_group"] = forms.ChoiceField(
                choices=[("", "Everybody"), *customer_groups()],
                required=False,
                widget=UnfoldAdminSelectWidget,
            )
        for name, text in _HELP.items():
            if name in self.fields:
                self.fields[name].help_text = text

    def clean(self) -> dict[str, Any]:
        """Problems stand at their inputs."""
        data = super().clean() or self.cleaned_data
        begins, ends = data.get("starts_at"), data.get("ends_at")
        if begins and ends and begins >= ends:
            self.add_error("ends_at", "The end has to be after the beginning.")
        kind = data.get("kind") or self.instance.kind
        if kind == PriceListKind.OVERRIDE and not (
            data.get("customer_group") or data.get("market")
        ):
            self.add_error("customer_group", "Say for which group or market it is.")
        market = data.get("market", "")
        if market and not markets().exists(market):
            self.add_error("market", f"There is no market '{market}'.")
        return data


_HELP = {
    "market": "Code of a market; blank for every one",
    "ends_at": "It applies no longer at this very moment",
    "priority": "Of several overrides the least decides",
}


@admin.register(PriceList, site=store_admin)
class PriceListAdmin(ServiceAdmin):
    """Lists; their prices have a page of their own, however many there are."""

    form = PriceListForm
    list_display = ("name", "code", "kind", "customer_group", "market", "is_active", "prices_link")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "code")
    fields = ("name", "code", "kind", *FIELDS[1:])

    @admin.display(description="Prices")
    def prices_link(self, price_list: PriceList) -> str:
        """To the list's prices."""
        path = reverse(f"{self.admin_site.name}:catalog_price_changelist")
        query = urlencode({"price_list__id__exact": price_list.pk})
        link = '<a class="text-primary-600 underline" href="{}?{}">Prices</a>'
        return format_html(link, path, query)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Code and kind stay."""
        return ("code", "kind") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The default list is everybody's, always."""
        return bool(super().has_change_permission(request, obj)) and not (obj and obj.is_default)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not the default list."""
        return bool(super().has_delete_permission(request, obj)) and not (obj and obj.is_default)

    def save_model(
        self, request: HttpRequest, obj: PriceList, form: BaseModelForm[Any], change: bool
    ) -> None:
        """Create or change it."""
        fields = {name: form.cleaned_data[name] for name in FIELDS if name in form.cleaned_data}
        if change:
            update_price_list(code=obj.code, changes=fields)
            return
        data, name = form.cleaned_data, fields.pop("name")
        made = create_price_list(code=data["code"], name=name, kind=data["kind"], fields=fields)
        obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: PriceList) -> None:
        """Delete it with its prices."""
        delete_price_list(code=obj.code)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PriceList]) -> None:
        """Delete them, one by one."""
        for code in queryset.values_list("code", flat=True):
            delete_price_list(code=code)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The lists alone: their prices may be a hundred thousand."""
        names = [str(row) for row in objs]
        default = {"price list"} if any(row.is_default for row in objs) else set()
        return names, {"price lists": len(names)}, default, []


class PriceForm(forms.ModelForm[Price]):
    """A price: typed as 19.99, of a variant by its SKU."""

    sku = forms.CharField(label="SKU", max_length=64, widget=UnfoldAdminTextInputWidget)
    amount = forms.CharField(label="Price", max_length=20, widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = Price
        fields = ("price_list", "currency", "min_quantity")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            row = self.instance
            self.initial["amount"] = format_amount(row.amount_cents, row.currency)
            self.fields.pop("sku", None)

    def clean(self) -> dict[str, Any]:
        """With `amount_cents`. Problems stand at their inputs."""
        data = super().clean() or self.cleaned_data
        currency = data.get("currency") or self.instance.currency
        if "amount" in data:
            try:
                data["amount_cents"] = parse_amount(data["amount"], currency)
            except MoneyError as error:
                self.add_error("currency" if "currency" in data else "amount", error.detail)
        return data


@admin.register(Price, site=store_admin)
class PriceAdmin(ServiceAdmin):
    """The prices on the lists, a page at a time."""

    form = PriceForm
    list_display = ("sku_of", "product", "price_list", "currency", "amount_of", "min_quantity")
    list_filter = ("price_list", "currency")
    list_select_related = ("variant__product", "price_list")
    search_fields = ("variant__sku",)
    search_help_text = "SKU"
    ordering = ("price_list", "id")
    show_full_result_count = False
    fields = ("price_list", "sku", "currency", "amount", "min_quantity")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Price]:
        """Those of variants that are not deleted."""
        rows: QuerySet[Price] = super().get_queryset(request)
        return rows.filter(variant__deleted_at=None)

    @admin.display(description="SKU")
    def sku_of(self, price: Price) -> str:
        """The variant's."""
        return price.variant.sku

    @admin.display(description="Product")
    def product(self, price: Price) -> str:
        """What it is called."""
        return price.variant.product.name

    @admin.display(description="Price")
    def amount_of(self, price: Price) -> str:
        """In the main unit."""
        return format_amount(price.amount_cents, price.currency)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Of a price that is there only the amount changes."""
        if obj is None:
            return self.fields
        shown = "amount" if self.has_change_permission(request, obj) else "amount_of"
        return ("price_list", "sku_of", "currency", shown, "min_quantity")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What says which price it is, stays."""
        return ("price_list", "sku_of", "currency", "min_quantity", "amount_of") if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Price, form: BaseModelForm[Any], change: bool
    ) -> None:
        """Set it."""
        data = form.cleaned_data
        row = PriceRow(
            sku=obj.variant.sku if change else data["sku"].strip(),
            vendor_id=obj.variant.vendor_id if change else None,
            currency=obj.currency,
            amount_cents=data["amount_cents"],
            min_quantity=obj.min_quantity,
        )
        set_list_prices(code=obj.price_list.code, rows=[row])
        if not change:
            kept = Price.objects.filter(price_list=obj.price_list, currency=row.currency)
            kept = kept.filter(variant__sku=row.sku, variant__deleted_at=None)
            kept_one = kept.select_related("variant").get(min_quantity=row.min_quantity)
            obj.pk, obj.variant = kept_one.pk, kept_one.variant

    def delete_model(self, request: HttpRequest, obj: Price) -> None:
        """Take it off the list."""
        delete_list_prices(
            code=obj.price_list.code,
            skus=[obj.variant.sku],
            vendor_id=obj.variant.vendor_id,
            currency=obj.currency,
            min_quantity=obj.min_quantity,
        )

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Price]) -> None:
        """Take them off their lists, one by one."""
        for price in queryset.select_related("variant", "price_list"):
            self.delete_model(request, price)
