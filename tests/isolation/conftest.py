"""The stores acme and globex, filled with the same things."""

from __future__ import annotations

import pytest

from apps.common.context import StoreRef
from tests.isolation.world import Side, build


@pytest.fixture
def acme_side(acme: StoreRef) -> Side:
    """The store whose doors are tried."""
    return build(acme)


@pytest.fixture
def globex_side(globex: StoreRef) -> Side:
    """The store whose things must not come through."""
    return build(globex)
