"""Suspend, reinstate or deactivate an account."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts.locks import lock_user
from apps.accounts.models import AccountStatus, User
from apps.accounts.services.revoke_sessions import revoke_sessions
from apps.accounts.states import check_transition


def change_status(*, user_id: UUID, status: str) -> User:
    """Move the account to `status`; whoever may not sign in any more is signed out everywhere.

    Locks the user. Raises UserNotFound, InvalidTransition. Serves ACC-16, T16.
    """
    with transaction.atomic():
        user = lock_user(user_id)
        check_transition(user.status, status)
        user.status = status
        user.save(update_fields=["status", "updated_at"])
        if status != AccountStatus.ACTIVE:
            revoke_sessions(user_id=user.id)
        return user
