"""Give a user a new password."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts.errors import UserNotFound
from apps.accounts.models import User
from apps.accounts.rules import check_password
from apps.accounts.services.revoke_sessions import revoke_sessions


def set_password(*, user_id: UUID, password: str) -> User:
    """Set the password and sign the user out everywhere: whoever knew the old one is out.

    Raises UserNotFound, ValidationFailed. Serves ACC-19.
    """
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    check_password(password, user)
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password", "updated_at"])
        revoke_sessions(user_id=user.id)
    return user
