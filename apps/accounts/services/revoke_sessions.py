"""Sign out: one device, or all of them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from apps.accounts.tokens import revocation
from apps.common.context import current_store

_REVOKE = """
UPDATE accounts_session SET revoked_at = clock_timestamp(), updated_at = clock_timestamp()
WHERE user_id = %(user)s AND revoked_at IS NULL
  AND (%(only)s::uuid IS NULL OR id = %(only)s::uuid)
  AND (%(but)s::uuid IS NULL OR id <> %(but)s::uuid)
RETURNING id
"""
# Admin's own sessions carry a hash of this (User.get_session_auth_hash).
_END_ADMIN = "UPDATE accounts_user SET sessions_ended_at = clock_timestamp() WHERE id = %s"


def revoke_sessions(
    *,
    user_id: UUID | str,
    session_id: UUID | str | None = None,
    but: UUID | str | None = None,
) -> int:
    """Revoke one session of a user, or all `but` one; returns how many were open. All of them
    means those in Django admin too.

    With the commit their access tokens stop everywhere, and their refresh tokens. Serves ACC-08,
    ACC-22, T14, T16.
    """
    with connection.cursor() as cursor:
        cursor.execute(_REVOKE, {"user": user_id, "only": session_id, "but": but})
        ended = [row[0] for row in cursor.fetchall()]
        if session_id is None:
            cursor.execute(_END_ADMIN, [user_id])
    tell_ended(ended)
    return len(ended)


def tell_ended(session_ids: Sequence[UUID]) -> None:
    """Have every process know, once this is committed, that the sessions have ended."""
    if session_ids:
        store = current_store()
        transaction.on_commit(lambda: revocation.announce(store, session_ids), robust=True)
