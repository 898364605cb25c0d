"""Ask to change one's own e-mail address."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts import attempts
from apps.accounts.locks import lock_user
from apps.accounts.models import Purpose, User
from apps.accounts.rules import normalized_email
from apps.accounts.services.open_confirmation import open_confirmation
from apps.accounts.services.prove_password import prove_password
from apps.accounts.services.tell_owner import tell_owner
from apps.common.errors import ValidationFailed


def change_email(*, user_id: UUID, email: str, password: str) -> None:
    """Mail a link to the new address and a note to the present one; the link makes the change.

    Where the new address has an account already, its owner is told instead and the caller learns
    nothing. Locks the user. Publishes UserMessageRequested. Raises WrongPassword,
    ValidationFailed, TooManyAttempts, UserNotFound. Serves ACC-14, ACC-24, T15.
    """
    wanted = normalized_email(email)
    user = prove_password(user_id=user_id, password=password)
    if wanted == user.email:
        raise ValidationFailed.of("email", "unchanged", "This is your address already.")
    attempts.spend("5/hour", "change-email", str(user_id))
    with transaction.atomic():
        locked = lock_user(user_id)
        tell_owner(user=locked, kind="email_change_requested")
        owner = User.objects.filter(email=wanted).first()
        if owner is None:
            open_confirmation(user=locked, purpose=Purpose.CHANGE_EMAIL, email=wanted)
        else:
            tell_owner(user=owner, kind="already_registered")
