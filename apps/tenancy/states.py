"""The stages of a store's life, and the steps between them."""

from __future__ import annotations

from apps.common.errors import InvalidTransition
from apps.tenancy.models import StoreStatus

_STEPS: dict[str, frozenset[str]] = {
    StoreStatus.ACTIVE: frozenset({StoreStatus.SUSPENDED, StoreStatus.DELETING}),
    StoreStatus.SUSPENDED: frozenset({StoreStatus.ACTIVE, StoreStatus.DELETING}),
    # Back to what it was before. The way on ends the row itself.
    StoreStatus.DELETING: frozenset({StoreStatus.ACTIVE, StoreStatus.SUSPENDED}),
}


def check_step(before: str, after: str) -> None:
    """Raises InvalidTransition for a step that the table does not list."""
    if after not in _STEPS[before]:
        raise InvalidTransition(f"A store that is {before} cannot become {after}.")
