"""Stores and domains, on the operators' admin site."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from apps.common.admin import platform_admin
from apps.common.errors import DomainError
from apps.common.money import EXPONENTS
from apps.tenancy.models import Domain, Store, StoreStatus
from apps.tenancy.services.create_store import create_store
from apps.tenancy.services.update_store import update_store


class DomainInline(TabularInline):
    """The store's host names."""

    model = Domain
    fields = ["domain", "is_primary"]
    readonly_fields = ["domain", "is_primary"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Domains come with the store; renaming them is the stores issue's."""
        return False


class StoreForm(forms.ModelForm[Store]):
    """Currencies to choose from rather than to type."""

    default_currency = forms.ChoiceField(
        choices=[(code, code) for code in sorted(EXPONENTS)], initial="USD"
    )

    class Meta:
        model = Store
        fields = ["name", "slug", "default_currency", "status", "settings"]


@admin.register(Store, site=platform_admin)
class StoreAdmin(ModelAdmin):
    """Create, rename, suspend. Every change goes through the services."""

    form = StoreForm
    list_display = ["name", "slug", "show_domain", "default_currency", "show_status", "created_at"]
    list_filter = ["status", "default_currency"]
    search_fields = ["name", "slug", "domains__domain"]
    actions = ["suspend", "activate"]
    inlines = [DomainInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Store]:
        """With the domains that the list shows."""
        return super().get_queryset(request).prefetch_related("domains")

    @display(description="Domain")
    def show_domain(self, store: Store) -> str:
        """The primary host name."""
        return store.ref.domain

    @display(description="Status", label={"Active": "success", "Suspended": "danger"})
    def show_status(self, store: Store) -> str:
        """The status as a coloured label."""
        return StoreStatus(store.status).label

    def get_readonly_fields(self, request: HttpRequest, obj: Store | None = None) -> list[str]:
        """The slug names the schema and stays."""
        return ["slug"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A store is suspended, never deleted from a list."""
        return False

    def save_model(self, request: HttpRequest, obj: Store, form: Any, change: bool) -> None:
        """Create or change through the service."""
        data = form.cleaned_data
        if change:
            changes = {name: data[name] for name in form.changed_data}
            update_store(obj.slug, **changes)
            return
        created = create_store(
            slug=data["slug"], name=data["name"], currency=data["default_currency"]
        )
        obj.__dict__.update(created.__dict__)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A refusal of the service is a message above the form, not an error page."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as error:
            messages.error(request, error.detail)
            request.method = "GET"
            return super().changeform_view(request, *args, **kwargs)

    @admin.action(description="Suspend the chosen stores")
    def suspend(self, request: HttpRequest, chosen: QuerySet[Store]) -> None:
        """Their next request is refused."""
        self._set_status(request, chosen, StoreStatus.SUSPENDED)

    @admin.action(description="Let the chosen stores serve again")
    def activate(self, request: HttpRequest, chosen: QuerySet[Store]) -> None:
        """They serve from the next request on."""
        self._set_status(request, chosen, StoreStatus.ACTIVE)

    def _set_status(
        self, request: HttpRequest, chosen: QuerySet[Store], status: StoreStatus
    ) -> None:
        for store in chosen:
            update_store(store.slug, status=status)
        messages.success(request, f"{len(chosen)} stores are {status.label.lower()} now.")
