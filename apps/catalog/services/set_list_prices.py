"""Write many prices of one list at once (PEER-04)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from apps.catalog.locks import lock_products
from apps.catalog.models import Variant
from apps.catalog.services.price_list_rows import lock_list
from apps.catalog.services.show_prices import show_prices
from apps.common.database import ids_array
from apps.common.errors import FieldError, ValidationFailed
from apps.common.ids import uuid7
from apps.common.money import MAX_AMOUNT_CENTS, MoneyError, exponent

MOST_ROWS: Final = 1_000
MOST_QUANTITY: Final = 2**31 - 1
# A default price that rises above what it was compared with is compared no more.
_UPSERT: Final = """
INSERT INTO catalog_price AS p (id, created_at, updated_at, variant_id, price_list_id, currency,
  amount_cents, min_quantity)
SELECT row.id, now(), now(), row.variant_id, %(list)s, row.currency, row.amount, row.quantity
FROM unnest(%(ids)s::uuid[], %(variants)s::uuid[], %(currencies)s::text[], %(amounts)s::bigint[],
  %(quantities)s::int[]) AS row (id, variant_id, currency, amount, quantity)
ORDER BY row.variant_id, row.currency, row.quantity
ON CONFLICT (variant_id, currency, price_list_id, min_quantity) DO UPDATE
SET amount_cents = EXCLUDED.amount_cents, updated_at = now(),
  compare_at_cents = CASE WHEN p.compare_at_cents > EXCLUDED.amount_cents
                          THEN p.compare_at_cents END
WHERE p.amount_cents <> EXCLUDED.amount_cents
RETURNING p.variant_id, p.min_quantity
"""


@dataclass(frozen=True, slots=True)
class PriceRow:
    """The price of one from `min_quantity` on. vendor_id: needed where several have the SKU."""

    sku: str
    currency: str
    amount_cents: int
    min_quantity: int = 1
    vendor_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PricesWritten:
    """How many rows were sent, and how many of them changed something."""

    rows: int
    changed: int


def set_list_prices(*, code: str, rows: Sequence[PriceRow]) -> PricesWritten:
    """Set each row's price, all of them or none, in a constant number of statements.

    Amounts are in the subunit of the row's currency. What everybody sees is shown at once. Locks
    the products, then the list. Raises PriceListNotFound and ValidationFailed, which names every
    bad row (`prices.N.sku`: `unknown_sku`, `sku_ambiguous`; `.currency`, `.amount_cents`,
    `.min_quantity`; `prices.N`: `twice`). Publishes ProductUpdated with `price` for the default
    list and for sales that are on.
    """
    if not 0 < len(rows) <= MOST_ROWS:
        raise ValidationFailed.of("prices", "row_count", f"Send 1 to {MOST_ROWS:,} rows.")
    errors = [error for index, row in enumerate(rows) for error in _faults(index, row)]
    with transaction.atomic():
        named = Q(variants__sku__in={row.sku for row in rows}, variants__deleted_at=None)
        lock_products(named)
        price_list = lock_list(code)
        found = _Variants([(row.sku, row.vendor_id) for row in rows])
        variants: list[UUID] = []
        for index, row in enumerate(rows):
            variant = found.only(f"prices.{index}", row.sku, row.vendor_id)
            if isinstance(variant, FieldError):
                errors.append(variant)
            else:
                variants.append(variant)
        if not errors:
            errors = _twice(rows, variants)
        if errors:
            raise ValidationFailed(errors[0].detail, errors=errors)
        changed = _upsert(price_list.pk, rows, variants)
        of_one = [variant_id for variant_id, quantity in changed if quantity == 1]
        show_prices(price_list, found.products_of(of_one))
    return PricesWritten(len(rows), len(changed))


class _Variants:
    """The variants that rows name; their products are locked already."""

    def __init__(self, named: Sequence[tuple[str, UUID | None]]) -> None:
        live = Variant.objects.filter(sku__in={sku for sku, _ in named}, deleted_at=None)
        self._by_sku: dict[str, dict[UUID, UUID]] = defaultdict(dict)
        self._product: dict[UUID, UUID] = {}
        columns = live.filter(product__deleted_at=None).values_list(
            "sku", "vendor_id", "id", "product_id"
        )
        for sku, vendor_id, variant_id, product_id in columns:
            self._by_sku[sku][vendor_id] = variant_id
            self._product[variant_id] = product_id

    def only(self, where: str, sku: str, vendor_id: UUID | None) -> UUID | FieldError:
        """The one that is meant, or what is wrong."""
        found = self._by_sku.get(sku, {})
        if vendor_id is not None:
            found = {vendor_id: found[vendor_id]} if vendor_id in found else {}
        if not found:
            return FieldError(f"{where}.sku", "unknown_sku", f"There is no variant '{sku}'.")
        if len(found) > 1:
            detail = f"Several vendors have '{sku}': send vendor_id."
            return FieldError(f"{where}.sku", "sku_ambiguous", detail)
        (variant_id,) = found.values()
        return variant_id

    def products_of(self, variant_ids: Sequence[UUID]) -> list[UUID]:
        """Whose they are, each once and in order."""
        return sorted({self._product[variant_id] for variant_id in variant_ids})


def _faults(index: int, row: PriceRow) -> list[FieldError]:
    where, found = f"prices.{index}", []
    try:
        exponent(row.currency)
    except MoneyError as error:
        found.append(FieldError(f"{where}.currency", error.code, error.detail))
    if not 0 <= row.amount_cents <= MAX_AMOUNT_CENTS:
        detail = f"Send 0 to {MAX_AMOUNT_CENTS}."
        found.append(FieldError(f"{where}.amount_cents", "out_of_range", detail))
    if not 1 <= row.min_quantity <= MOST_QUANTITY:
        detail = f"Send 1 to {MOST_QUANTITY}."
        found.append(FieldError(f"{where}.min_quantity", "out_of_range", detail))
    return found


def _twice(rows: Sequence[PriceRow], variants: Sequence[UUID]) -> list[FieldError]:
    """A list that overlaps itself: two rows for one variant, currency and quantity."""
    first: dict[tuple[UUID, str, int], int] = {}
    errors = []
    for index, (row, variant_id) in enumerate(zip(rows, variants, strict=True)):
        before = first.setdefault((variant_id, row.currency, row.min_quantity), index)
        if before != index:
            detail = f"Row {before} sets the price of '{row.sku}' for this quantity already."
            errors.append(FieldError(f"prices.{index}", "twice", detail))
    return errors


def _upsert(
    list_id: UUID, rows: Sequence[PriceRow], variants: Sequence[UUID]
) -> list[tuple[UUID, int]]:
    parameters: dict[str, Any] = {
        "list": list_id,
        "ids": ids_array(uuid7() for _ in rows),
        "variants": ids_array(variants),
        "currencies": [row.currency for row in rows],
        "amounts": [row.amount_cents for row in rows],
        "quantities": [row.min_quantity for row in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, parameters)
        return [(variant_id, quantity) for variant_id, quantity in cursor.fetchall()]
