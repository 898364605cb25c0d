"""Ask for a link that lets one choose a new password."""

from __future__ import annotations

from django.db import transaction

from apps.accounts import attempts
from apps.accounts.locks import lock_user
from apps.accounts.models import AccountStatus, Purpose, User
from apps.accounts.rules import normalized_email
from apps.accounts.services.open_confirmation import open_confirmation
from apps.common.ids import uuid7
from apps.events.contracts import PasswordResetRequested
from apps.events.facade import publish

_PER_ACCOUNT = "5/hour"
_PER_ADDRESS = "50/hour"


def request_password_reset(*, email: str) -> None:
    """Note the wish. Nobody is looked up here, so neither answer nor time tells of an account.

    Publishes PasswordResetRequested, at which `mail_password_reset` runs. Raises ValidationFailed,
    and TooManyAttempts by address, whether or not it has an account. Serves ACC-23, T15.
    """
    wanted = normalized_email(email)
    attempts.spend_from_client(_PER_ADDRESS, "reset-from")
    attempts.spend(_PER_ACCOUNT, "reset", wanted)
    with transaction.atomic():
        publish(PasswordResetRequested(request_id=uuid7(), email=wanted))


@transaction.atomic
def mail_password_reset(*, email: str) -> None:
    """Mail the active user of this address a link; it ends the one mailed before.

    Where there is no such user, nothing happens. Locks the user. Publishes UserMessageRequested.
    """
    user = User.objects.filter(email=email, status=AccountStatus.ACTIVE).first()
    if user is not None:
        locked = lock_user(user.pk)
        open_confirmation(user=locked, purpose=Purpose.RESET_PASSWORD, email=locked.email)
