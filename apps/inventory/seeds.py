"""What a new store's stock begins with."""

from __future__ import annotations

from apps.inventory.models import Warehouse
from apps.tenancy.provisioning import NewStore


def seed(new_store: NewStore) -> None:
    """Create the default warehouse, where stock goes when nobody names another (INV-12)."""
    Warehouse.objects.create(code="main", name="Main warehouse", is_default=True)
