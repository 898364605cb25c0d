"""Row locks of accounts: the user's row stands for everything that belongs to the user."""

from __future__ import annotations

from uuid import UUID

from apps.accounts.errors import UserNotFound
from apps.accounts.models import User


def lock_user(user_id: UUID) -> User:
    """The user, locked until the transaction ends. Raises UserNotFound."""
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    return user
