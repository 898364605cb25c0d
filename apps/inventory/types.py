"""What inventory hands to other apps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

# More than this in one place is a typing error.
MOST_UNITS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class LevelInfo:
    """One stock level: `available` = `on_hand` − `reserved`.

    `backordered` and `backorder_limit` are the variant's, over all warehouses; no part of
    `available`.
    """

    variant_id: UUID
    vendor_id: UUID
    sku: str
    product_name: str
    warehouse: str
    on_hand: int
    reserved: int
    reorder_threshold: int
    location: str
    updated_at: datetime
    backordered: int = 0
    backorder_limit: int = 0

    @property
    def quantity(self) -> int:
        """The documents' name for what is on hand (INV-02)."""
        return self.on_hand

    @property
    def available(self) -> int:
        """What can still be sold."""
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class BackorderInfo:
    """How many units of a variant may be sold that nobody has yet, and how many were."""

    variant_id: UUID
    sku: str
    product_name: str
    mode: str
    limit: int
    backordered: int
    available_from: date | None
