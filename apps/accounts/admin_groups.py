"""Groups of customers in the store's admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from apps.accounts.models import CustomerGroup
from apps.accounts.services.save_customer_group import (
    create_customer_group,
    delete_customer_group,
    rename_customer_group,
)
from apps.common.admin import store_admin
from apps.common.errors import DomainError


@admin.register(CustomerGroup, site=store_admin)
class CustomerGroupAdmin(ModelAdmin):
    """Who pays prices of their own; people come into a group on their own page."""

    list_display = ("name", "code", "show_members")
    search_fields = ("name", "code")
    fields = ("name", "code")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomerGroup]:
        """With the number of people."""
        rows: QuerySet[CustomerGroup] = super().get_queryset(request)
        return rows.annotate(people=Count("members"))

    @admin.display(description="People", ordering="people")
    def show_members(self, group: Any) -> int:
        """How many are in it."""
        return int(group.people)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Prices name the code, so it stays."""
        return ("code",) if obj else ()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A refusal of the service is a message above the form, not an error page."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as error:
            messages.error(request, error.detail)
            request.method = "GET"
            return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: CustomerGroup, form: Any, change: bool) -> None:
        """Create or rename it."""
        name = form.cleaned_data["name"]
        if change:
            rename_customer_group(code=obj.code, name=name)
        else:
            obj.pk = create_customer_group(code=form.cleaned_data["code"], name=name).pk

    def delete_model(self, request: HttpRequest, obj: CustomerGroup) -> None:
        """Take it away."""
        delete_customer_group(code=obj.code)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[CustomerGroup]) -> None:
        """Take them away, one by one."""
        for code in queryset.values_list("code", flat=True):
            delete_customer_group(code=code)
