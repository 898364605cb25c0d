"""Trade a refresh token for a new pair."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apps.accounts import tokens
from apps.accounts.errors import InvalidToken
from apps.accounts.models import Session
from apps.accounts.services.issue_tokens import session_lifetime, sign_pair
from apps.accounts.services.revoke_sessions import revoke_sessions
from apps.accounts.types import TokenPair
from apps.common.ids import uuid7


def rotate_tokens(*, refresh: str) -> TokenPair:
    """A new pair for the session's present refresh token, which is spent by it.

    The session then lasts anew: 7 days, or 24 hours for staff (ACC-21). A token that was spent
    before means that two parties hold it, however soon it comes again: the whole session is
    revoked. Locks the session. Raises InvalidToken. Serves ACC-03, C-11.
    """
    claims = tokens.read(refresh, kind=tokens.REFRESH)
    with transaction.atomic():
        pair = _rotate(claims["sub"], claims["sid"], claims["jti"])
    # Raised after the commit, so that the revocation stays.
    if pair is None:
        raise InvalidToken
    return pair


def _rotate(user_id: str, session_id: str, token_id: str) -> TokenPair | None:
    now = timezone.now()
    live = Session.objects.filter(revoked_at=None, expires_at__gt=now)
    session = (
        live.select_for_update(of=("self",))
        .select_related("user")
        .filter(pk=session_id, user_id=user_id)
        .first()
    )
    if session is None or not session.user.is_active:
        return None
    if str(session.refresh_id) != token_id:
        revoke_sessions(user_id=user_id, session_id=session_id)
        return None
    session.refresh_id = uuid7()
    session.last_used_at = now
    session.expires_at = now + session_lifetime(session.user.role)
    session.save(update_fields=["refresh_id", "last_used_at", "expires_at", "updated_at"])
    return sign_pair(user=session.user, session=session)
