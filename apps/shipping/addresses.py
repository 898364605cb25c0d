"""Addresses as labels carry them: without empty parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.common.context import current_store
from apps.common.errors import NotFound
from apps.inventory.facade import default_warehouse_address


def on_label(address: Mapping[str, Any] | None) -> dict[str, str]:
    """The address as a label has it; empty for none."""
    return {part: str(value) for part, value in (address or {}).items() if value}


def house_address() -> dict[str, str]:
    """Where the store sends from and is sent to: its name at the default warehouse, if any."""
    try:
        address = default_warehouse_address()
    except NotFound:
        address = {}
    return {"name": current_store().name, **on_label(address)}
