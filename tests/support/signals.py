"""Reactions to events left out, where a test looks at one app alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from apps.events.contracts.base import EventContract


@contextmanager
def heard_by(app: str, *contracts: type[EventContract]) -> Iterator[None]:
    """Only the app's own reactions to these events run in the block."""
    signals = [contract.signal for contract in contracts]
    with pytest.MonkeyPatch.context() as patch:
        for signal in signals:
            own = [row for row in signal.receivers if row[0][0].startswith(f"{app}.")]
            patch.setattr(signal, "receivers", own)
            # A signal remembers whom it called last; what it remembers is older than the patch.
            signal.sender_receivers_cache.clear()
        yield
    for signal in signals:
        signal.sender_receivers_cache.clear()
