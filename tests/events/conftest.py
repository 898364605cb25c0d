"""Subscribers of the tests do nothing until a test says what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.events.probe import Behaviour, behaviour


@pytest.fixture(autouse=True)
def _fresh_behaviour() -> Iterator[None]:
    yield
    for name in ("inside", "database", "call", "finish"):
        setattr(behaviour, name, getattr(Behaviour, name))
