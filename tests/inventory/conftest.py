"""Inventory by itself: its tests reserve for orders that exist nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.events.contracts import InventoryInsufficient, InventoryReserved, OrderEdited


@pytest.fixture(autouse=True)
def _no_orders(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What other apps do in the transactions that reserve and edit is theirs to test."""
    signals = [row.signal for row in (InventoryReserved, InventoryInsufficient, OrderEdited)]
    with monkeypatch.context() as patch:
        for signal in signals:
            own = [row for row in signal.receivers if row[0][0].startswith("inventory.")]
            patch.setattr(signal, "receivers", own)
            # A signal remembers whom it called last; what it remembers is older than the patch.
            signal.sender_receivers_cache.clear()
        yield
    for signal in signals:
        signal.sender_receivers_cache.clear()
