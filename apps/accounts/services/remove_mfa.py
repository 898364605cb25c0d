"""Turn two-step sign-in off: one's own by proof, somebody else's as staff."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts.errors import MfaNotOn, MfaRequired
from apps.accounts.locks import lock_user
from apps.accounts.models import BackupCode, MfaChallenge, MfaMethod, User
from apps.accounts.roles import may_manage
from apps.accounts.selectors import mfa_methods, mfa_required
from apps.accounts.services.prove_mfa import prove_mfa
from apps.accounts.services.tell_mfa_changed import tell_mfa_changed
from apps.common.errors import PermissionDenied


def remove_mfa(*, user_id: UUID, kind: str, password: str, code: str) -> None:
    """Turn one kind off. With the last one the backup codes go too.

    Locks the user. Publishes UserUpdated, UserMessageRequested. Raises MfaNotOn, MfaRequired where
    the role may not be without, WrongPassword, InvalidMfaCode, TooManyAttempts. Serves ACC-20.
    """
    with transaction.atomic():
        _left_without(lock_user(user_id), kind)
    prove_mfa(user_id=user_id, password=password, code=code)
    with transaction.atomic():
        user = lock_user(user_id)
        left = _left_without(user, kind)
        MfaMethod.objects.filter(user=user, kind=kind).delete()
        if not left:
            forget_mfa(user)
        tell_mfa_changed(user)


def _left_without(user: User, kind: str) -> set[str]:
    """The kinds that remain. Raises MfaNotOn, MfaRequired."""
    on = set(mfa_methods(user.pk))
    if kind not in on:
        raise MfaNotOn
    left = on - {kind}
    if not left and mfa_required(user.role):
        raise MfaRequired
    return left


def reset_mfa(*, user_id: UUID, by: UUID, held: frozenset[str]) -> None:
    """Turn off all that a user has, for one who lost the telephone and the backup codes.

    by: who does it, with the permissions `held`; never for oneself, who has the other way. Locks
    the user. Publishes UserUpdated, UserMessageRequested. Raises UserNotFound, PermissionDenied,
    MfaNotOn. Serves ACC-15, ACC-20.
    """
    with transaction.atomic():
        user = lock_user(user_id)
        if user_id == by or not may_manage(held, user.role):
            raise PermissionDenied("You may not reset the two-step sign-in of this account.")
        clear_mfa(user_id=user_id)


def clear_mfa(*, user_id: UUID) -> None:
    """Turn off all that a user has, for whoever runs the platform and has checked who asks.

    Locks the user. Publishes UserUpdated, UserMessageRequested. Raises UserNotFound, MfaNotOn.
    """
    with transaction.atomic():
        user = lock_user(user_id)
        if not mfa_methods(user.pk):
            raise MfaNotOn("This account has no two-step sign-in.")
        forget_mfa(user)
        tell_mfa_changed(user)


def forget_mfa(user: User) -> None:
    """Delete every trace of the user's two-step sign-in. The caller holds the user's lock."""
    MfaMethod.objects.filter(user=user).delete()
    BackupCode.objects.filter(user=user).delete()
    MfaChallenge.objects.filter(user=user).delete()
