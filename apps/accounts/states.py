"""The states of an account and the steps between them (ACC-16)."""

from __future__ import annotations

from apps.accounts.models import AccountStatus
from apps.common.errors import InvalidTransition

TRANSITIONS: dict[str, frozenset[str]] = {
    AccountStatus.ACTIVE: frozenset({AccountStatus.SUSPENDED, AccountStatus.DEACTIVATED}),
    AccountStatus.SUSPENDED: frozenset({AccountStatus.ACTIVE, AccountStatus.DEACTIVATED}),
    AccountStatus.DEACTIVATED: frozenset(),
}


def check_transition(before: str, after: str) -> None:
    """Raises InvalidTransition for a step that the table does not list."""
    if after not in TRANSITIONS[before]:
        raise InvalidTransition(f"An account that is {before} cannot become {after}.")
