"""Inventory by itself: its tests reserve for orders that exist nowhere else."""

from __future__ import annotations

import pytest

from apps.events.contracts import InventoryInsufficient, InventoryReserved, OrderEdited


@pytest.fixture(autouse=True)
def _no_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other apps do in the transactions that reserve and edit is theirs to test."""
    for contract in (InventoryReserved, InventoryInsufficient, OrderEdited):
        own = [row for row in contract.signal.receivers if row[0][0].startswith("inventory.")]
        monkeypatch.setattr(contract.signal, "receivers", own)
