"""Stores and domains, on the operators' admin site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from unfold.admin import ModelAdmin, TabularInline
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.common.admin import platform_admin
from apps.common.errors import DomainError
from apps.tenancy.admin_forms import BRANDING, DeleteForm, DomainForm, StoreForm, SuspendForm
from apps.tenancy.downloads import download
from apps.tenancy.exports import export_of
from apps.tenancy.models import Domain, Store, StoreStatus
from apps.tenancy.selectors import counts_by_status, get_store
from apps.tenancy.services.change_domains import add_domain, make_primary, remove_domain
from apps.tenancy.services.create_store import create_store
from apps.tenancy.services.delete_store import delete_store, undelete_store
from apps.tenancy.services.export_store import request_export
from apps.tenancy.services.suspend_store import reactivate_store, suspend_store
from apps.tenancy.services.update_store import PLAIN, update_store

_SUSPEND: Any = {
    "title": "Suspend this store",
    "description": "Its next request is refused. What it owes waits until it serves again.",
    "form_class": SuspendForm,
    "form_submit_text": "Suspend",
}
_DELETE: Any = {
    "title": "Delete this store",
    "description": "It stops serving at once. Schema and files are erased when the grace time is "
    "over; until then it can be had back.",
    "form_class": DeleteForm,
    "form_submit_text": "Delete",
}
_REACTIVATE: Any = {
    "title": "Let this store serve again",
    "description": "From its next request on; what has waited is taken up within seconds.",
    "form_class": None,
    "form_submit_text": "Reactivate",
}
_UNDELETE: Any = {
    "title": "Have this store back",
    "description": "As it was before it was deleted: serving, or suspended.",
    "form_class": None,
    "form_submit_text": "Undelete",
}
_EXPORT: Any = {
    "title": "Export this store",
    "description": "A worker writes all of its rows and files into one file, which can then be "
    "downloaded here for a limited time. It holds people's data. A former file is erased.",
    "form_class": None,
    "form_submit_text": "Export",
}
# The steps that make sense for a store of each status; the others' buttons are not there.
_STEPS = {
    StoreStatus.ACTIVE: {"suspend_one", "delete_one"},
    StoreStatus.SUSPENDED: {"reactivate_one", "delete_one"},
    StoreStatus.DELETING: {"undelete_one"},
}


class DomainInline(TabularInline):
    """The store's host names. A former primary one answers until it is removed."""

    model = Domain
    form = DomainForm
    fields = ["domain", "is_primary"]
    extra = 0


