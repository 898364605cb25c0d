"""Vendors by name in the pages of people: accounts knows their ids, and asks who knows more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from unfold.decorators import display
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminSelectWidget

from apps.accounts.ports import vendors
from apps.common.context import current_store

if TYPE_CHECKING:
    _AdminBase = ModelAdmin[Any]
else:
    _AdminBase = object


def vendor_field() -> forms.TypedChoiceField:
    """A choice among the store's vendors; the operators' host has none."""
    known = [] if current_store().is_public else vendors().choices()
    return forms.TypedChoiceField(
        label="Vendor",
        choices=[("", "–"), *((str(key), name) for key, name in known)],
        coerce=UUID,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="For a vendor's people alone.",
    )


class NamedVendors(_AdminBase):
    """Mixed into an admin whose rows have a `vendor_id`: shown as a name, one query per page."""

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list, with the vendors' names noted on its rows."""
        page: ChangeList = super().get_changelist_instance(request)
        rows: list[Any] = list(page.result_list)
        names = vendors().names({row.vendor_id for row in rows if row.vendor_id is not None})
        for row in rows:
            row.vendor_name = names.get(row.vendor_id, "–")
        return page

    @display(description="Vendor")
    def show_vendor(self, row: Any) -> str:
        """The vendor's name."""
        if not hasattr(row, "vendor_name"):
            names = vendors().names([row.vendor_id]) if row.vendor_id is not None else {}
            row.vendor_name = names.get(row.vendor_id, "–")
        return str(row.vendor_name)
