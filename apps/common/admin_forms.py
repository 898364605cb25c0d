"""What the forms of admin have in common."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.common.errors import DomainError


class ServiceAdmin(ModelAdmin):
    """Tells what a service refuses on the page instead of failing."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form; back to it with the reason where a service refuses."""
        try:
            answer: HttpResponse = super().changeform_view(
                request, object_id, form_url, extra_context
            )
        except DomainError as error:
            messages.error(request, error.errors[0].detail if error.errors else error.detail)
            return HttpResponseRedirect(request.get_full_path())
        return answer


def one_line(label: str | None = None, most: int = 200, help_text: str = "") -> forms.CharField:
    """A line of text that may be left empty."""
    return forms.CharField(
        label=label,
        max_length=most,
        required=False,
        help_text=help_text,
        widget=UnfoldAdminTextInputWidget(),
    )
