"""Sign out: one device, or all of them."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from apps.accounts.models import Session


def revoke_sessions(*, user_id: UUID | str, session_id: UUID | str | None = None) -> int:
    """Revoke one session of a user, or all; returns how many were open.

    Their access tokens stop with the next request, their refresh tokens at once (T14).
    """
    sessions = Session.objects.filter(user_id=user_id, revoked_at__isnull=True)
    if session_id is not None:
        sessions = sessions.filter(pk=session_id)
    now = timezone.now()
    return sessions.update(revoked_at=now, updated_at=now)
