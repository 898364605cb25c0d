"""Tax rates, shipping and markets in the store's admin (PEER-03, PEER-21, PEER-30)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import StackedInline

from apps.common.admin import store_admin
from apps.common.vendor_scope import CHOICES_ONLY, VendorView, vendor_scope
from apps.orders.admin_rules_base import RuleAdmin, show_errors
from apps.orders.admin_rules_fields import (
    AmountsField,
    LinesField,
    WordsField,
    rates_as_text,
    rates_of_text,
)
from apps.orders.models import Market, ShippingMethod, ShippingZone, TaxRate
from apps.orders.rule_checks import check_countries, check_currencies, check_rates
from apps.orders.services import save_market, save_shipping_method, save_tax_rate, save_zone
from apps.orders.tax_checks import check_rate, normal_rate

_COUNTRIES = "Two-letter codes with commas between them: DE, AT, CH"


class TaxRateForm(forms.ModelForm[TaxRate]):
    """A rate for a place."""

    class Meta:
        model = TaxRate
        fields = save_tax_rate.FIELDS
        help_texts = {
            "country": "Two-letter code, such as DE",
            "state": "Empty: all of the country",
            "postal_prefix": "How the postal codes begin; empty: all of them",
            "category": "A product's tax category; empty: the standard rate; shipping: of shipping",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.percent is not None:
            # 19 and not 19.0000, as the list shows it.
            self.initial["percent"] = f"{self.instance.percent.normalize():f}"

    def clean(self) -> dict[str, Any]:
        """Problems at their inputs."""
        data = super().clean() or self.cleaned_data
        data["country"] = data.get("country", "").upper()
        if not self.errors:
            show_errors(self, check_rate(normal_rate(TaxRate(**data))))
        return data


@admin.register(TaxRate, site=store_admin)
class TaxRateAdmin(RuleAdmin):
    """Tax rates by place and category."""

    form = TaxRateForm
    list_display = ("name", "country", "state", "postal_prefix", "category", "rate", "is_active")
    list_filter = ("country", "category", "is_active")
    search_fields = ("name", "country", "state", "postal_prefix")
    fields = (
        ("name", "percent"),
        ("country", "state"),
        ("postal_prefix", "category"),
        "is_active",
    )

    @admin.display(description="Rate", ordering="percent")
    def rate(self, row: TaxRate) -> str:
        """In per cent."""
        return f"{row.percent.normalize():f} %"

    def save_model(self, request: HttpRequest, obj: TaxRate, form: Any, change: bool) -> None:
        """Create or change it."""
        data = {name: form.cleaned_data[name] for name in save_tax_rate.FIELDS}
        if change:
            save_tax_rate.update_tax_rate(rate_id=obj.pk, changes=data)
        else:
            obj.pk = save_tax_rate.create_tax_rate(**data).pk

    def delete_model(self, request: HttpRequest, obj: TaxRate) -> None:
        """Forget it."""
        save_tax_rate.delete_tax_rate(rate_id=obj.pk)


class MethodForm(forms.ModelForm[ShippingMethod]):
    """A shipping method; its rate table and what is free are typed line by line."""

    rates = LinesField(
        rows=4,
        required=True,
        help_text="A price a line: “EUR: 4.90”. By weight “EUR from 5000: 9.90” (grams), by price "
        "“EUR from 50.00: 0”. The last line that a parcel reaches decides",
    )
    free_from = AmountsField(
        rows=2, help_text="The goods' price from which it costs nothing: “EUR 50.00”"
    )

    class Meta:
        model = ShippingMethod
        fields = ("zone", "vendor", *save_shipping_method.FIELDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        if not row._state.adding:
            self.initial["rates"] = rates_as_text(row.rates, row.basis)
            # Whose it is and where it serves never changes.
            for name in {"zone", "vendor"} & self.fields.keys():
                self.fields[name].disabled = True
        if "vendor" in self.fields:
            self.fields["vendor"].help_text = "Whose goods alone it carries; empty: the store's"

    def clean(self) -> dict[str, Any]:
        """The rate table, read as the basis says. Problems at their inputs."""
        data = super().clean() or self.cleaned_data
        if "rates" in data and "basis" in data:
            try:
                data["rates"] = rates_of_text(data["rates"], data["basis"])
                show_errors(self, check_rates(data["basis"], data["rates"]))
            except forms.ValidationError as error:
                self.add_error("rates", error)
        first, last = data.get("min_days"), data.get("max_days")
        if first is not None and last is not None and first > last:
            self.add_error("max_days", "The latest day cannot be before the earliest.")
        return data

    def service_data(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in save_shipping_method.FIELDS}


_METHOD_FIELDS = (
    ("code", "name"),
    ("basis", "max_weight_grams"),
    ("rates", "free_from"),
    ("min_days", "max_days"),
    ("description", "position"),
    "is_active",
)


class MethodInline(StackedInline):
    """The methods of a zone."""

    model = ShippingMethod
    form = MethodForm
    extra = 0
    fields = (*_METHOD_FIELDS[:-1], ("vendor", "is_active"))


@admin.register(ShippingMethod, site=store_admin)
class ShippingMethodAdmin(RuleAdmin):
    """All shipping methods; a vendor's people keep their own."""

    for_vendors = VendorView(
        path="vendor_id",
        may=frozenset({"view", "add", "change", "delete"}),
        filters=("basis", "is_active"),
    )

    form = MethodForm
    list_display = ("name", "code", "zone", "vendor", "basis", "prices", "is_active")
    list_filter = ("zone", "basis", "is_active")
    list_select_related = ("zone", "vendor")
    search_fields = ("name", "code")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Vendors are not asked whose it is."""
        owner = ("zone",) if vendor_scope(request) is not None else (("zone", "vendor"),)
        return (*owner, *_METHOD_FIELDS)

    @admin.display(description="Prices")
    def prices(self, row: ShippingMethod) -> str:
        """The table on one line."""
        lines = rates_as_text(row.rates, row.basis).splitlines()
        return " · ".join(lines[:3]) + (" …" if len(lines) > 3 else "")

    def save_model(
        self, request: HttpRequest, obj: ShippingMethod, form: Any, change: bool
    ) -> None:
        """Create or change it."""
        scope = vendor_scope(request)
        if change:
            save_shipping_method.update_shipping_method(
                method_id=obj.pk, changes=form.service_data(), vendor_id=scope
            )
            return
        owner = form.cleaned_data.get("vendor")
        obj.pk = save_shipping_method.create_shipping_method(
            zone_id=form.cleaned_data["zone"].pk,
            vendor_id=scope or (owner.pk if owner else None),
            **form.service_data(),
        ).pk

    def delete_model(self, request: HttpRequest, obj: ShippingMethod) -> None:
        """Forget it."""
        save_shipping_method.delete_shipping_method(
            method_id=obj.pk, vendor_id=vendor_scope(request)
        )


class ZoneForm(forms.ModelForm[ShippingZone]):
    """The places of a zone."""

    countries = WordsField(upper=True, help_text=f"{_COUNTRIES}. None: everywhere else")
    states = WordsField(help_text="Only these states: CA, OR")
    postal_prefixes = WordsField(upper=True, help_text="Only postal codes that begin so: 10, SW1A")

    class Meta:
        model = ShippingZone
        fields = save_zone.FIELDS

    def clean(self) -> dict[str, Any]:
        """Problems at their inputs."""
        data = super().clean() or self.cleaned_data
        show_errors(self, check_countries(data.get("countries", [])))
        return data


@admin.register(ShippingZone, site=store_admin)
class ShippingZoneAdmin(RuleAdmin):
    """Zones with their methods; vendors choose one for a method of theirs."""

    for_vendors = CHOICES_ONLY

    form = ZoneForm
    list_display = ("name", "places")
    search_fields = ("name",)
    fields = ("name", "countries", ("states", "postal_prefixes"))
    inlines = (MethodInline,)

    @admin.display(description="Places")
    def places(self, row: ShippingZone) -> str:
        """On one line."""
        words = [*row.countries[:10], *row.states[:5], *row.postal_prefixes[:5]]
        return ", ".join(words) or "Everywhere else"

    def save_model(self, request: HttpRequest, obj: ShippingZone, form: Any, change: bool) -> None:
        """Create or change it."""
        data = {name: form.cleaned_data[name] for name in save_zone.FIELDS}
        if change:
            save_zone.update_zone(zone_id=obj.pk, changes=data)
        else:
            obj.pk = save_zone.create_zone(**data).pk

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Create, change and delete its methods."""
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        for row in formset.forms:
            if not row.has_changed():
                continue
            if row in formset.deleted_forms:
                if row.instance._state.adding:
                    continue
                save_shipping_method.delete_shipping_method(method_id=row.instance.pk)
                formset.deleted_objects.append(row.instance)
            elif row.instance._state.adding:
                owner = row.cleaned_data.get("vendor")
                made = save_shipping_method.create_shipping_method(
                    zone_id=form.instance.pk,
                    vendor_id=owner.pk if owner else None,
                    **row.service_data(),
                )
                formset.new_objects.append(made)
            else:
                changed = save_shipping_method.update_shipping_method(
                    method_id=row.instance.pk, changes=row.service_data()
                )
                formset.changed_objects.append((changed, row.changed_data))

    def delete_model(self, request: HttpRequest, obj: ShippingZone) -> None:
        """Forget it and the store's methods in it."""
        save_zone.delete_zone(zone_id=obj.pk)


