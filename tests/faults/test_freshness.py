"""What was written is read, through whichever process."""

from __future__ import annotations

import pytest

from bench.freshness import measure
from tests.faults.shop import OWNER, Shop


@pytest.mark.slow
@pytest.mark.xdist_group("server")
@pytest.mark.covers("CAT-23", "EVT-11")
def test_a_write_is_seen_at_once_through_another_process_under_load(shop: Shop) -> None:
    outcome = measure(shop.api.port, f"{shop.slug}.localhost", OWNER, rounds=300)

    assert outcome.stale == []
    assert outcome.reads == 600
    assert len(outcome.processes) >= 2
