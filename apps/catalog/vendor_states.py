"""The stages of a vendor, and the steps between them (PEER-31, I-42)."""

from __future__ import annotations

from apps.catalog.models import VendorStatus
from apps.common.errors import InvalidTransition

STEPS: dict[str, frozenset[str]] = {
    VendorStatus.APPLIED: frozenset({VendorStatus.ACTIVE, VendorStatus.REJECTED}),
    # Who was turned down may apply once more.
    VendorStatus.REJECTED: frozenset({VendorStatus.APPLIED}),
    VendorStatus.ACTIVE: frozenset({VendorStatus.SUSPENDED}),
    VendorStatus.SUSPENDED: frozenset({VendorStatus.ACTIVE}),
}


def check_step(before: str, after: str) -> None:
    """Raises InvalidTransition for a step that the table does not list."""
    if after not in STEPS[before]:
        raise InvalidTransition(f"A vendor that is {before} cannot become {after}.")
