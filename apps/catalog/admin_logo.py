"""The store's logo on a page of admin: seen, replaced, taken away (DIG-10)."""

from __future__ import annotations

from typing import IO, Any, Final, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from apps.catalog.media.naming import sizes_of
from apps.catalog.services.create_product import default_vendor_id
from apps.catalog.services.keep_file import keep_picture
from apps.catalog.services.set_logo import set_logo
from apps.catalog.store_reads import logo_file
from apps.common.admin import Page, store_admin
from apps.common.errors import DomainError
from apps.common.storage import public_address

SLUG: Final = "store-logo"


def show_logo(site: Any, request: HttpRequest) -> HttpResponse:
    """The page; POST takes a file (`step=save`), or shows none any more (`step=remove`)."""
    if request.method == "POST":
        _change(request)
        return HttpResponseRedirect(request.path)
    file = logo_file()
    context = {
        **site.each_context(request),
        "title": "Store logo",
        "logo": file,
        "address": (sizes_of(file).get("320") or public_address(file.key)) if file else "",
    }
    return TemplateResponse(request, "catalog/store_logo.html", context)


def _change(request: HttpRequest) -> None:
    """What was asked for, and a word of what came of it."""
    file = request.FILES.get("file")
    if request.POST.get("step") == "remove":
        set_logo(file_id=None)
        messages.success(request, "The store has no logo any more.")
        return
    if file is None:
        messages.error(request, "Choose a picture.")
        return
    try:
        kept = keep_picture(
            cast("IO[bytes]", file.file),
            vendor_id=default_vendor_id(),
            file_name=file.name or "",
            created_by=request.user.pk,
        )
        set_logo(file_id=kept.pk)
    except DomainError as error:
        messages.error(request, error.errors[0].detail if error.errors else error.detail)
        return
    messages.success(request, "The logo was saved.")


store_admin.register_page(Page("catalog", SLUG, "Store logo", "settings.write", show_logo))
