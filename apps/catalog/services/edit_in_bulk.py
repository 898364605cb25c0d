"""Change many products and variants in one call, row by row (PEER-58, I-54)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.catalog.locks import held
from apps.catalog.models import BulkEdit, Category, Variant
from apps.catalog.services.bulk_checks import BulkChecks, told
from apps.catalog.services.bulk_goods import PRODUCT, VARIANT, Goods, Place
from apps.catalog.services.create_product import clean_tags
from apps.catalog.services.variants import check_price
from apps.catalog.text import clean_line
from apps.catalog.types import PriceInput
from apps.common.context import current_store
from apps.common.errors import DomainError, FieldError, ValidationFailed

MOST_ROWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class BulkRow:
    """What to change of one product (`product_id`), or of one variant (`variant_id`, or `sku`).

    vendor: slug, where several vendors use the SKU. changes of a product: `name`, `brand`,
    `is_active`, `is_featured`, `publish_at`, `unpublish_at`, and `add_tags`, `remove_tags`,
    `add_categories`, `remove_categories` (slugs). changes of a variant: `price_cents` with
    `currency` (the store's own if blank) and `compare_at_price_cents`, `cost_cents`, `barcode`,
    `weight_grams`, `is_active`.
    """

    changes: Mapping[str, Any]
    product_id: UUID | None = None
    variant_id: UUID | None = None
    sku: str = ""
    vendor: str = ""


class BulkRefused(ValidationFailed):
    """On request one bad row keeps everything out."""

    code = "rows_refused"
    title = "Nothing was changed, because some rows cannot be"


def edit_in_bulk(
    rows: Sequence[BulkRow],
    *,
    vendor_id: UUID | None = None,
    on_error: str = "skip",
    created_by: UUID | None = None,
) -> BulkEdit:
    """Change what the rows say, in one transaction; the edit keeps what became of each.

    vendor_id: the only vendor whose goods may be changed; others are not found. on_error: `skip`
    keeps the good rows, `abort` changes nothing when one is bad. A later row of the same thing
    sees what an earlier one did. Locks the products. Raises BulkRefused, ValidationFailed.
    Publishes ProductUpdated per product. Serves PEER-58.
    """
    if not 0 < len(rows) <= MOST_ROWS:
        raise ValidationFailed.of("rows", "too_many", f"Send 1 to {MOST_ROWS} rows.")
    with transaction.atomic():
        work = _Work(rows, vendor_id)
        results = [work.apply(row) for row in rows]
        failed = [(index, one) for index, one in enumerate(results) if one["status"] == "failed"]
        if failed and on_error == "abort":
            raise BulkRefused(
                f"{len(failed)} of {len(rows)} rows cannot be changed.",
                errors=[
                    FieldError(f"rows.{index}", one["code"], one["detail"]) for index, one in failed
                ],
            )
        work.goods.flush()
        return BulkEdit.objects.create(
            created_by=created_by, vendor_id=vendor_id, results=results, undo=work.undo()
        )


class _Work:
    """The goods in hand, and what was there before."""

    def __init__(self, rows: Sequence[BulkRow], vendor_id: UUID | None) -> None:
        self._vendor_id = vendor_id
        self._by_sku = _find_skus([row for row in rows if row.sku], vendor_id)
        named = [row.variant_id for row in rows if row.variant_id]
        owners = dict(Variant.objects.filter(pk__in=named).values_list("pk", "product_id"))
        self.goods = Goods(
            [
                *(row.product_id for row in rows if row.product_id),
                *owners.values(),
                *(product_id for found in self._by_sku.values() for _, product_id, _ in found),
            ]
        )
        slugs = {slug for row in rows for slug in _slugs(row)}
        found = held(Category, "slug", slugs)
        self._categories = {row.slug: str(row.pk) for row in found}
        self._checks = BulkChecks(self.goods, vendor_id)
        self._before: dict[Place, Any] = {}

    def apply(self, row: BulkRow) -> dict[str, Any]:
        """Do one row wholly or not at all; what became of it."""
        target = row.product_id or row.variant_id
        try:
            kind, target = self._target(row)
            wanted = self._wanted(kind, target, row.changes)
            self._checks.check(kind, target, wanted)
        except DomainError as error:
            named = str(target) if target else row.sku
            return {"id": named, "status": "failed", **told(error)}
        changed = False
        for place, value in wanted.items():
            now = self.goods.read(place)
            if now != value:
                self._before.setdefault(place, now)
                self.goods.write(place, value)
                changed = True
        return {"id": str(target), "status": "changed" if changed else "unchanged"}

    def undo(self) -> list[list[Any]]:
        """Each place that was changed: kind, id, field, value before, value after."""
        return [
            [place.kind, str(place.id), place.field, before, self.goods.read(place)]
            for place, before in self._before.items()
        ]

    def _target(self, row: BulkRow) -> tuple[str, UUID]:
        if row.product_id is not None:
            product = self.goods.products.get(row.product_id)
            if product is None or self._vendor_id not in {None, product.vendor_id}:
                raise ValidationFailed.of("product_id", "not_found", "There is no such product.")
            return PRODUCT, product.pk
        variant_id = row.variant_id
        if variant_id is None:
            found = [pk for pk, _, slug in self._by_sku[row.sku] if row.vendor in {"", slug}]
            if len(found) > 1:
                detail = f"{len(found)} vendors use '{row.sku}': name one with `vendor`."
                raise ValidationFailed.of("vendor", "ambiguous", detail)
            variant_id = found[0] if found else None
        variant = self.goods.variants.get(variant_id) if variant_id else None
        if variant is None or self._vendor_id not in {None, variant.vendor_id}:
            raise ValidationFailed.of("sku", "not_found", "There is no such variant.")
        return VARIANT, variant.pk

    def _wanted(self, kind: str, target: UUID, changes: Mapping[str, Any]) -> dict[Place, Any]:
        wanted: dict[Place, Any] = {}
        rest = dict(changes)
        if kind == PRODUCT:
            self._lists(target, rest, wanted)
        else:
            _prices(self.goods, target, rest, wanted)
        fits = _PRODUCT_FITS if kind == PRODUCT else _VARIANT_FITS
        for field, value in rest.items():
            if field not in fits:
                raise ValidationFailed.of(field, "unknown", f"A {kind} has no '{field[:50]}' here.")
            wanted[Place(kind, target, field)] = fits[field](value)
        return wanted

    def _lists(self, target: UUID, rest: dict[str, Any], wanted: dict[Place, Any]) -> None:
        tags = Place(PRODUCT, target, "tags")
        add, remove = clean_tags(rest.pop("add_tags", ())), set(rest.pop("remove_tags", ()))
        if add or remove:
            kept = [tag for tag in self.goods.read(tags) if tag not in remove]
            wanted[tags] = list(dict.fromkeys([*kept, *add]))
        asked = {name: rest.pop(name, ()) for name in ("add_categories", "remove_categories")}
        if any(asked.values()):
            ids = {name: {self._category(slug) for slug in slugs} for name, slugs in asked.items()}
            place = Place(PRODUCT, target, "categories")
            held = set(self.goods.read(place)) - ids["remove_categories"]
            wanted[place] = sorted(held | ids["add_categories"])

    def _category(self, slug: str) -> str:
        if slug not in self._categories:
            detail = f"There is no category '{slug[:80]}'."
            raise ValidationFailed.of("categories", "unknown", detail)
        return self._categories[slug]


def _find_skus(
    rows: Sequence[BulkRow], vendor_id: UUID | None
) -> dict[str, list[tuple[UUID, UUID, str]]]:
    """(variant, product, vendor's slug) of each SKU."""
    found: dict[str, list[tuple[UUID, UUID, str]]] = defaultdict(list)
    which = Q(sku__in=[row.sku for row in rows], deleted_at=None)
    if vendor_id is not None:
        which &= Q(vendor_id=vendor_id)
    columns = ("sku", "pk", "product_id", "vendor__slug")
    for sku, pk, product_id, slug in Variant.objects.filter(which).values_list(*columns):
        found[sku].append((pk, product_id, slug))
    return found


def _slugs(row: BulkRow) -> list[str]:
    return [*row.changes.get("add_categories", ()), *row.changes.get("remove_categories", ())]


def _prices(goods: Goods, target: UUID, rest: dict[str, Any], wanted: dict[Place, Any]) -> None:
    currency = rest.pop("currency", "") or current_store().default_currency
    if not {"price_cents", "compare_at_price_cents"} & rest.keys():
        return
    place = Place(VARIANT, target, f"price.{currency}")
    held = goods.read(place) or [None, None]
    amount = rest.pop("price_cents", held[0])
    compare_at = rest.pop("compare_at_price_cents", held[1])
    if amount is None:
        detail = f"The variant has no price in {currency} yet: send price_cents."
        raise ValidationFailed.of("price_cents", "required", detail)
    check_price(PriceInput(currency, amount, compare_at), "row")
    wanted[place] = [amount, compare_at]


def _line(field: str, longest: int, *, least: int = 0) -> Callable[[Any], str]:
    def fit(value: Any) -> str:
        text = clean_line(field, str(value))
        if not least <= len(text) <= longest:
            detail = f"Send {least} to {longest} characters."
            raise ValidationFailed.of(field, "invalid", detail)
        return text

    return fit


def _same(value: Any) -> Any:
    return value


def _time(value: Any) -> str | None:
    return None if value is None else str(value.astimezone(UTC).isoformat())


_PRODUCT_FITS: dict[str, Callable[[Any], Any]] = {
    "name": _line("name", 255, least=1),
    "brand": _line("brand", 100),
    "is_active": bool,
    "is_featured": bool,
    "publish_at": _time,
    "unpublish_at": _time,
}
_VARIANT_FITS: dict[str, Callable[[Any], Any]] = {
    "barcode": _line("barcode", 64),
    "weight_grams": _same,
    "cost_cents": _same,
    "is_active": bool,
}
