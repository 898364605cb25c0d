"""Inventory's answer to what the catalog asks of whoever keeps stock."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from apps.common.database import renew_statistics
from apps.inventory.models import StockLevel, StockMovement
from apps.inventory.selectors import (
    availability_of_products,
    available_variants,
    on_hand_of_products,
)
from apps.inventory.services.set_initial import set_initial


class InventoryStockSource:
    """The catalog's StockSource."""

    def availability(self, product_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Units that can be sold of every variant of the products, in one query."""
        return availability_of_products(product_ids)

    def available_variants(self, variant_ids: Sequence[UUID]) -> list[UUID]:
        """Those of which at least one unit can be sold."""
        return available_variants(variant_ids)

    def on_hand(self, product_ids: Sequence[UUID]) -> dict[UUID, int]:
        """What the default warehouse holds of every variant of the products."""
        return on_hand_of_products(product_ids)

    def set_initial(self, rows: Sequence[tuple[UUID, int]], reason: str) -> int:
        """Make the default warehouse hold so many units of each variant."""
        return set_initial(rows=rows, reason=reason)

    def renew_statistics(self) -> None:
        """Have the database count levels and movements anew."""
        renew_statistics(StockLevel, StockMovement)