@admin.register(Store, site=platform_admin)
class StoreAdmin(ModelAdmin):
    """Create, brand, suspend, delete. Every change goes through the services."""

    form = StoreForm
    list_display = [
        "show_name",
        "show_domain",
        "default_currency",
        "show_status",
        "show_sandbox",
        "created_at",
    ]
    list_filter = ["status", "is_sandbox", "default_currency"]
    search_fields = ["name", "slug", "domains__domain"]
    list_before_template = "tenancy/store_counts.html"
    actions = ["suspend", "activate"]
    actions_detail = ["suspend_one", "reactivate_one", "delete_one", "undelete_one"]
    actions_detail += ["export_one", "download_export"]
    inlines = [DomainInline]
    readonly_fields = [
        "show_status",
        "suspended_reason",
        "delete_after",
        "show_export",
        "created_at",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Store]:
        """With the domains that the list shows."""
        return super().get_queryset(request).prefetch_related("domains")

    def get_fieldsets(self, request: HttpRequest, obj: Store | None = None) -> Any:
        """What it is, how it works, how it looks, and, once it is there, how it stands."""
        tab = {"classes": ["tab"]}
        fieldsets = [
            (None, {"fields": ["name", "slug", "is_sandbox", *PLAIN[1:]]}),
            (
                "Settings",
                {
                    **tab,
                    "fields": [
                        "registration",
                        "mfa_required_roles",
                        "cors_origins",
                        "rate_limits",
                        "custom",
                    ],
                },
            ),
            ("Branding", {**tab, "fields": list(BRANDING)}),
        ]
        life = ("Life", {**tab, "fields": self.readonly_fields})
        return [*fieldsets, life] if obj else fieldsets

    def get_form(
        self, request: HttpRequest, obj: Store | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form names its own fields, some of which are no columns."""
        return super().get_form(request, obj, change, **{**kwargs, "fields": StoreForm.Meta.fields})

    @display(description="Store", header=True, ordering="name")
    def show_name(self, store: Store) -> list[str]:
        """The name above the slug."""
        return [store.name, store.slug]

    @display(description="Domain")
    def show_domain(self, store: Store) -> str:
        """The primary host name."""
        return store.ref.domain

    @display(
        description="Status",
        label={"Active": "success", "Suspended": "warning", "Deleting": "danger"},
    )
    def show_status(self, store: Store) -> str:
        """The status as a coloured label."""
        return StoreStatus(store.status).label

    @display(description="Sandbox", label={"Sandbox": "info"})
    def show_sandbox(self, store: Store) -> str:
        """Whether it sells for real."""
        return "Sandbox" if store.is_sandbox else ""

    @display(description="Export")
    def show_export(self, store: Store) -> str:
        """How the export stands, and until when it can be downloaded."""
        export = export_of(store)
        if export is None:
            return "None"
        if export.expires_at is None or export.size_bytes is None:
            return f"{export.status.capitalize()}, asked for {date_format(export.requested_at)}"
        until = date_format(localtime(export.expires_at), "DATETIME_FORMAT")
        return f"Ready, {filesizeformat(export.size_bytes)}, until {until}"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """With how many stores there are of each status (TEN-09)."""
        counts = [
            {
                "label": f"{StoreStatus(status).label} stores",
                "count": count,
                "href": f"?status__exact={status}",
            }
            for status, count in counts_by_status().items()
        ]
        return super().changelist_view(request, {**(extra_context or {}), "store_counts": counts})

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """The buttons of what can be done with this store as it stands."""
        store = Store.objects.filter(pk=object_id).first()
        export = export_of(store) if store else None
        offered = {"export_one", *(_STEPS[StoreStatus(store.status)] if store else ())}
        if export is not None and export.status == "ready":
            offered.add("download_export")
        actions = super().get_actions_detail(request, object_id)
        return [action for action in actions if action.path in offered]

    def get_readonly_fields(self, request: HttpRequest, obj: Store | None = None) -> list[str]:
        """The slug names the schema and stays, and a sandbox never sells for real."""
        return [*self.readonly_fields, "slug", "is_sandbox"] if obj else self.readonly_fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A store is deleted by its own action, with a time of grace."""
        return False

    def save_model(self, request: HttpRequest, obj: Store, form: Any, change: bool) -> None:
        """Create or change through the service."""
        data = form.cleaned_data
        plain = {name: data[name] for name in PLAIN}
        if change:
            changes = {name: value for name, value in plain.items() if name in form.changed_data}
            saved = update_store(obj.slug, **changes, **form.wanted())
        else:
            plain["currency"] = plain.pop("default_currency")
            further = {"slug": data["slug"], "is_sandbox": data["is_sandbox"]}
            saved = create_store(**further, **plain, **form.wanted())
        obj.__dict__ |= saved.__dict__

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Add, remove and prefer host names through the services."""
        slug = form.instance.slug
        # What admin's history reads; the audit log tells more.
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        gone = [row for row in formset.deleted_forms if row.instance.pk is not None]
        for row in formset.forms:
            if row in formset.deleted_forms or not row.has_changed():
                continue
            name, primary = row.instance.domain, row.cleaned_data["is_primary"]
            if row.instance.pk is None:
                add_domain(slug, domain=name, primary=primary)
            elif primary:
                make_primary(slug, domain=name)
        for row in gone:
            remove_domain(slug, domain=row.instance.domain)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A refusal of the service is a message above the form, not an error page."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as error:
            messages.error(request, error.detail)
            request.method = "GET"
            return super().changeform_view(request, *args, **kwargs)

    @admin.action(description="Suspend the chosen stores", permissions=["change"])
    def suspend(self, request: HttpRequest, chosen: QuerySet[Store]) -> None:
        """Their next request is refused."""
        self._each(
            request, chosen, lambda slug: suspend_store(slug, reason="Suspended by the platform.")
        )

    @admin.action(description="Let the chosen stores serve again", permissions=["change"])
    def activate(self, request: HttpRequest, chosen: QuerySet[Store]) -> None:
        """They serve from the next request on."""
        self._each(request, chosen, reactivate_store)

    @action(
        description="Suspend",
        permissions=["change"],
        icon="pause_circle",
        variant=ActionVariant.WARNING,
        dialog=_SUSPEND,
    )
    def suspend_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """With a reason."""
        return self._one(
            request, object_id, lambda slug: suspend_store(slug, reason=form.cleaned_data["reason"])
        )

    @action(
        description="Reactivate",
        permissions=["change"],
        icon="play_circle",
        variant=ActionVariant.SUCCESS,
        dialog=_REACTIVATE,
    )
    def reactivate_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """It serves from the next request on."""
        return self._one(request, object_id, reactivate_store)

    @action(
        description="Delete",
        permissions=["change"],
        icon="delete",
        variant=ActionVariant.DANGER,
        dialog=_DELETE,
    )
    def delete_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """After its slug was typed."""
        return self._one(request, object_id, delete_store)

    @action(
        description="Undelete",
        permissions=["change"],
        icon="restore_from_trash",
        dialog=_UNDELETE,
    )
    def undelete_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """As it was before."""
        return self._one(request, object_id, undelete_store)

    # Named by a method: unfold looks a name with a dot up in a table, before there are tables.
    def has_backup_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Who may have a whole store in a file."""
        return "stores.backup" in getattr(request.user, "permissions", ())

    @action(
        description="Export",
        permissions=["backup"],
        icon="archive",
        dialog=_EXPORT,
    )
    def export_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """By a worker; the page says when it is ready."""

        def begin(slug: str) -> str:
            request_export(slug)
            return "is being exported: reload the page in a while"

        return self._one(request, object_id, begin)

    @action(description="Download export", permissions=["backup"], icon="download")
    def download_export(self, request: HttpRequest, object_id: str) -> Any:
        """The file, or a message where there is none."""
        store = Store.objects.filter(pk=object_id).first()
        try:
            return download(get_store(store.slug if store else ""))
        except DomainError as error:
            messages.error(request, error.detail)
            return self._back_to(request, object_id)

    def _one(
        self, request: HttpRequest, object_id: str, change: Callable[[str], Store | str]
    ) -> HttpResponse:
        self._each(request, Store.objects.filter(pk=object_id), change)
        return self._back_to(request, object_id)

    def _back_to(self, request: HttpRequest, object_id: str) -> HttpResponse:
        page = reverse(f"{self.admin_site.name}:tenancy_store_change", args=[object_id])
        if "HX-Request" in request.headers:
            return HttpResponse(headers={"HX-Redirect": page})
        return HttpResponseRedirect(page)

    def _each(
        self, request: HttpRequest, chosen: QuerySet[Store], change: Callable[[str], Store | str]
    ) -> None:
        for store in chosen:
            try:
                changed = change(store.slug)
            except DomainError as error:
                messages.error(request, f"{store.name}: {error.detail}")
            else:
                told = changed if isinstance(changed, str) else _status_now(changed)
                messages.success(request, f"{store.name} {told}.")


def _status_now(store: Store) -> str:
    return f"is {StoreStatus(store.status).label.lower()} now"
