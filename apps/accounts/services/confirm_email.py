"""Follow a link that proves an e-mail address."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from apps.accounts.facts import tell_updated
from apps.accounts.links import find_confirmation, follow_link
from apps.accounts.locks import lock_user
from apps.accounts.models import Confirmation, Purpose, User
from apps.accounts.services.create_user import email_taken, is_email_conflict

EMAIL_PURPOSES = (Purpose.VERIFY_EMAIL, Purpose.CHANGE_EMAIL)


def confirm_email(*, token: str) -> User:
    """The user's address is confirmed, or the new one takes effect; the link works once.

    A link belongs to the user and to the address that the user had when it was sent. Locks the
    user. Publishes UserUpdated. Raises InvalidLink, TooManyAttempts, EmailTaken where somebody
    else took the new address meanwhile. Serves ACC-24, T15.
    """
    row = follow_link(token, *EMAIL_PURPOSES)
    try:
        with transaction.atomic():
            return _confirm(row, token)
    except IntegrityError as error:
        if not is_email_conflict(error):
            raise
        raise email_taken() from error


def _confirm(found: Confirmation, token: str) -> User:
    user = lock_user(found.user_id)
    # Again under the lock: of two who follow one link at once, one comes too late.
    row = find_confirmation(token, found.purpose)
    previous = user.email
    changed = ["email_verified"]
    user.email, user.email_verified = row.email, True
    if row.email != previous:
        changed.append("email")
        # Links that went to the former address prove nothing any more.
        Confirmation.objects.filter(user=user).delete()
    row.delete()
    user.save(update_fields=["email", "email_verified", "updated_at"])
    tell_updated(user, changed, previous_email=previous if "email" in changed else "")
    return user
