"""What the admin pages of the rules of selling have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from apps.common.admin_forms import ServiceAdmin
from apps.common.errors import DomainError, FieldError


class RuleAdmin(ServiceAdmin):
    """Rows that are deleted one by one, each with its reason to stay."""

    list_per_page = 50
    show_full_result_count = False

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The question; back to the row with the reason where a service refuses."""
        try:
            answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        except DomainError as error:
            messages.error(request, error.detail)
            return HttpResponseRedirect("../change/")
        return answer

    def get_actions(self, request: HttpRequest) -> Any:
        """Rows are deleted one by one, where each can say why it stays."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


def show_errors(
    form: forms.BaseForm,
    errors: Sequence[FieldError],
    names: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Put each problem at its input; those of no input stand above the form.

    names: what the form calls a field, where that is something else.
    """
    for error in errors:
        name, _, rest = error.field.partition(".")
        name = names.get(name, name)
        detail = f"{rest}: {error.detail}" if rest and not rest.isdigit() else error.detail
        if name in form.fields:
            form.add_error(name, detail)
        else:
            form.add_error(None, f"{name}: {error.detail}")
