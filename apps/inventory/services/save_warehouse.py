"""Create and change warehouses (INV-12)."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from apps.catalog.facade import bump_storefront, note_stock
from apps.inventory.errors import DefaultWarehouse, WarehouseExists, WarehouseNotFound
from apps.inventory.models import StockLevel, Warehouse
from apps.inventory.services.fill_waiting import fill_waiting


def create_warehouse(*, code: str, name: str, **fields: Any) -> Warehouse:
    """Add a warehouse; `fields` are address, priority, is_default, is_active.

    A new default takes the place of the old one. Raises WarehouseExists, DefaultWarehouse.
    Serves INV-12.
    """
    warehouse = Warehouse(code=code, name=name, **fields)
    try:
        with transaction.atomic():
            return _save(warehouse)
    except IntegrityError as error:
        raise WarehouseExists(f"The code '{code}' is taken.") from error


def update_warehouse(*, code: str, changes: dict[str, Any]) -> Warehouse:
    """Change name, address, priority, is_default or is_active of a warehouse.

    Making one the default takes that from the old one. Locks the warehouse, and its levels where
    `is_active` changes, which changes what can be sold; those who wait get of it first. Raises
    WarehouseNotFound, DefaultWarehouse. Serves INV-12.
    """
    with transaction.atomic():
        warehouse = lock_warehouse(code)
        if warehouse.is_default and changes.get("is_default") is False:
            raise DefaultWarehouse
        was_active = warehouse.is_active
        for name, value in changes.items():
            setattr(warehouse, name, value)
        _save(warehouse)
        if warehouse.is_active != was_active:
            _note_stock(warehouse)
        return warehouse


def lock_warehouse(code: str) -> Warehouse:
    """The warehouse, locked until the transaction ends. Raises WarehouseNotFound.

    Who refers to it does not wait: orders do so with levels locked that are wanted here next.
    """
    warehouse = Warehouse.objects.select_for_update(no_key=True).filter(code=code).first()
    if warehouse is None:
        raise WarehouseNotFound.of(code)
    return warehouse


def _note_stock(warehouse: Warehouse) -> None:
    """What the warehouse holds counts from now on, or does not any more."""
    # Whoever takes the last unit elsewhere meanwhile holds all levels of the variant, and waits.
    locked = StockLevel.objects.select_for_update().filter(warehouse=warehouse)
    levels = list(locked.order_by("variant_id", "warehouse_id"))
    free = {level.id: level.on_hand - level.reserved for level in levels}
    if warehouse.is_active:
        fill_waiting(levels, free)
    stocked = [pk for pk, units in free.items() if units]
    goods = StockLevel.objects.filter(pk__in=stocked).values_list("variant__product_id", flat=True)
    note_stock(list(goods))
    transaction.on_commit(bump_storefront)


def _save(warehouse: Warehouse) -> Warehouse:
    if warehouse.is_default and not warehouse.is_active:
        raise DefaultWarehouse
    if warehouse.is_default:
        old = Warehouse.objects.filter(is_default=True).exclude(pk=warehouse.pk)
        old.update(is_default=False)
    # None is how a caller says that there is no address.
    warehouse.address = warehouse.address or {}
    warehouse.save()
    return warehouse
