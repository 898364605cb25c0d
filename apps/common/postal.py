"""Postal addresses as they are kept: which parts there are, and all of them on one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ADDRESS_PARTS = (
    "name",
    "line1",
    "line2",
    "postal_code",
    "city",
    "state",
    "country",
    "phone",
)


def on_one_line(address: Mapping[str, Any] | None) -> str:
    """Its parts with commas between; empty where there is none."""
    given = address or {}
    return ", ".join(str(given[part]) for part in ADDRESS_PARTS if given.get(part))
