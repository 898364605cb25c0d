"""What whoever changes an order's reservations locks: the levels behind them, then the rows."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from apps.inventory.locks import lock_levels, lock_levels_of, lock_open
from apps.inventory.models import Reservation, StockLevel


def lock_order(order_id: UUID) -> tuple[list[StockLevel], list[Reservation]]:
    """Lock the levels of every variant that the order holds or waits for, then those rows."""
    levels = lock_levels_of(order_id)
    rows = lock_open(order_id)
    return with_places(levels, rows), rows


def with_places(levels: list[StockLevel], rows: Sequence[Reservation]) -> list[StockLevel]:
    """The locked levels, and those of the rows that came into being while we waited for the others:
    goods arrived where there were none before, and the order got of them. No query without such.
    """
    places = {(level.variant_id, level.warehouse_id) for level in levels}
    held = {(row.variant_id, row.warehouse_id) for row in rows if row.warehouse_id is not None}
    if held <= places:
        return levels
    return lock_levels(sorted({variant_id for variant_id, _ in places | held}))
