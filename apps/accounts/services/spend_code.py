"""Take a code: each counts once, however many send it at the same time."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db.models import F
from django.utils import timezone

from apps.accounts import attempts, mfa
from apps.accounts.models import BackupCode, ChallengeKind, MfaChallenge, MfaKind, MfaMethod, User
from apps.accounts.selectors import mfa_methods
from apps.common.crypto import DecryptionError, decrypt

log = structlog.get_logger(__name__)

BACKUP = "backup"
MOST_TRIES = 5
# Over all challenges and proofs of one user, right codes forgiven: whoever knows the password
# cannot go on guessing by signing in anew.
_WRONG_CODES = ("10/15 minute", "50/day")


def spend_code(*, user: User, method: str, code: str) -> bool:
    """Whether this code counts now; if it does, it never will again (ACC-20).

    method: `totp`, `email` or `backup`; one that the user has not on takes no code. Call it with
    no transaction open, so that a wrong try stays counted. Raises TooManyAttempts.
    """
    begin_try(user)
    typed = mfa.plain(code)
    on = MfaMethod.objects.filter(user=user, confirmed_at__isnull=False)
    taken = False
    if method == MfaKind.TOTP:
        taken = any(spend_step(row, typed) for row in on.filter(kind=MfaKind.TOTP))
    elif method == MfaKind.EMAIL:
        taken = on.filter(kind=MfaKind.EMAIL).exists() and spend_mailed_code(user, typed)
    elif method == BACKUP:
        taken = on.exists() and _spend_backup(user, typed)
    if taken:
        end_try(user)
    return taken


def spend_any(*, user: User, code: str) -> bool:
    """`spend_code` by what the code looks like: of the app or a mail, or a backup code."""
    kinds = mfa_methods(user.pk) if mfa.is_six_digits(mfa.plain(code)) else (BACKUP,)
    return any(spend_code(user=user, method=kind, code=code) for kind in kinds)


def begin_try(user: User) -> None:
    """Count a try at any code of the user. Raises TooManyAttempts."""
    for rate in _WRONG_CODES:
        attempts.spend(rate, "mfa-code", str(user.pk))


def end_try(user: User) -> None:
    """A code was right: the user's wrong ones are forgiven."""
    for rate in _WRONG_CODES:
        attempts.forgive(rate, "mfa-code", str(user.pk))


def spend_step(method: MfaMethod, code: str) -> bool:
    """Whether the code is of a time step that is present and was not taken before, on or not."""
    try:
        secret = decrypt(method.secret, purpose="totp")
    except DecryptionError as error:
        # The key is gone, or the row was copied from another store: backup codes remain.
        log.warning("totp_unreadable", user=str(method.user_id), error=repr(error))
        return False
    step = mfa.matching_step(secret, code)
    if step is None:
        return False
    unused = MfaMethod.objects.filter(pk=method.pk, last_step__lt=step)
    return unused.update(last_step=step, updated_at=timezone.now()) == 1


def spend_mailed_code(user: User, code: str) -> bool:
    """Whether this is the code that was mailed to the user last, and is fresh and unused."""
    now = timezone.now()
    mailed = MfaChallenge.objects.filter(user=user, kind=ChallengeKind.EMAIL)
    row = mailed.filter(expires_at__gt=now).order_by("-created_at").first()
    if row is None or not count_try(row, now) or not mfa.is_email_code(row.pk, code):
        return False
    return MfaChallenge.objects.filter(pk=row.pk).delete()[0] == 1


def count_try(challenge: MfaChallenge, now: datetime) -> bool:
    """Use up one of a challenge's five tries; whether there was one left."""
    left = MfaChallenge.objects.filter(
        pk=challenge.pk, tries__lt=MOST_TRIES, expires_at__gt=now
    ).update(tries=F("tries") + 1)
    return left == 1


def _spend_backup(user: User, code: str) -> bool:
    unused = BackupCode.objects.filter(
        user=user, digest__in=mfa.backup_digests(user.pk, code), used_at__isnull=True
    )
    now = timezone.now()
    return unused.update(used_at=now, updated_at=now) == 1
