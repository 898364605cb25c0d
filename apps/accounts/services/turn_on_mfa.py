"""Turn on a kind of two-step sign-in: by an authenticator app, or by codes in e-mails."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts import mfa
from apps.accounts.errors import InvalidMfaCode, MfaAlreadyOn, MfaNotOn, UserNotFound
from apps.accounts.locks import lock_user
from apps.accounts.models import MfaKind, MfaMethod, User
from apps.accounts.services.renew_backup_codes import replace_backup_codes
from apps.accounts.services.spend_code import begin_try, end_try, spend_mailed_code, spend_step
from apps.accounts.services.tell_mfa_changed import tell_mfa_changed
from apps.common.crypto import encrypt


def enrol_totp(*, user_id: UUID) -> mfa.Enrolment:
    """A fresh key for an authenticator app; it counts once `confirm_totp` has seen a code of it.

    An earlier key that was not confirmed is forgotten. Locks the user. Raises MfaAlreadyOn,
    UserNotFound. Serves ACC-20, SEC-03.
    """
    secret = mfa.new_totp_secret()
    with transaction.atomic():
        user = lock_user(user_id)
        _refuse_if_on(user, MfaKind.TOTP)
        MfaMethod.objects.update_or_create(
            user=user,
            kind=MfaKind.TOTP,
            defaults={"secret": encrypt(secret, purpose="totp"), "last_step": 0},
        )
    return mfa.enrolment(secret, email=user.email)


def confirm_totp(*, user_id: UUID, code: str) -> list[str]:
    """Turn the app on; returns ten backup codes, or none where the user has some already.

    Locks the user. Publishes UserUpdated, UserMessageRequested. Raises InvalidMfaCode,
    MfaAlreadyOn, MfaNotOn where enrolment was not begun, TooManyAttempts. Serves ACC-20.
    """
    user = _user(user_id)
    _refuse_if_on(user, MfaKind.TOTP)
    row = MfaMethod.objects.filter(user=user, kind=MfaKind.TOTP).first()
    if row is None:
        raise MfaNotOn("Begin with POST auth/mfa/totp.")
    begin_try(user)
    if not spend_step(row, mfa.plain(code)):
        raise InvalidMfaCode
    # The key whose code it was, and no other that was begun meanwhile.
    return _turn_on(user, MfaKind.TOTP, secret=row.secret)


def confirm_email_codes(*, user_id: UUID, code: str) -> list[str]:
    """Turn codes by e-mail on with one that was mailed; returns backup codes as `confirm_totp`.

    Locks the user. Publishes UserUpdated, UserMessageRequested. Raises InvalidMfaCode,
    MfaAlreadyOn, TooManyAttempts. Serves ACC-20.
    """
    user = _user(user_id)
    _refuse_if_on(user, MfaKind.EMAIL)
    begin_try(user)
    if not spend_mailed_code(user, mfa.plain(code)):
        raise InvalidMfaCode
    return _turn_on(user, MfaKind.EMAIL)


def _turn_on(user: User, kind: MfaKind, secret: str = "") -> list[str]:
    end_try(user)
    with transaction.atomic():
        user = lock_user(user.pk)
        _refuse_if_on(user, kind)
        now = timezone.now()
        if kind == MfaKind.EMAIL:
            MfaMethod.objects.get_or_create(user=user, kind=kind)
        proven = MfaMethod.objects.filter(user=user, kind=kind, secret=secret)
        if not proven.update(confirmed_at=now, updated_at=now):
            raise InvalidMfaCode
        unused = user.backup_codes.filter(used_at__isnull=True)
        codes = [] if unused.exists() else replace_backup_codes(user)
        tell_mfa_changed(user)
    return codes


def _user(user_id: UUID) -> User:
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    return user


def _refuse_if_on(user: User, kind: MfaKind) -> None:
    if MfaMethod.objects.filter(user=user, kind=kind, confirmed_at__isnull=False).exists():
        raise MfaAlreadyOn
