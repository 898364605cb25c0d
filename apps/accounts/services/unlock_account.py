"""Let somebody sign in again who has tried too often."""

from __future__ import annotations

from uuid import UUID

from apps.accounts import attempts
from apps.accounts.errors import UserNotFound
from apps.accounts.models import User


def unlock_account(*, user_id: UUID) -> None:
    """Forget the failed tries of the user's address. Raises UserNotFound. Serves ACC-15, T15."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    attempts.unlock(user.email)
