"""Many variants on one page of admin, a cell for each value, saved as one edit (I-53, I-54)."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from apps.catalog.models import Price, Variant, Vendor
from apps.catalog.ports import stock
from apps.catalog.services.edit_in_bulk import BulkRefused, BulkRow, edit_in_bulk
from apps.catalog.services.undo_bulk_edit import undo_bulk_edit
from apps.common.admin import Page, store_admin
from apps.common.context import current_store
from apps.common.errors import DomainError
from apps.common.money import MoneyError, format_amount, parse_amount
from apps.common.vendor_scope import vendor_scope

PER_PAGE: Final = 50
_MONEY: Final = ("price_cents", "compare_at_price_cents", "cost_cents")
COLUMNS: Final = {
    "price_cents": "Price",
    "compare_at_price_cents": "Compare at",
    "cost_cents": "Cost",
    "weight_grams": "Weight, g",
    "barcode": "Barcode",
    "is_active": "Active",
}


@dataclass(slots=True)
class Cell:
    """One value: as it is in the catalog, as it stands in the page, and what is wrong with it."""

    name: str
    label: str
    held: str
    shown: str = ""
    problem: str = ""

    @property
    def changed(self) -> bool:
        """Whether somebody has typed something else."""
        return self.shown != self.held


@dataclass(slots=True)
class Row:
    """A variant, and its cells by column."""

    variant: Variant
    units: int | None
    cells: dict[str, Cell] = field(default_factory=dict)


def show_grid(site: Any, request: HttpRequest) -> HttpResponse:
    """A page of variants to change in place; POST saves the changed cells, or takes an edit back.

    A cell that cannot be taken is marked, every other keeps what was typed, and nothing is saved
    until all of them can. A value that somebody else has changed meanwhile is told, not replaced.
    """
    if "undo" in request.POST:
        return _undo(request)
    page = Paginator(_filtered(request), PER_PAGE).get_page(request.GET.get("p"))
    if request.method == "POST":
        # What was typed into, wherever in the list it stands by now.
        sent = _sent(request.POST)
        rows = _rows(list(_visible(request).filter(pk__in=sent)))
        if gone := len(sent) - len(rows):
            messages.warning(
                request, f"{gone} variant{'s were' if gone != 1 else ' was'} deleted meanwhile."
            )
        saved = _save(request, rows)
        if saved is not None:
            return saved
    else:
        rows = _rows(list(page.object_list))
    vendors = Vendor.objects.order_by("name") if vendor_scope(request) is None else ()
    context = {
        **site.each_context(request),
        "title": "Variant grid",
        "rows": rows,
        "columns": COLUMNS.values(),
        "page": page,
        "vendors": vendors if len(vendors) > 1 else (),
        "asked": request.GET,
        "kept": urlencode({name: text for name, text in request.GET.items() if name != "p"}),
        "currency": current_store().default_currency,
        "undoable": request.GET.get("edit", ""),
        "problems": sum(bool(cell.problem) for row in rows for cell in row.cells.values()),
    }
    return TemplateResponse(request, "catalog/variant_grid.html", context)


def _visible(request: HttpRequest) -> QuerySet[Variant]:
    """All that the user may change here, in the page's order."""
    rows = Variant.objects.filter(deleted_at=None, product__deleted_at=None)
    scope = vendor_scope(request)
    if scope is not None:
        rows = rows.filter(vendor_id=scope)
    own = Price.objects.filter(
        price_list__is_default=True,
        min_quantity=1,
        currency=current_store().default_currency,
    )
    prices = Prefetch("prices", own, to_attr="own_prices")
    ordered = rows.order_by("product__name", "product_id", "position", "sku")
    return ordered.select_related("product", "vendor").prefetch_related(prices)


def _filtered(request: HttpRequest) -> QuerySet[Variant]:
    asked, rows = request.GET, _visible(request)
    if asked.get("vendor"):
        rows = rows.filter(vendor__slug=asked["vendor"])
    if text := asked.get("q", "").strip():
        rows = rows.filter(
            Q(sku__icontains=text) | Q(product__name__icontains=text) | Q(barcode=text)
        )
    if asked.get("active") in {"yes", "no"}:
        rows = rows.filter(is_active=asked["active"] == "yes")
    return rows


def _sent(posted: Mapping[str, str]) -> set[UUID]:
    """The variants whose cells were sent."""
    ids = set()
    for name in posted:
        kind, _, cell = name.partition(":")
        if kind == "was":
            with contextlib.suppress(ValueError):
                ids.add(UUID(cell.partition(":")[2]))
    return ids


