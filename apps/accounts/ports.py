"""What accounts asks of whoever keeps the vendors. The catalog registers its answer at start."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol
from uuid import UUID


class VendorDirectory(Protocol):
    """Knows the store's vendors."""

    def names(self, ids: Collection[UUID]) -> dict[UUID, str]:
        """The names of those that exist, in one query."""
        ...

    def choices(self) -> list[tuple[UUID, str]]:
        """Every vendor by name, in one query."""
        ...


class NoVendors:
    """The default: nobody keeps vendors, so there are none."""

    def names(self, ids: Collection[UUID]) -> dict[UUID, str]:
        """None."""
        return {}

    def choices(self) -> list[tuple[UUID, str]]:
        """None."""
        return []


_directory: list[VendorDirectory] = [NoVendors()]


def register_vendor_directory(directory: VendorDirectory) -> None:
    """Have `directory` asked from now on."""
    _directory[:] = [directory]


def vendors() -> VendorDirectory:
    """Who knows the store's vendors."""
    return _directory[0]
