"""Mail the link again that confirms an e-mail address."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts import attempts
from apps.accounts.locks import lock_user
from apps.accounts.models import Purpose
from apps.accounts.services.open_confirmation import open_confirmation


def resend_verification(*, user_id: UUID) -> None:
    """A new link to the user's address; an address that is confirmed already gets none.

    Locks the user. Publishes UserMessageRequested. Raises UserNotFound, TooManyAttempts. Serves
    ACC-24.
    """
    attempts.spend("5/hour", "verify-resend", str(user_id))
    with transaction.atomic():
        user = lock_user(user_id)
        if not user.email_verified:
            open_confirmation(user=user, purpose=Purpose.VERIFY_EMAIL, email=user.email)
