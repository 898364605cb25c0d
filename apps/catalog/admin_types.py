"""Product types, attributes and collections in the store's admin (PEER-59, PEER-74, PEER-76).

Lists of parts are typed as lines of words, which people write faster than they click.
"""

from __future__ import annotations

import shlex
from typing import Any

from django import forms
from django.contrib import admin
from django.forms import BaseModelForm
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminTextareaWidget

from apps.catalog.admin_place_pictures import PictureField, PlacePictures, show_held, with_image
from apps.catalog.models import Attribute, Collection, CollectionProduct, ProductType
from apps.catalog.services.save_attribute import (
    create_attribute,
    delete_attribute,
    update_attribute,
)
from apps.catalog.services.save_collection import (
    ORDERINGS,
    create_collection,
    delete_collection,
    update_collection,
)
from apps.catalog.services.save_product_type import (
    create_product_type,
    delete_product_type,
    update_product_type,
)
from apps.common.admin import store_admin
from apps.common.admin_forms import ServiceAdmin
from apps.common.vendor_scope import CHOICES_ONLY

_FLAGS = {"true": True, "false": False}


class Lines(forms.Field):
    """Several parts, a line each; what `words` make of a line is one part."""

    def __init__(self, help_text: str) -> None:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 6})
        super().__init__(required=False, widget=widget, help_text=help_text)

    def to_python(self, value: Any) -> list[list[str]]:
        """The words of each line. Raises ValidationError."""
        try:
            return [shlex.split(line) for line in str(value or "").splitlines() if line.strip()]
        except ValueError as error:
            raise forms.ValidationError(f"A quote is not closed: {error}.") from error


