"""Open a customer's account for a visitor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from apps.accounts import attempts
from apps.accounts.errors import EmailTaken
from apps.accounts.models import Purpose, User
from apps.accounts.rules import normalized_email
from apps.accounts.services.create_user import give_password, insert_user
from apps.accounts.services.open_confirmation import open_confirmation
from apps.accounts.services.record_consent import record_consent
from apps.accounts.services.tell_owner import tell_owner


def register_user(
    *, email: str, password: str, consents: Sequence[Mapping[str, Any]] = (), **profile: Any
) -> None:
    """Create a customer and mail a link that confirms the address; tells nothing to the caller.

    Where the address has an account already, its owner is told by mail and nothing changes. Both
    ways hash the password once, and differ by a statement or two (T15). `profile` is first_name,
    last_name and phone; each of `consents` has kind, version and granted. Publishes
    UserRegistered and UserMessageRequested. Raises ValidationFailed, TooManyAttempts. Serves
    ACC-01, ACC-24, CMP-01.
    """
    attempts.spend_from_client(f"{settings.REGISTRATIONS_PER_HOUR}/hour", "register-from")
    user = User(email=normalized_email(email), **profile)
    give_password(user, password)
    try:
        with transaction.atomic():
            insert_user(user)
            for consent in consents:
                record_consent(user_id=user.pk, **consent)
            open_confirmation(user=user, purpose=Purpose.VERIFY_EMAIL, email=user.email)
    except EmailTaken:
        _tell_owner(user.email)


@transaction.atomic
def _tell_owner(email: str) -> None:
    user = User.objects.filter(email=email).first()
    if user is not None:
        tell_owner(user=user, kind="already_registered")
