"""Import a file on a page of admin: send, look, map the columns, try, import, mend (CAT-16)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import PurePath
from typing import Any, BinaryIO, Final, cast
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from apps.catalog.import_reads import (
    get_import,
    refused_file,
    vendor_to_import,
    visible_imports,
)
from apps.catalog.importing.dialects import NAMES
from apps.catalog.importing.preview import Preview, preview
from apps.catalog.importing.types import ImportFileError
from apps.catalog.models import ImportRun, RunStatus, Vendor
from apps.catalog.services.import_products import MATCHES
from apps.catalog.services.request_import import cancel_import, request_import_of_file
from apps.catalog.services.scan_file import scan_file
from apps.common import storage
from apps.common.admin import Page, store_admin
from apps.common.errors import DomainError
from apps.common.ids import uuid7
from apps.common.uploads import check_csv
from apps.common.vendor_scope import vendor_scope

SLUG: Final = "import-products"
_SALT: Final = "catalog.import"
_HOURS_KEPT: Final = 20
_ONLY: Final = ("", "prices", "stock", "prices,stock")


def show_import(site: Any, request: HttpRequest) -> HttpResponse:
    """Every step of an import, one after the other.

    The file waits in the storage meanwhile, and the page holds its signed name; a vendor's people
    import into their own vendor alone.
    """
    try:
        if request.method == "POST":
            return _step(site, request)
        if run_id := _id(request.GET.get("failed")):
            return cast(HttpResponse, refused_file(get_import(request.user, run_id)))
        if run_id := _id(request.GET.get("run")):
            run = get_import(request.user, run_id)
            return _page(site, request, run=run, busy=_is_busy(run))
    except DomainError as error:
        messages.error(request, error.errors[0].detail if error.errors else str(error))
        return HttpResponseRedirect(_address())
    return _page(site, request)


def _step(site: Any, request: HttpRequest) -> HttpResponse:
    step = request.POST.get("step")
    if step == "cancel" and (run_id := _id(request.POST.get("run"))):
        return _to_run(cancel_import(get_import(request.user, run_id).pk))
    if step == "again" and (run_id := _id(request.POST.get("run"))):
        tried = get_import(request.user, run_id)
        options = {**tried.options, "dry_run": False}
        return _to_run(_request(request, tried.file_key, tried.file_name, options))
    if step in {"check", "import"}:
        key, name = _opened(request)
        options = _options(request) | {"dry_run": step == "check"}
        return _to_run(_request(request, key, name, options))
    return _look(site, request)


def _look(site: Any, request: HttpRequest) -> HttpResponse:
    """Keep the file that was sent and show how it begins."""
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, "Choose a file.")
        return HttpResponseRedirect(_address())
    scan_file(cast(BinaryIO, file))
    check_csv(file)
    encoding = request.POST.get("encoding") or None
    try:
        found = preview(cast(BinaryIO, file), encoding=encoding)
    except ImportFileError as error:
        messages.error(request, error.detail)
        return HttpResponseRedirect(_address())
    key = f"{storage.TEMPORARY}/preview-{uuid7()}"
    file.seek(0)
    storage.put(key, file)
    token = signing.dumps([str(request.user.pk), key, PurePath(str(file.name)).name], salt=_SALT)
    return _page(site, request, found=found, token=token, encoding=encoding or "")


def _opened(request: HttpRequest) -> tuple[str, str]:
    """The key and name of the file that the page is about. Raises FileMissing."""
    try:
        user, key, name = signing.loads(
            request.POST.get("file", ""), salt=_SALT, max_age=_HOURS_KEPT * 3600
        )
    except signing.BadSignature as error:
        raise storage.FileMissing("The file is not kept any more; send it again.") from error
    if user != str(request.user.pk):
        raise storage.FileMissing
    return key, name


def _request(request: HttpRequest, key: str, name: str, options: Mapping[str, Any]) -> ImportRun:
    scope = vendor_scope(request)
    return request_import_of_file(
        key,
        file_name=name,
        created_by=request.user.pk,
        vendor_id=scope,
        options={**options, "vendor": vendor_to_import(scope, str(options.get("vendor", "")))},
    )


def _options(request: HttpRequest) -> dict[str, Any]:
    """What was chosen; anything that is not on offer counts for nothing."""
    asked = request.POST
    mapping = {
        header: asked.get(f"field:{place}", "")
        for place, header in enumerate(asked.getlist("header"))
    }
    mapped = {header: field for header, field in mapping.items() if field}
    return {
        "dialect": _one_of(NAMES, asked.get("dialect")) or None,
        "encoding": asked.get("encoding", "")[:40] or None,
        "currency": asked.get("currency", "")[:3].upper(),
        "vendor": asked.get("vendor", "")[:120],
        "on_error": "abort" if asked.get("on_error") == "abort" else "skip",
        "match": _one_of(MATCHES, asked.get("match")),
        "only": _one_of(_ONLY, asked.get("only")),
        "mapping": mapped,
    }


def _one_of(choices: tuple[str, ...], value: str | None) -> str:
    return value if value in choices else ""


def _is_busy(run: ImportRun) -> bool:
    return run.status in (RunStatus.WAITING, RunStatus.RUNNING)


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _address(**query: str) -> str:
    address = reverse(f"{store_admin.name}:{SLUG}")
    return f"{address}?{urlencode(query)}" if query else address


def _to_run(run: ImportRun) -> HttpResponse:
    return HttpResponseRedirect(_address(run=str(run.pk)))


def _page(site: Any, request: HttpRequest, **shown: Any) -> HttpResponse:
    found: Preview | None = shown.get("found")
    run: ImportRun | None = shown.get("run")
    scope = vendor_scope(request)
    vendors = Vendor.objects.order_by("name") if scope is None else Vendor.objects.none()
    context = {
        **site.each_context(request),
        "title": "Import products",
        "vendors": vendors[:500] if found else (),
        "matches": MATCHES,
        "latest": () if found or run else _latest(request),
        "percent": _percent(run) if run else 0,
        "errors": list(islice(run.report.get("errors", []), 100)) if run else (),
        **shown,
    }
    return TemplateResponse(request, "catalog/import_products.html", context)


def _latest(request: HttpRequest) -> list[ImportRun]:
    return list(visible_imports(request.user)[:10])


def _percent(run: ImportRun) -> int:
    return min(100, run.read_bytes * 100 // run.total_bytes) if run.total_bytes else 0


store_admin.register_page(
    Page(
        slug=SLUG,
        title="Import products",
        app_label="catalog",
        permission="products.write",
        view=show_import,
        for_vendors=True,
    )
)
