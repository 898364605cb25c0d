"""The audit log in admin: searchable, with names, and nothing to change (ANA-01, PEER-84)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.admin import DateFieldListFilter
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display

from apps.accounts.audit_reads import actor_names, short_actor
from apps.accounts.models import AuditAction, AuditEntry
from apps.common.admin import ReadOnly, platform_admin, store_admin

_MOST_COUNTED = 10_000
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOTHING = "–"


class CappedPaginator(Paginator[Any]):
    """Counts no further than 10,000: search narrows, counting years does not help anybody."""

    @cached_property
    def count(self) -> int:
        """How many there are, at most 10,000."""
        rows: Any = self.object_list
        return int(rows.order_by()[:_MOST_COUNTED].count())


class AuditEntryAdmin(ReadOnly, ModelAdmin):
    """Who changed what, from what to what, from where."""

    list_display = ["at", "show_actor", "show_action", "show_entity", "show_changed", "show_call"]
    list_filter = ["action", ("at", DateFieldListFilter)]
    search_fields = ["=entity_type", "=entity_id", "=actor", "=request_id", "operation__startswith"]
    search_help_text = "A table, an object's id, user:<id>, a request id, or how a call begins."
    fields = [
        "at",
        "show_actor",
        "operation",
        "address",
        "request_id",
        "show_action",
        "show_entity",
        "show_values",
    ]
    readonly_fields = fields
    ordering = ["-id"]
    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page of the list, its actors' names looked up at once."""
        page = super().get_changelist_instance(request)
        _name(page.result_list)
        return page

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> AuditEntry | None:
        """One entry, with the name of its actor."""
        entry = super().get_object(request, *args, **kwargs)
        _name([entry] if entry is not None else [])
        return entry

    @display(description="Who")
    def show_actor(self, entry: AuditEntry) -> str:
        """The name of the account; a short id where there is none any more."""
        return getattr(entry, "actor_name", "") or short_actor(entry.actor)

    @display(
        description="Did",
        ordering="action",
        label={"Added": "success", "Changed": "info", "Removed": "danger"},
    )
    def show_action(self, entry: AuditEntry) -> str:
        """The action as a coloured label."""
        return AuditAction(entry.action).label

    @display(description="To")
    def show_entity(self, entry: AuditEntry) -> SafeString | str:
        """What kind of object and the end of its id, leading to it where admin has a page."""
        model = _model_of(entry.entity_type)
        kind = str(model._meta.verbose_name) if model is not None else entry.entity_type
        text = f"{kind} …{entry.entity_id[-8:]}"
        if model is None or entry.action == AuditAction.DELETE or not self._has_page(model):
            return text
        name = f"{self.admin_site.name}:{model._meta.app_label}_{model._meta.model_name}_change"
        return format_html('<a href="{}">{}</a>', reverse(name, args=[entry.entity_id]), text)

    @display(description="Fields")
    def show_changed(self, entry: AuditEntry) -> str:
        """Which columns."""
        names = sorted({*entry.old_values, *entry.new_values})
        return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")

    @display(description="By")
    def show_call(self, entry: AuditEntry) -> str:
        """The call without the ids in it."""
        return _UUID.sub("…", entry.operation)

    @display(description="Values")
    def show_values(self, entry: AuditEntry) -> SafeString:
        """Before and after, a line per column."""
        names = sorted({*entry.old_values, *entry.new_values})
        rows = format_html_join(
            "",
            "<tr><th scope='row' class='font-normal pr-3 text-left'>{}</th>"
            "<td class='px-3'>{}</td><td class='px-3'>→</td><td class='px-3'>{}</td></tr>",
            (
                (name, _shown(entry.old_values.get(name)), _shown(entry.new_values.get(name)))
                for name in names
            ),
        )
        return format_html("<table>{}</table>", rows)

    def _has_page(self, model: type[Model]) -> bool:
        return self.admin_site.is_registered(model)


def _name(entries: Iterable[AuditEntry]) -> None:
    names = actor_names(entry.actor for entry in entries)
    for entry in entries:
        entry.actor_name = names[entry.actor]  # type: ignore[attr-defined]


def _model_of(table: str) -> type[Model] | None:
    found = (model for model in apps.get_models(include_auto_created=True))
    return next((model for model in found if model._meta.db_table == table), None)


def _shown(value: Any) -> str:
    return _NOTHING if value in (None, "") else str(value)


for site in (store_admin, platform_admin):
    site.register(AuditEntry, AuditEntryAdmin)
