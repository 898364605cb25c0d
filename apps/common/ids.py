"""Identifiers: UUIDv7, so that keys sort by time and index pages stay hot."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7

# The vendor of whoever should have one and has none: it has no rows.
NO_VENDOR: Final = UUID(int=0)


def uuid7() -> UUID:
    """A new time-ordered UUID (RFC 9562 version 7)."""
    return _uuid7()
