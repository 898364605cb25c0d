"""Forms of the admin pages: what staff type, handed to the services."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from apps.catalog.models import Category, Product, Variant
from apps.common.context import current_store
from apps.common.money import MoneyError, format_amount, parse_amount

VARIANT_FIELDS = (
    "sku",
    "options",
    "barcode",
    "weight_grams",
    "requires_shipping",
    "track_inventory",
    "is_active",
)


class VariantForm(forms.ModelForm[Variant]):
    """A variant with its price in the store's own currency."""

    price = forms.CharField(
        max_length=20, widget=UnfoldAdminTextInputWidget, help_text="In the main unit: 19.99"
    )

    class Meta:
        model = Variant
        fields = VARIANT_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["options"].widget = UnfoldAdminTextareaWidget(attrs={"rows": 1})
        if self.instance.pk and not self.instance._state.adding:
            currency = current_store().default_currency
            own = [row for row in self.instance.prices.all() if row.currency == currency]
            if own:
                self.initial["price"] = format_amount(own[0].amount_cents, currency)

    def clean_options(self) -> dict[str, str]:
        """Names and values as text."""
        options = self.cleaned_data["options"] or {}
        plain = isinstance(options, dict) and all(
            isinstance(value, str) for value in options.values()
        )
        if not plain:
            raise forms.ValidationError('Write options as {"Size": "M"}.')
        return dict(options)

    def clean_price(self) -> int:
        """The price in the subunit."""
        try:
            return parse_amount(self.cleaned_data["price"], current_store().default_currency)
        except MoneyError as error:
            raise forms.ValidationError(error.detail) from error

    def as_row(self) -> dict[str, Any]:
        """What the services take."""
        row = {name: self.cleaned_data[name] for name in VARIANT_FIELDS}
        row["price_cents"] = self.cleaned_data["price"]
        row["currency"] = current_store().default_currency
        if self.initial.get("price"):
            before = list(self.instance.prices.all())
            row["compare_at_cents"] = next(
                (item.compare_at_cents for item in before if item.currency == row["currency"]),
                None,
            )
        if not self.instance._state.adding:
            row["id"] = self.instance.pk
        return row


class ProductForm(forms.ModelForm[Product]):
    """A product's own fields."""

    class Meta:
        model = Product
        fields = (
            "name",
            "slug",
            "vendor",
            "description",
            "brand",
            "categories",
            "tags",
            "is_active",
            "is_featured",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("slug", "vendor"):
            if name in self.fields:
                self.fields[name].required = False


class CategoryForm(forms.ModelForm[Category]):
    """A category; a blank slug is made of the name."""

    class Meta:
        model = Category
        fields = ("name", "slug", "parent", "description", "sort_order")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