class AttributeForm(forms.ModelForm[Attribute]):
    """An attribute; its choices are lines."""

    choices = Lines('A choice a line: value "Label" #rrggbb; label and colour may be left out')

    class Meta:
        model = Attribute
        fields = (
            "entity",
            "code",
            "name",
            "kind",
            "choices",
            "unit",
            "is_facetable",
            "is_public",
            "position",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.instance.choices
        self.initial["choices"] = "\n".join(
            shlex.join(filter(None, (row["value"], row["label"], row.get("colour", ""))))
            for row in held
        )

    def clean_choices(self) -> list[dict[str, str]]:
        """Value, label and colour of each."""
        rows = []
        for words in self.cleaned_data["choices"]:
            colour = words.pop() if len(words) > 1 and words[-1].startswith("#") else ""
            value, *label = words
            rows.append({"value": value, "label": " ".join(label), "colour": colour})
        return rows


@admin.register(Attribute, site=store_admin)
class AttributeAdmin(ServiceAdmin):
    """Attributes of product types, and the store's own fields."""

    form = AttributeForm
    list_display = ("name", "code", "entity", "kind", "is_facetable", "is_public")
    list_filter = ("entity", "kind", "is_facetable", "is_public")
    search_fields = ("name", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """These two are for good."""
        return ("entity", "code") if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Attribute, form: BaseModelForm[Any], change: bool
    ) -> None:
        """Create or update it."""
        if change:
            update_attribute(attribute_id=obj.pk, changes=form.cleaned_data)
        else:
            obj.pk = create_attribute(**form.cleaned_data).pk

    def delete_model(self, request: HttpRequest, obj: Attribute) -> None:
        """Delete one that is not in use."""
        delete_attribute(attribute_id=obj.pk)

    def get_actions(self, request: HttpRequest) -> Any:
        """One at a time."""
        return {}


class ProductTypeForm(forms.ModelForm[ProductType]):
    """A product type; its attributes are lines."""

    fields_ = Lines("An attribute's code a line; after it `required`, `axis` or both")

    class Meta:
        model = ProductType
        fields = ("code", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fields_"].label = "Attributes"
        self.initial["fields_"] = "\n".join(
            " ".join([row["attribute"], *(word for word in ("required", "axis") if row.get(word))])
            for row in self.instance.fields
        )

    def clean_fields_(self) -> list[dict[str, Any]]:
        """Each attribute with what it is here."""
        rows = []
        for code, *words in self.cleaned_data["fields_"]:
            if set(words) - {"required", "axis"}:
                raise forms.ValidationError(f"After {code} write `required`, `axis` or nothing.")
            rows.append({"attribute": code, **dict.fromkeys(words, True)})
        return rows


@admin.register(ProductType, site=store_admin)
class ProductTypeAdmin(ServiceAdmin):
    """Kinds of products."""

    form = ProductTypeForm
    for_vendors = CHOICES_ONLY
    list_display = ("name", "code")
    search_fields = ("name", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The code is for good."""
        return ("code",) if obj else ()

    def save_model(
        self, request: HttpRequest, obj: ProductType, form: BaseModelForm[Any], change: bool
    ) -> None:
        """Create or update it."""
        data = dict(form.cleaned_data)
        data["fields"] = data.pop("fields_")
        if change:
            update_product_type(code=obj.code, changes=data)
        else:
            obj.pk = create_product_type(**data).pk

    def delete_model(self, request: HttpRequest, obj: ProductType) -> None:
        """Delete one that no product has."""
        delete_product_type(code=obj.code)

    def get_actions(self, request: HttpRequest) -> Any:
        """One at a time."""
        return {}


class CollectionForm(forms.ModelForm[Collection]):
    """A collection; its rules are lines."""

    rules = Lines(
        "A rule a line: brand is Acme · tag is_not old · category is shirts · vendor is other · "
        "price below 1999 · created within 30 · in_stock is true · featured is true · "
        'option Size is M · attribute fabric is "merino wool"'
    )
    ordering = forms.ChoiceField(choices=[(one, one) for one in ORDERINGS])
    picture = PictureField()

    class Meta:
        model = Collection
        fields = (
            "name",
            "slug",
            "description",
            "is_active",
            "rules",
            "match_all",
            "ordering",
            "external_id",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        show_held(self)
        self.initial["rules"] = "\n".join(map(_as_line, self.instance.rules))

    def clean_rules(self) -> list[dict[str, Any]]:
        """The rules as the service takes them; what they mean it checks itself."""
        rows = []
        for words in self.cleaned_data["rules"]:
            named = words[0] in {"option", "attribute"}
            if len(words) != (4 if named else 3):
                raise forms.ValidationError(f"'{shlex.join(words)}' is no rule.")
            rule: dict[str, Any] = {"field": words[0], "operator": words[-2]}
            rule |= {"name": words[1]} if named else {}
            rows.append({**rule, "value": _typed(words[0], words[-1])})
        return rows


def _as_line(rule: dict[str, Any]) -> str:
    words = (rule["field"], rule.get("name", ""), rule["operator"])
    value = rule["value"]
    last = str(value).lower() if isinstance(value, bool) else str(value)
    return shlex.join([*filter(None, words), last])


def _typed(field: str, word: str) -> Any:
    if field in {"price", "created"} and word.isascii() and word.isdigit() and len(word) < 16:
        return int(word)
    return _FLAGS.get(word, word) if field in {"in_stock", "featured"} else word


class MemberInline(TabularInline):
    """What is put into a collection by hand."""

    model = CollectionProduct
    fields = ("product", "position")
    autocomplete_fields = ("product",)
    extra = 0
    max_num = 200

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the products at hand."""
        return super().get_queryset(request).select_related("product")


@admin.register(Collection, site=store_admin)
class CollectionAdmin(PlacePictures):
    """Products shown together, by hand or by rules."""

    form = CollectionForm
    inlines = [MemberInline]
    list_display = ("name", "slug", "is_active", "ordering")
    list_filter = ("is_active",)
    search_fields = ("name", "slug")

    def save_model(
        self, request: HttpRequest, obj: Collection, form: BaseModelForm[Any], change: bool
    ) -> None:
        """Nothing yet: a collection is saved together with what it holds."""

    def save_related(
        self, request: HttpRequest, form: BaseModelForm[Any], formsets: Any, change: bool
    ) -> None:
        """Create or update it with what both forms say."""
        (members,) = formsets
        # What admin's history reads.
        members.new_objects, members.changed_objects, members.deleted_objects = [], [], []
        gone = members.deleted_forms
        rows = [
            row.cleaned_data
            for row in members.forms
            if row not in gone and row.cleaned_data.get("product")
        ]
        rows = [row for row in rows if row["product"].deleted_at is None]
        rows.sort(key=lambda row: row["position"] or 0)
        data = {**with_image(form.cleaned_data), "products": [row["product"].pk for row in rows]}
        if not change:
            form.instance.pk = create_collection(**data).pk
            return
        before = form.initial["slug"]
        update_collection(slug=before, changes={**data, "slug": data["slug"] or before})

    def delete_model(self, request: HttpRequest, obj: Collection) -> None:
        """Delete it; its products stay."""
        delete_collection(slug=obj.slug)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The collections alone."""
        names = [str(row) for row in objs]
        return names, {"collections": len(names)}, set(), []

    def get_actions(self, request: HttpRequest) -> Any:
        """One at a time."""
        return {}
