"""What the catalog's admin pages have in common."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin

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


class KeptAdmin(ServiceAdmin):
    """What products refer to is not deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False
