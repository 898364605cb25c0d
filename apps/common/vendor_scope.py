"""What a vendor's people get of admin: their own rows of what is declared, and nothing else.

Every ModelAdmin that is registered with a site of ours stands behind `Guarded`, whether or not its
author thought of vendors. A model without a declaration (`for_vendors`) is closed to them; what a
declared one does not name (a filter, an inline, an action, a page) is closed too. Serves PEER-32,
ACC-11, T12.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from apps.common.ids import NO_VENDOR

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.contrib.admin.options import BaseModelAdmin

    _FieldsBase = BaseModelAdmin[Any]
    _AdminBase = ModelAdmin[Any]
else:
    _FieldsBase = _AdminBase = object

Rows = Callable[[QuerySet[Any], UUID], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class VendorView:
    """What a vendor's people get of a model.

    path: the lookup that leads from a row to its vendor's id; `rows`, where no lookup does, picks
    the rows of a vendor instead. may: which of view, add, change and delete; with none the rows
    are merely offered as choices in the forms of other models. inlines, filters, actions: those
    that they see. pages: names of URLs beside list, form and deletion.
    """

    path: str = ""
    rows: Rows | None = None
    may: frozenset[str] = frozenset({"view"})
    inlines: tuple[type[Any], ...] = ()
    filters: tuple[Any, ...] = ()
    actions: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()

    def of_vendor(self, rows: QuerySet[Any], vendor_id: UUID) -> QuerySet[Any]:
        """Those of `rows` that are the vendor's."""
        if self.rows is not None:
            return self.rows(rows, vendor_id)
        return rows.filter(**{self.path: vendor_id}) if self.path else rows.none()

    def holds(self, row: Model, vendor_id: UUID) -> bool:
        """Whether the row is the vendor's, as far as the path tells."""
        if not self.path:
            return self.rows is not None
        try:
            return bool(functools.reduce(getattr, self.path.split("__"), row) == vendor_id)
        except (AttributeError, ObjectDoesNotExist):
            return False


def everybodys(rows: QuerySet[Any], vendor_id: UUID) -> QuerySet[Any]:
    """For what belongs to no vendor and may be chosen by each, such as categories."""
    return rows


CHOICES_ONLY = VendorView(rows=everybodys, may=frozenset())


def vendor_scope(request: HttpRequest) -> UUID | None:
    """The only vendor whose rows this request may touch; None for the store's own staff.

    A user who does not say is taken for a vendor's without a vendor.
    """
    scope: UUID | None = getattr(request.user, "vendor_scope", NO_VENDOR)
    return scope


def view_of(site: Any, model: type[Model]) -> VendorView | None:
    """What the site shows vendors of a model; None is nothing."""
    registered = site._registry.get(model)
    view: VendorView | None = getattr(registered, "for_vendors", None)
    return view


def open_pages(site: Any) -> Iterator[str]:
    """The names of the URLs that vendors may open at all."""
    yield from ("index", "logout", "password_change", "password_change_done", "jsi18n")
    yield from ("autocomplete", "app_list", "search", "two_step", "sessions", "saved-filters")
    for model, registered in site._registry.items():
        view = getattr(registered, "for_vendors", None)
        if view is None or not view.may:
            continue
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        yield from (f"{name}_{page}" for page in ("changelist", "add", "change", "delete"))
        yield from view.pages


class _ScopedFields(_FieldsBase):
    """Form fields whose choices are the vendor's own rows."""

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> Any:
        """What a dropdown offers: to a vendor own rows, and none of a closed model."""
        vendor_id = vendor_scope(request)
        if vendor_id is None:
            return super().get_field_queryset(db, db_field, request)
        other = db_field.remote_field.model
        view = view_of(self.admin_site, other)
        rows = other._default_manager.all()
        return rows.none() if view is None else view.of_vendor(rows, vendor_id)

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        """Vendors choose from a plain list: the search behind autocomplete needs a page's right."""
        if vendor_scope(request) is not None:
            return ()
        return super().get_autocomplete_fields(request)


class Guarded(_ScopedFields, _AdminBase):
    """Stands before every registered ModelAdmin; see the module. Staff pass through unchanged."""

    # Declared by the ModelAdmin behind.
    for_vendors: VendorView | None

    def _may(self, request: HttpRequest, step: str, row: Any = None) -> bool:
        vendor_id = vendor_scope(request)
        if vendor_id is None:
            return True
        view = self.for_vendors
        if view is None or step not in view.may:
            return False
        return row is None or view.holds(row, vendor_id)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """A vendor's own rows."""
        rows = super().get_queryset(request)
        vendor_id = vendor_scope(request)
        if vendor_id is None:
            return rows
        return (
            rows.none() if self.for_vendors is None else self.for_vendors.of_vendor(rows, vendor_id)
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Closed models are not even named."""
        return self._may(request, "view") and bool(super().has_module_permission(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Where declared, own rows, and what the role may besides."""
        return self._may(request, "view", obj) and bool(super().has_view_permission(request, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Where declared, and what the role may besides."""
        return self._may(request, "add") and bool(super().has_add_permission(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Where declared, own rows, and what the role may besides."""
        allowed = self._may(request, "change", obj)
        return allowed and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Where declared, own rows, and what the role may besides."""
        allowed = self._may(request, "delete", obj)
        return allowed and bool(super().has_delete_permission(request, obj))

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Those declared for vendors."""
        inlines: Any = super().get_inlines(request, obj)
        if vendor_scope(request) is None:
            return inlines
        shown = self.for_vendors.inlines if self.for_vendors else ()
        return [_scoped(inline) for inline in inlines if inline in shown]

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Those declared for vendors: a filter by relation would name everybody's rows."""
        if vendor_scope(request) is None:
            return super().get_list_filter(request)
        return self.for_vendors.filters if self.for_vendors else ()

    def get_actions(self, request: HttpRequest) -> Any:
        """Those declared for vendors, and deleting where that is."""
        actions = super().get_actions(request)
        if vendor_scope(request) is None:
            return actions
        view = self.for_vendors
        names = (*view.actions, "delete_selected") if view else ()
        return {name: action for name, action in actions.items() if name in names}


@functools.cache
def _scoped(inline: type[Any]) -> type[Any]:
    return type(inline.__name__, (_ScopedFields, inline), {"__module__": inline.__module__})


@functools.cache
def guarded(admin_class: type[Any]) -> type[Any]:
    """The class with the guard before it, which no method of its own can get around."""
    if issubclass(admin_class, Guarded):
        return admin_class
    members: dict[str, Any] = {"__module__": admin_class.__module__, "__doc__": admin_class.__doc__}
    if not hasattr(admin_class, "for_vendors"):
        members["for_vendors"] = None
    if getattr(admin_class, "list_before_template", None) is None:
        members["list_before_template"] = "common/saved_filters.html"
    return type(admin_class.__name__, (Guarded, admin_class), members)