class MarketForm(forms.ModelForm[Market]):
    """A market's countries and currencies."""

    countries = WordsField(upper=True, help_text=_COUNTRIES)
    currencies = WordsField(
        upper=True, required=True, help_text="EUR, CHF. A cart begins with the first"
    )

    class Meta:
        model = Market
        fields = ("code", *save_market.FIELDS)

    def clean(self) -> dict[str, Any]:
        """Problems at their inputs."""
        data = super().clean() or self.cleaned_data
        errors = check_countries(data.get("countries", []))
        show_errors(self, errors + check_currencies(data.get("currencies", [])))
        return data


@admin.register(Market, site=store_admin)
class MarketAdmin(RuleAdmin):
    """Where the store sells."""

    form = MarketForm
    list_display = (
        "name",
        "code",
        "where",
        "currency_list",
        "prices_include_tax",
        "is_default",
        "is_active",
    )
    list_filter = ("is_active",)
    search_fields = ("name", "code")
    fields = (
        ("name", "code"),
        ("countries", "currencies"),
        ("prices_include_tax", "is_default"),
        "is_active",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Price lists and promotions know it by its code, which stays."""
        return ("code",) if obj else ()

    @admin.display(description="Countries")
    def where(self, row: Market) -> str:
        """On one line."""
        return ", ".join(row.countries[:10]) or "–"

    @admin.display(description="Currencies")
    def currency_list(self, row: Market) -> str:
        """On one line."""
        return ", ".join(row.currencies)

    def save_model(self, request: HttpRequest, obj: Market, form: Any, change: bool) -> None:
        """Create or change it."""
        data = {name: form.cleaned_data[name] for name in save_market.FIELDS}
        if change:
            save_market.update_market(code=obj.code, changes=data)
        else:
            obj.pk = save_market.create_market(code=form.cleaned_data["code"], **data).pk

    def delete_model(self, request: HttpRequest, obj: Market) -> None:
        """Forget it."""
        save_market.delete_market(code=obj.code)
