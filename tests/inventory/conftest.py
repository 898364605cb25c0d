"""Inventory by itself: its tests reserve for orders that exist nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.events.contracts import InventoryInsufficient, InventoryReserved, OrderEdited
from tests.support.signals import heard_by


@pytest.fixture(autouse=True)
def _no_orders() -> Iterator[None]:
    """What other apps do in the transactions that reserve and edit is theirs to test."""
    with heard_by("inventory", InventoryReserved, InventoryInsufficient, OrderEdited):
        yield
