"""Open a session for a user and hand out its first pair of tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.accounts import tokens
from apps.accounts.errors import UserNotFound
from apps.accounts.models import AccountStatus, Session, User
from apps.accounts.types import TokenPair
from apps.common.ids import uuid7


def issue_tokens(*, user_id: UUID, user_agent: str = "", address: str | None = None) -> TokenPair:
    """A new session of an active user and its tokens, valid in the current store alone.

    Access lives 15 minutes, refresh 7 days. Raises UserNotFound. Serves ACC-02, ACC-05, ACC-09.
    """
    user = User.objects.filter(pk=user_id, status=AccountStatus.ACTIVE).first()
    if user is None:
        raise UserNotFound
    session = Session.objects.create(
        user=user,
        refresh_id=uuid7(),
        expires_at=refresh_expiry(),
        user_agent=user_agent[:200],
        address=address,
    )
    return sign_pair(user=user, session=session)


def refresh_expiry() -> datetime:
    """When a refresh token that is signed now stops."""
    return timezone.now() + timedelta(days=settings.REFRESH_TOKEN_DAYS)


def sign_pair(*, user: User, session: Session) -> TokenPair:
    """Both tokens of a session as it stands; the refresh token is the session's only valid one."""
    access = tokens.sign(
        kind=tokens.ACCESS,
        user_id=user.id,
        session_id=session.id,
        token_id=uuid7(),
        role=user.role,
        permissions=sorted(user.permissions),
    )
    refresh = tokens.sign(
        kind=tokens.REFRESH, user_id=user.id, session_id=session.id, token_id=session.refresh_id
    )
    return TokenPair(access=access, refresh=refresh)
