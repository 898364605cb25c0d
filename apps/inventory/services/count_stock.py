"""What was counted on the shelves of a warehouse (INV-02, MOON-09)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from apps.common.errors import FieldError, ValidationFailed
from apps.inventory.documents import LineInput, refuse, resolve_lines
from apps.inventory.errors import BelowReserved
from apps.inventory.models import MovementKind
from apps.inventory.selectors import find_warehouse
from apps.inventory.services.move_units import lock_or_create, move_units
from apps.inventory.types import MOST_UNITS


@dataclass(frozen=True, slots=True)
class CountResult:
    """A counted SKU: `difference` is what was found more than was thought, negative for less."""

    sku: str
    product_name: str
    expected: int
    counted: int

    @property
    def difference(self) -> int:
        """Counted less expected."""
        return self.counted - self.expected


def count_stock(
    *,
    lines: Sequence[tuple[str, int]],
    reason: str,
    warehouse: str | None = None,
    vendor_id: UUID | None = None,
) -> list[CountResult]:
    """Set what a warehouse has on hand to what was counted; all lines or none.

    lines: (SKU, units counted). reason: what the ledger tells later. vendor_id: whose SKUs are
    meant, and no other's. A constant number of statements. Locks the variants' levels. Publishes
    what arriving goods publish, and InventoryLowStock and ProductOutOfStock at a crossing. Raises
    ValidationFailed, SkuNotFound, WarehouseNotFound, BelowReserved. Serves INV-02, MOON-09.
    """
    if not reason.strip():
        raise ValidationFailed.of("reason", "required", "Say what was counted, and why.")
    refuse(
        [
            FieldError(f"lines.{index}.counted", "out_of_range", f"Send 0 to {MOST_UNITS:,}.")
            for index, (_, counted) in enumerate(lines)
            if not 0 <= counted <= MOST_UNITS
        ]
    )
    found = resolve_lines([LineInput(sku, counted) for sku, counted in lines], vendor_id, least=0)
    place = find_warehouse(warehouse)
    with transaction.atomic():
        levels = lock_or_create(place, [variant.id for variant, _ in found])
        errors = [
            FieldError(
                f"lines.{index}.counted",
                BelowReserved.code,
                f"Orders hold {levels[variant.id].reserved}.",
            )
            for index, (variant, line) in enumerate(found)
            if line.quantity < levels[variant.id].reserved
        ]
        if errors:
            raise BelowReserved(f"{errors[0].field}: {errors[0].detail}", errors=errors)
        results = [
            CountResult(
                variant.sku, variant.product_name, levels[variant.id].on_hand, line.quantity
            )
            for variant, line in found
        ]
        move_units(
            warehouse=place,
            levels=levels,
            deltas={
                variant.id: result.difference
                for (variant, _), result in zip(found, results, strict=True)
            },
            kind=MovementKind.COUNT,
            reason=reason,
        )
        return results
