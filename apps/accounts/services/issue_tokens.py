"""Open a session for a user and hand out its first pair of tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts import tokens
from apps.accounts.errors import UserNotFound
from apps.accounts.models import AccountStatus, Session, User
from apps.accounts.roles import Role
from apps.accounts.selectors import must_enrol
from apps.accounts.services.revoke_sessions import tell_ended
from apps.accounts.types import ENROL, TokenPair
from apps.common.ids import uuid7

_END_OLDEST = """
UPDATE accounts_session SET revoked_at = clock_timestamp(), updated_at = clock_timestamp()
WHERE id IN (
    SELECT id FROM accounts_session
    WHERE user_id = %s AND revoked_at IS NULL AND expires_at > clock_timestamp()
    ORDER BY created_at DESC, id DESC OFFSET %s
) RETURNING id
"""


def issue_tokens(*, user_id: UUID, user_agent: str = "", address: str | None = None) -> TokenPair:
    """A new session of an active user and its tokens, valid in the current store alone.

    Access lives 15 minutes; refresh 7 days, or 24 hours for staff. A sixth session ends the
    user's oldest one. Locks the user, so that tokens never carry rights that are being changed.
    Raises UserNotFound. Serves ACC-02, ACC-05, ACC-09, ACC-21.
    """
    with transaction.atomic():
        active = User.objects.filter(pk=user_id, status=AccountStatus.ACTIVE)
        user = active.select_for_update(no_key=True).first()
        if user is None:
            raise UserNotFound
        _end_oldest(user.pk)
        session = Session.objects.create(
            user=user,
            refresh_id=uuid7(),
            expires_at=timezone.now() + session_lifetime(user.role),
            user_agent=user_agent[:200],
            address=address,
        )
    return sign_pair(user=user, session=session)


def session_lifetime(role: str) -> timedelta:
    """How long a session goes on without being used."""
    if role == Role.CUSTOMER:
        return timedelta(days=settings.REFRESH_TOKEN_DAYS)
    return timedelta(hours=settings.STAFF_SESSION_HOURS)


def sign_pair(*, user: User, session: Session) -> TokenPair:
    """Both tokens of a session as it stands; the refresh token is the session's only valid one."""
    rights: dict[str, Any] = {"role": user.role, "permissions": sorted(user.permissions)}
    if user.vendor_id is not None:
        rights["vendor_id"] = str(user.vendor_id)
    # Whoever must set up two-step sign-in first gets a token that opens nothing else (C-13).
    scope = ENROL if must_enrol(user) else ""
    if scope:
        rights |= {"permissions": [], "scope": scope}
    ids = {"user_id": user.id, "session_id": session.id}
    access = tokens.sign(
        kind=tokens.ACCESS,
        token_id=uuid7(),
        lifetime=settings.ACCESS_TOKEN_MINUTES * 60,
        **ids,
        **rights,
    )
    lifetime = int(session_lifetime(user.role).total_seconds())
    refresh = tokens.sign(
        kind=tokens.REFRESH, token_id=session.refresh_id, lifetime=lifetime, **ids
    )
    return TokenPair(
        access=access, refresh=refresh, session_id=session.id, lifetime=lifetime, scope=scope
    )


def _end_oldest(user_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_END_OLDEST, [user_id, settings.MOST_SESSIONS - 1])
        tell_ended([row[0] for row in cursor.fetchall()])
