"""Mail a code of six digits."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts import attempts, mfa
from apps.accounts.errors import MfaEmailUnavailable
from apps.accounts.locks import lock_user
from apps.accounts.models import ChallengeKind, MfaChallenge, User
from apps.common.context import current_store
from apps.events.contracts import UserMessageRequested
from apps.events.facade import publish

MESSAGE = "mfa_code"
LIFETIME = timedelta(minutes=10)
_RATE = "5/15 minute"


def send_mfa_code(*, user_id: UUID) -> None:
    """Mail the user a fresh code, good for ten minutes and five tries; an older one ends.

    Locks the user. Publishes UserMessageRequested. Raises MfaEmailUnavailable, UserNotFound,
    TooManyAttempts. Serves ACC-20.
    """
    if current_store().is_public:
        raise MfaEmailUnavailable
    attempts.spend(_RATE, "mfa-mail", str(user_id))
    with transaction.atomic():
        user = lock_user(user_id)
        MfaChallenge.objects.filter(user=user, kind=ChallengeKind.EMAIL).delete()
        _mail(user)


def _mail(user: User) -> None:
    row = MfaChallenge.objects.create(
        user=user, kind=ChallengeKind.EMAIL, expires_at=timezone.now() + LIFETIME
    )
    publish(
        UserMessageRequested(
            reference_id=row.pk,
            kind=MESSAGE,
            email=user.email,
            name=user.first_name,
            user_id=user.pk,
        )
    )


def secrets_of_code(reference_id: UUID) -> dict[str, str] | None:
    """What the mail of a code needs; None when the code was used, replaced or is too old."""
    row = MfaChallenge.objects.select_related("user").filter(pk=reference_id).first()
    if row is None or row.expires_at <= timezone.now() or not row.user.is_active:
        return None
    return {"code": mfa.email_code(row.pk)}
