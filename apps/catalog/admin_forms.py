"""Forms of the admin pages: what staff type, handed to the services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from apps.catalog import admin_values
from apps.catalog.admin_place_pictures import PictureField, show_held
from apps.catalog.attributes import Definition
from apps.catalog.definitions import of_entity
from apps.catalog.definitions import of_type as attributes_of
from apps.catalog.models import Attribute, Category, Product, ProductType, Variant
from apps.common.context import current_store
from apps.common.money import MoneyError, format_amount, parse_amount

VARIANT_FIELDS = (
    "sku",
    "options",
    "barcode",
    "external_id",
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

    cost = forms.CharField(
        max_length=20,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="What it costs you; shoppers never see it",
    )

    class Meta:
        model = Variant
        fields = VARIANT_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["options"].widget = UnfoldAdminTextareaWidget(attrs={"rows": 1})
        if self.instance.cost_cents is not None:
            currency = current_store().default_currency
            self.initial["cost"] = format_amount(self.instance.cost_cents, currency)
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

    def clean_cost(self) -> int | None:
        """The cost in the subunit of the store's own currency."""
        if not self.cleaned_data["cost"]:
            return None
        try:
            return parse_amount(self.cleaned_data["cost"], current_store().default_currency)
        except MoneyError as error:
            raise forms.ValidationError(error.detail) from error

    def as_row(self) -> dict[str, Any]:
        """What the services take."""
        row = {name: self.cleaned_data[name] for name in VARIANT_FIELDS}
        row["price_cents"] = self.cleaned_data["price"]
        row["currency"] = current_store().default_currency
        row["cost_cents"] = self.cleaned_data["cost"]
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
    """A product's own fields, and an input for each attribute of its type (`for_type`)."""

    of_type: Sequence[Definition] = ()
    of_store: Sequence[Definition] = ()

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
            "product_type",
            "external_id",
            "tax_category",
            "is_active",
            "is_featured",
            "publish_at",
            "unpublish_at",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        self.initial = {
            **self.initial,
            **admin_values.initial("attribute", self.of_type, row.attributes),
            **admin_values.initial("own", self.of_store, row.custom_fields),
        }
        admin_values.offer_held(self.fields, "attribute", self.of_type, row.attributes)
        admin_values.offer_held(self.fields, "own", self.of_store, row.custom_fields)
        if "product_type" in self.fields:
            self.fields["product_type"].help_text = "Save to be asked for what the type has"
        for name in ("slug", "vendor"):
            if name in self.fields:
                self.fields[name].required = False

    @classmethod
    def for_type(cls, product_type: ProductType | None) -> type[ProductForm]:
        """The form with inputs for a type's attributes and the store's own fields."""
        of_type = attributes_of(product_type)
        of_store = of_entity(Attribute.Entity.PRODUCT_FIELD)
        members = admin_values.inputs("attribute", of_type)
        members |= admin_values.inputs("own", of_store)
        own = {"of_type": of_type, "of_store": of_store, "__module__": cls.__module__}
        return type("ProductForm", (cls,), {**members, **own})

    def clean(self) -> dict[str, Any]:
        """With `attributes` and `custom_fields` by code. Problems stand at their inputs."""
        data = super().clean() or self.cleaned_data
        active = bool(data.get("is_active"))
        row = self.instance
        attributes = admin_values.take(
            self, "attribute", self.of_type, row.attributes, field="attributes", demanded=active
        )
        fields = admin_values.take(
            self, "own", self.of_store, row.custom_fields, field="custom_fields"
        )
        begin, end = data.get("publish_at"), data.get("unpublish_at")
        if begin and end and begin >= end:
            self.add_error("unpublish_at", "The end has to be after the beginning.")
        return {**self.cleaned_data, "attributes": attributes, "custom_fields": fields}


class CategoryForm(forms.ModelForm[Category]):
    """A category; a blank slug is made of the name."""

    picture = PictureField()

    class Meta:
        model = Category
        fields = ("name", "slug", "parent", "description", "sort_order", "external_id")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        show_held(self)
        if "slug" in self.fields:
            self.fields["slug"].required = False