def _rows(variants: list[Variant]) -> list[Row]:
    available = stock().availability([variant.product_id for variant in variants])
    rows = []
    for variant in variants:
        units = available.get(variant.pk, 0) if variant.track_inventory else None
        row = Row(variant, units)
        for name, value in _held(variant).items():
            cell = f"{name}:{variant.pk}"
            row.cells[name] = Cell(cell, f"{COLUMNS[name]} of {variant.sku}", value, value)
        rows.append(row)
    return rows


def _held(variant: Any) -> dict[str, str]:
    """The variant's values, as the page writes them."""
    currency = current_store().default_currency
    price = variant.own_prices[0] if variant.own_prices else None
    amounts = {
        "price_cents": price.amount_cents if price else None,
        "compare_at_price_cents": price.compare_at_cents if price else None,
        "cost_cents": variant.cost_cents,
    }
    texts = {
        name: "" if cents is None else format_amount(cents, currency)
        for name, cents in amounts.items()
    }
    weight = variant.weight_grams
    return {
        **texts,
        "weight_grams": "" if weight is None else str(weight),
        "barcode": variant.barcode,
        "is_active": "on" if variant.is_active else "",
    }


def _save(request: HttpRequest, rows: list[Row]) -> HttpResponse | None:
    """Save what was typed; None where something cannot be taken, which the cells then tell."""
    wanted: list[tuple[Row, dict[str, Any]]] = []
    for row in rows:
        changes = _changes(request.POST, row)
        if changes:
            wanted.append((row, changes))
    if any(cell.problem for row in rows for cell in row.cells.values()):
        return None
    if not wanted:
        messages.info(request, "Nothing was changed.")
        return HttpResponseRedirect(_address(request))
    edits = [BulkRow(variant_id=row.variant.pk, changes=changes) for row, changes in wanted]
    try:
        edit = edit_in_bulk(
            edits,
            vendor_id=vendor_scope(request),
            on_error="abort",
            created_by=getattr(request.user, "pk", None),
        )
    except BulkRefused as error:
        for one in error.errors:
            row, changes = wanted[int(one.field.split(".")[1])]
            row.cells[next(iter(changes))].problem = one.detail
        return None
    except DomainError as error:
        messages.error(request, error.detail)
        return None
    count = sum(one["status"] == "changed" for one in edit.results)
    messages.success(request, f"{count} variant{'s' if count != 1 else ''} changed.")
    return HttpResponseRedirect(_address(request, edit=str(edit.pk)))


def _changes(posted: Mapping[str, str], row: Row) -> dict[str, Any]:
    """What was typed into the row, ready for the service; cells note what is wrong."""
    changes: dict[str, Any] = {}
    for name, cell in row.cells.items():
        seen = posted.get(f"was:{cell.name}")
        if seen is None:
            continue
        typed = posted.get(cell.name, "").strip()
        if typed == seen:
            continue
        cell.shown = typed
        if seen != cell.held:
            cell.problem = f"Somebody has changed this to “{cell.held or 'nothing'}” meanwhile."
            continue
        try:
            changes[name] = _value(name, typed)
        except (MoneyError, ValueError) as error:
            cell.problem = getattr(error, "detail", "") or str(error)
    return changes


def _value(name: str, typed: str) -> Any:
    """Raises MoneyError, ValueError with a sentence for people."""
    if name in _MONEY:
        if not typed and name == "price_cents":
            raise ValueError("A price is needed.")
        return parse_amount(typed, current_store().default_currency) if typed else None
    if name == "weight_grams":
        if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 10):
            raise ValueError("Type whole grams.")
        return int(typed) if typed else None
    return typed == "on" if name == "is_active" else typed


def _undo(request: HttpRequest) -> HttpResponse:
    try:
        results = undo_bulk_edit(
            edit_id=UUID(request.POST["undo"]), vendor_id=vendor_scope(request)
        )
    except ValueError:
        messages.error(request, "There is no such edit.")
    except DomainError as error:
        messages.error(request, error.detail)
    else:
        skipped = [one["detail"] for one in results if one["status"] == "skipped"]
        told = f"{len(results) - len(skipped)} values put back."
        more = f" {len(skipped)} stay: {' '.join(dict.fromkeys(skipped))}" if skipped else ""
        messages.success(request, told + more)
    return HttpResponseRedirect(_address(request))


def _address(request: HttpRequest, **more: str) -> str:
    """The page as it was asked for."""
    kept = {name: text for name, text in request.GET.items() if name != "edit"} | more
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


store_admin.register_page(
    Page("catalog", "variant-grid", "Variant grid", "products.write", show_grid, for_vendors=True)
)
