"""Suspend, reinstate or deactivate an account."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts.facts import tell_updated
from apps.accounts.locks import keep_an_owner, lock_user
from apps.accounts.models import AccountStatus, Confirmation, User
from apps.accounts.services.revoke_sessions import revoke_sessions
from apps.accounts.states import check_transition
from apps.common.context import current_store
from apps.events.contracts import UserDeactivated
from apps.events.facade import publish


def change_status(*, user_id: UUID, status: str, reason: str = "") -> User:
    """Move the account to `status`; whoever may not sign in any more is signed out everywhere.

    Deactivated is for good: open links end with it. reason: why, for the event. Locks the user.
    Publishes UserUpdated, or UserDeactivated, at which the user is bidden farewell and unpaid
    orders are cancelled. Raises UserNotFound, InvalidTransition, LastOwner. Serves ACC-16,
    ACC-17, ACC-18, T16.
    """
    with transaction.atomic():
        user = lock_user(user_id)
        check_transition(user.status, status)
        if status != AccountStatus.ACTIVE:
            keep_an_owner(user)
            revoke_sessions(user_id=user.id)
        user.status = status
        user.save(update_fields=["status", "updated_at"])
        if status == AccountStatus.DEACTIVATED:
            _close(user, reason)
        else:
            tell_updated(user, ["status"])
        return user


def _close(user: User, reason: str) -> None:
    Confirmation.objects.filter(user=user).delete()
    if current_store().is_public:
        return
    publish(
        UserDeactivated(
            user_id=user.id,
            email=user.email,
            first_name=user.first_name,
            role=user.role,
            reason=reason,
        )
    )
