"""Choose a new password by a mailed link."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.db import transaction

from apps.accounts import attempts
from apps.accounts.links import find_confirmation, follow_link
from apps.accounts.locks import lock_user
from apps.accounts.models import Purpose
from apps.accounts.rules import check_password
from apps.accounts.services.set_password import write_password


def confirm_password_reset(*, token: str, password: str) -> None:
    """Set the password, sign the user out everywhere, and unlock the account; the link works once.

    Whoever follows the link reads the mailbox, so the address is confirmed too. Locks the user.
    Publishes UserUpdated, at which the user is told by mail. Raises InvalidLink, TooManyAttempts,
    ValidationFailed. Serves ACC-19, ACC-23, T15.
    """
    row = follow_link(token, Purpose.RESET_PASSWORD)
    check_password(password, row.user)
    # Before the transaction: hashing takes a quarter of a second on purpose.
    hashed = make_password(password)
    with transaction.atomic():
        user = lock_user(row.user_id)
        # Again under the lock: of two who follow one link at once, one comes too late.
        find_confirmation(token, Purpose.RESET_PASSWORD)
        write_password(user, hashed, verified=True)
    attempts.unlock(row.user.email)
