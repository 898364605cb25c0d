"""Begin the second step of a sign-in."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apps.accounts import mfa
from apps.accounts.errors import TooManyAttempts
from apps.accounts.models import ChallengeKind, MfaChallenge, MfaKind, User
from apps.accounts.selectors import mfa_methods
from apps.accounts.services.send_mfa_code import send_mfa_code
from apps.accounts.services.spend_code import BACKUP
from apps.accounts.types import MfaChallenged

LIFETIME = timedelta(minutes=5)


def start_challenge(*, user: User) -> MfaChallenged | None:
    """What asks a user with the right password for a code; None where none is needed.

    Where codes come by e-mail alone, one is mailed at once. Publishes UserMessageRequested then.
    Serves ACC-20.
    """
    kinds = mfa_methods(user.pk)
    if not kinds:
        return None
    now = timezone.now()
    # What nobody answered, in passing: no sweep is needed.
    MfaChallenge.objects.filter(expires_at__lt=now).delete()
    row = MfaChallenge.objects.create(
        user=user, kind=ChallengeKind.SIGN_IN, expires_at=now + LIFETIME
    )
    if kinds == (MfaKind.EMAIL,):
        _mail(user)
    return MfaChallenged(
        token=mfa.challenge_token(row.pk, user.password),
        methods=(*kinds, BACKUP),
        expires_in=int(LIFETIME.total_seconds()),
    )


def _mail(user: User) -> None:
    try:
        send_mfa_code(user_id=user.pk)
    except TooManyAttempts:
        # Enough were mailed; the last one still counts.
        return
