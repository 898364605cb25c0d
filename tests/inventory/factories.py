"""Stock and demands for tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from apps.catalog.facade import create_product, get_variants
from apps.catalog.types import VariantInfo
from apps.common.context import current_store
from apps.inventory.models import Reservation, StockLevel, StockMovement, Warehouse
from apps.inventory.services.reserve_order import LineDemand


def make_variant(sku: str = "TEE-S", stock: int | None = None, **variant: Any) -> VariantInfo:
    """A product of one variant, with `stock` units at the default warehouse."""
    row = {"sku": sku, "price_cents": 1999, "inventory": stock, **variant}
    create_product(name=f"Product {sku}", variants=[row])
    return get_variants(skus=[sku], currency=current_store().default_currency)[0]


def make_warehouse(code: str, priority: int = 100, **fields: Any) -> Warehouse:
    """Another warehouse of the current store."""
    return Warehouse.objects.create(code=code, name=code.title(), priority=priority, **fields)


def demand(variant: VariantInfo, quantity: int, line_id: UUID | None = None) -> LineDemand:
    """An order line that asks for so many of a variant."""
    return LineDemand(line_id or uuid4(), variant.id, variant.sku, quantity)


def level_of(variant: VariantInfo, warehouse: str = "main") -> tuple[int, int]:
    """(on hand, reserved) at a warehouse."""
    row = StockLevel.objects.get(variant_id=variant.id, warehouse__code=warehouse)
    return row.on_hand, row.reserved


def ledger_of(variant: VariantInfo) -> list[tuple[str, int, int]]:
    """(kind, on hand, reserved) of every movement, oldest first."""
    rows = StockMovement.objects.filter(variant_id=variant.id).order_by("id")
    return list(rows.values_list("kind", "on_hand_delta", "reserved_delta"))


def held_by(order_id: UUID) -> list[tuple[str, int, int, str]]:
    """(warehouse, quantity, committed, status) of an order's reservations."""
    rows = Reservation.objects.filter(order_id=order_id).order_by("warehouse__code", "id")
    return list(rows.values_list("warehouse__code", "quantity", "committed", "status"))
