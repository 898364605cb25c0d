"""Create and change warehouses (INV-12)."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from apps.inventory.errors import DefaultWarehouse, WarehouseExists, WarehouseNotFound
from apps.inventory.models import Warehouse


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

    Making one the default takes that from the old one. Locks the warehouse. Raises
    WarehouseNotFound, DefaultWarehouse. Serves INV-12.
    """
    with transaction.atomic():
        warehouse = Warehouse.objects.select_for_update().filter(code=code).first()
        if warehouse is None:
            raise WarehouseNotFound.of(code)
        if warehouse.is_default and changes.get("is_default") is False:
            raise DefaultWarehouse
        for name, value in changes.items():
            setattr(warehouse, name, value)
        return _save(warehouse)


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
