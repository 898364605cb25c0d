"""Inventory by itself: its tests reserve for orders that exist nowhere else."""

from __future__ import annotations

import pytest

from apps.events.contracts import InventoryInsufficient, InventoryReserved


@pytest.fixture(autouse=True)
def _no_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other apps do in the transaction that reserves is theirs to test."""
    for contract in (InventoryReserved, InventoryInsufficient):
        monkeypatch.setattr(contract.signal, "receivers", [])
