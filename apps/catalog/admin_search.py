"""Search in the store's admin: synonyms, pins and boosts, and what was looked for (PEER-71)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.db.models import QuerySet
from django.forms import BaseModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.catalog.models import SearchLog, SearchRule, Synonym
from apps.catalog.services.save_search_rule import (
    create_search_rule,
    delete_search_rule,
    update_search_rule,
)
from apps.catalog.services.save_synonym import create_synonym, delete_synonym, update_synonym
from apps.common.admin import ReadOnly, store_admin
from apps.common.admin_forms import ServiceAdmin


class SynonymForm(forms.ModelForm[Synonym]):
    """Words with commas between them."""

    words = SimpleArrayField(
        forms.CharField(max_length=64),
        widget=UnfoldAdminTextInputWidget,
        help_text="With commas between them: sofa, couch, settee",
    )

    class Meta:
        model = Synonym
        fields = ("words", "one_way")


@admin.register(Synonym, site=store_admin)
class SynonymAdmin(ServiceAdmin):
    """Words that mean the same."""

    form = SynonymForm
    list_display = ("__str__", "one_way", "updated_at")
    list_filter = ("one_way",)
    search_fields = ("words",)

    def save_model(
        self, request: HttpRequest, obj: Synonym, form: BaseModelForm[Any], change: bool
    ) -> None:
        """Create or change it."""
        data = {name: form.cleaned_data[name] for name in ("words", "one_way")}
        if change:
            update_synonym(synonym_id=obj.pk, changes=data)
        else:
            obj.pk = create_synonym(**data).pk

    def delete_model(self, request: HttpRequest, obj: Synonym) -> None:
        """Forget it."""
        delete_synonym(synonym_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Synonym]) -> None:
        """Forget them, one by one."""
        for synonym_id in queryset.order_by("pk").values_list("pk", flat=True):
            delete_synonym(synonym_id=synonym_id)


@admin.register(SearchRule, site=store_admin)
class SearchRuleAdmin(ServiceAdmin):
    """Products put first for a query, and brands, categories or tags with more weight."""

    list_display = ("__str__", "product", "position", "token", "factor", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("product",)
    search_fields = ("query", "product__name", "token")
    autocomplete_fields = ("product",)
    fields = ("query", "product", "position", "token", "factor", "is_active")

    def save_model(
        self, request: HttpRequest, obj: SearchRule, form: BaseModelForm[Any], change: bool
    ) -> None:
        """Create or change it."""
        data = dict(form.cleaned_data)
        product = data.pop("product")
        data["product_id"] = product.pk if product else None
        if change:
            update_search_rule(rule_id=obj.pk, changes=data)
        else:
            obj.pk = create_search_rule(**data).pk

    def delete_model(self, request: HttpRequest, obj: SearchRule) -> None:
        """Forget it."""
        delete_search_rule(rule_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SearchRule]) -> None:
        """Forget them, one by one."""
        for rule_id in queryset.order_by("pk").values_list("pk", flat=True):
            delete_search_rule(rule_id=rule_id)


class InVain(admin.SimpleListFilter):
    """Whether somebody found nothing."""

    title = "result"
    parameter_name = "result"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("none", "Nothing was found")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the choice."""
        return queryset.filter(without_result__gt=0) if self.value() == "none" else queryset


@admin.register(SearchLog, site=store_admin)
class SearchLogAdmin(ReadOnly, ModelAdmin):
    """What shoppers looked for, by day: a synonym may help where nothing was found."""

    list_display = ("day", "query", "searches", "without_result")
    list_filter = (InVain,)
    search_fields = ("query",)
    date_hierarchy = "day"
    ordering = ("-day", "-searches", "-id")
    show_full_result_count = False
