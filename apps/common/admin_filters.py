"""Saved filters on the lists of admin: each their own, one click away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_POST

from apps.common.errors import DomainError
from apps.common.models import SavedFilter
from apps.common.services.save_filter import forget_filter, save_filter


def filters_context(request: HttpRequest) -> dict[str, Any]:
    """What the template needs; asked in the database by pages that show it alone."""

    def mine() -> list[SavedFilter]:
        owner_id: UUID | None = getattr(request.user, "pk", None)
        if owner_id is None:
            return []
        return list(SavedFilter.objects.filter(owner_id=owner_id, path=request.path))

    return {"saved_filters": SimpleLazyObject(mine), "filters_query": request.GET.urlencode()}


@require_POST
def change_filters(request: HttpRequest) -> HttpResponse:
    """Save the filters of a page, or remove saved ones, and go back to the page."""
    path = _page(request.POST.get("path", ""))
    owner_id = UUID(str(request.user.pk))
    query = request.POST.get("query", "")
    if "remove" in request.POST:
        try:
            forget_filter(owner_id=owner_id, filter_id=UUID(request.POST["remove"]))
        except ValueError:
            messages.error(request, "There is no such filter.")
        return HttpResponseRedirect(path)
    try:
        saved = save_filter(
            owner_id=owner_id, path=path, name=request.POST.get("name", ""), query=query
        )
    except DomainError as error:
        messages.error(request, error.detail)
        return HttpResponseRedirect(path)
    messages.success(request, f"Saved as “{saved.name}”.")
    return HttpResponseRedirect(f"{path}?{saved.query}")


def _page(path: str) -> str:
    """The page of admin that was meant; never an address elsewhere."""
    try:
        known = path.startswith("/admin/") and len(path) <= 200 and bool(resolve(path))
    except Resolver404:
        known = False
    return path if known else "/admin/"
