"""Make ten new backup codes."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts import mfa
from apps.accounts.errors import MfaNotOn
from apps.accounts.locks import lock_user
from apps.accounts.models import BackupCode, User
from apps.accounts.selectors import mfa_methods
from apps.accounts.services.prove_mfa import prove_mfa
from apps.accounts.services.tell_mfa_changed import tell_mfa_changed


def renew_backup_codes(*, user_id: UUID, password: str, code: str) -> list[str]:
    """Ten new backup codes for whoever knows password and a code; the old ones end.

    Locks the user. Publishes UserUpdated, UserMessageRequested. Raises MfaNotOn, WrongPassword,
    InvalidMfaCode, TooManyAttempts. Serves ACC-20.
    """
    if not mfa_methods(user_id):
        raise MfaNotOn("Backup codes come with the first kind of two-step sign-in.")
    prove_mfa(user_id=user_id, password=password, code=code)
    with transaction.atomic():
        user = lock_user(user_id)
        codes = replace_backup_codes(user)
        tell_mfa_changed(user)
    return codes


def replace_backup_codes(user: User) -> list[str]:
    """Ten codes in place of all the user had. The caller holds the user's lock."""
    codes = mfa.new_backup_codes()
    BackupCode.objects.filter(user=user).delete()
    BackupCode.objects.bulk_create(
        BackupCode(user=user, digest=mfa.backup_digest(user.pk, code)) for code in codes
    )
    return codes
