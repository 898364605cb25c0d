"""Reads, scoped to what the caller may see (ACC-11)."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.errors import UserNotFound
from apps.accounts.models import AccountStatus, Address, User

_SIGNED_IN = """
SELECT accounts_user.* FROM accounts_user
JOIN accounts_session ON accounts_session.user_id = accounts_user.id
WHERE accounts_user.id = %s AND accounts_session.id = %s
  AND accounts_session.revoked_at IS NULL AND accounts_user.status = %s
"""


def signed_in_user(*, user_id: str, session_id: str) -> User | None:
    """The active user of a session that was not revoked; one query.

    Asked with every request, so in plain SQL: composing it anew would cost more than running it.
    """
    found = User.objects.raw(_SIGNED_IN, [user_id, session_id, AccountStatus.ACTIVE])
    return next(iter(found), None)


def visible_users(user: User) -> QuerySet[User]:
    """Everybody for those who hold `users.read`, else oneself."""
    if "users.read" in user.permissions:
        return User.objects.all()
    return User.objects.filter(pk=user.pk)


def find_visible_user(user: User, user_id: str) -> User:
    """The user by id, or `me` for oneself. Raises UserNotFound, also for what is no UUID."""
    if user_id == "me":
        return user
    try:
        wanted = UUID(user_id)
    except ValueError as error:
        raise UserNotFound from error
    if wanted == user.pk:
        return user
    found = visible_users(user).filter(pk=wanted).first()
    if found is None:
        raise UserNotFound
    return found


def addresses_of(user_id: UUID) -> QuerySet[Address]:
    """A user's addresses, the default first."""
    return Address.objects.filter(user_id=user_id)
