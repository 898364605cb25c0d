"""Give a user a new password."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction

from apps.accounts.errors import UserNotFound
from apps.accounts.facts import tell_updated
from apps.accounts.locks import lock_user
from apps.accounts.models import Confirmation, Purpose, User
from apps.accounts.rules import check_password
from apps.accounts.services.revoke_sessions import revoke_sessions


def set_password(*, user_id: UUID, password: str, field: str = "password") -> User:
    """Set the password and sign the user out everywhere: whoever knew the old one is out.

    field: what the input calls it. Locks the user. Publishes UserUpdated, at which the user is
    told by mail. Raises UserNotFound, ValidationFailed. Serves ACC-19.
    """
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    check_password(password, user, field=field)
    # Before the transaction: hashing takes a quarter of a second on purpose.
    hashed = make_password(password)
    with transaction.atomic():
        return write_password(lock_user(user_id), hashed)


def write_password(user: User, hashed: str, *, verified: bool = False) -> User:
    """Keep a hashed password; ends all sessions, and the links that the old one vouched for.

    verified: the user came by a link to the mailbox. The caller holds the user's lock and has
    checked the password. Publishes UserUpdated.
    """
    changed = {"password"}
    if verified and not user.email_verified:
        user.email_verified = True
        changed.add("email_verified")
    user.password = hashed
    user.save(update_fields=["password", "email_verified", "updated_at"])
    outdated = Confirmation.objects.filter(user=user)
    outdated.filter(purpose__in=[Purpose.RESET_PASSWORD, Purpose.CHANGE_EMAIL]).delete()
    revoke_sessions(user_id=user.pk)
    tell_updated(user, changed)
    return user
