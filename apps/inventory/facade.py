"""The door of inventory. Orders are reserved, released and committed by events, not by calls."""

from __future__ import annotations

from apps.inventory.selectors import (
    availability,
    backorder_room,
    find_warehouse,
    units_ready,
    warehouse_names,
)
from apps.inventory.services.adjust_stock import adjust_stock
from apps.inventory.services.set_stock import set_stock
from apps.inventory.types import LevelInfo


def default_warehouse_address() -> dict[str, str]:
    """Where parcels start from: the default warehouse's address, empty when none was entered."""
    return dict(find_warehouse(None).address)


__all__ = [
    "LevelInfo",
    "adjust_stock",
    "availability",
    "backorder_room",
    "default_warehouse_address",
    "set_stock",
    "units_ready",
    "warehouse_names",
]
