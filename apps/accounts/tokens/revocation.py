"""Which sessions have ended while their access tokens have not (ACC-08, ACC-22, T14).

Redis holds the ids of the sessions that ended within an access token's lifetime, and a mark that
says the list is whole: the version of the store's keys. One round trip reads both. Where the mark
is missing (Redis was flushed, or did not take a write), and where Redis does not answer at all,
PostgreSQL decides. The mark lasts a minute, so a write that was lost counts no longer than that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from uuid import UUID

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from apps.accounts.models import Session
from apps.accounts.tokens import keyring
from apps.accounts.tokens.access import Access
from apps.common.context import StoreRef, current, current_store, use

log = structlog.get_logger(__name__)

_MARK = "auth:mark"
_MARK_SECONDS = 60
_REBUILDING = "auth:rebuilding"
_BATCH = 1_000
# The stores whose list lacks something that Redis did not take.
_owed: set[UUID] = set()

_STANDS = """
SELECT EXISTS (
    SELECT 1 FROM accounts_session JOIN accounts_user ON accounts_user.id = accounts_session.user_id
    WHERE accounts_session.id = %s AND accounts_user.id = %s
      AND accounts_session.revoked_at IS NULL AND accounts_user.status = 'active'
) AND EXISTS (
    SELECT 1 FROM accounts_signingkey
    WHERE id = %s AND (verifies_until IS NULL OR verifies_until > now())
)
"""


def stands(access: Access) -> bool:
    """Whether the session of a checked access token goes on; no query while Redis answers."""
    ended = _ended_key(access.principal.session_id)
    try:
        if current_store().id in _owed:
            _blank()
        found = cache.get_many([_MARK, ended])
    except Exception as error:
        log.warning("revocations_unread", error=repr(error))
        return _stands_in_database(access)
    if ended in found:
        return False
    mark = found.get(_MARK)
    if mark and mark == keyring.known_ring().version:
        return True
    # Other keys than ours, or no list: PostgreSQL knows both.
    ring = keyring.read_ring()
    if not mark:
        _rebuild(ring.version)
    return _stands_in_database(access)


def announce(store: StoreRef, session_ids: Iterable[UUID]) -> None:
    """Tell every process that these sessions of a store have ended; called after the commit."""
    with use(replace(current(), store=store)):
        try:
            _write(session_ids)
        except Exception as error:
            _owed.add(store.id)
            log.warning("revocations_unwritten", error=repr(error))


def announce_keys(store: StoreRef) -> None:
    """Have every process read a store's keys anew; called after the commit."""
    with use(replace(current(), store=store)):
        keyring.forget_ring()
        try:
            _blank()
        except Exception as error:
            _owed.add(store.id)
            log.warning("revocations_unwritten", error=repr(error))


def _blank() -> None:
    cache.set(_MARK, 0, timeout=_MARK_SECONDS)
    _owed.discard(current_store().id)


def _rebuild(version: int) -> None:
    """Write the list and then the mark. One process does it; the others ask for themselves."""
    try:
        if not cache.add(_REBUILDING, 1, timeout=5):
            return
        recent = timezone.now() - timedelta(seconds=_kept_seconds())
        ended = Session.objects.filter(revoked_at__gt=recent).values_list("pk", flat=True)
        _write(ended.iterator(chunk_size=_BATCH))
        cache.set(_MARK, version, timeout=_MARK_SECONDS)
        cache.set(_REBUILDING, 0, timeout=0)
    except Exception as error:
        log.warning("revocations_not_rebuilt", error=repr(error))


def _write(session_ids: Iterable[UUID]) -> None:
    ids = iter(session_ids)
    while rows := {_ended_key(one): 1 for one in islice(ids, _BATCH)}:
        cache.set_many(rows, timeout=_kept_seconds())


def _ended_key(session_id: UUID | None) -> str:
    return f"auth:ended:{session_id}"


def _kept_seconds() -> int:
    # A minute longer than any access token of the session, for a transaction that took its time.
    return settings.ACCESS_TOKEN_MINUTES * 60 + 60


def _stands_in_database(access: Access) -> bool:
    principal = access.principal
    with connection.cursor() as cursor:
        cursor.execute(_STANDS, [principal.session_id, principal.id, UUID(access.kid)])
        row = cursor.fetchone()
    return bool(row and row[0])
