"""Give a key a new text."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.api_keys import changed_on_commit, key_hash, new_secret
from apps.accounts.errors import ApiKeyEnded
from apps.accounts.locks import lock_api_key
from apps.accounts.roles import Holder
from apps.accounts.services.create_api_key import NewKey
from apps.common.errors import PermissionDenied, ValidationFailed

MOST_OVERLAP_HOURS = 168


def rotate_api_key(*, key_id: UUID, by: Holder, overlap_hours: int = 24) -> NewKey:
    """A new text for the same key; the former one works for `overlap_hours` more, 0 for not at all.

    One from an earlier rotation that still worked stops at once. Whoever rotates learns the new
    text, so they must hold all that it opens. Locks the key. Raises ApiKeyNotFound, ApiKeyEnded,
    PermissionDenied, ValidationFailed. Serves PEER-54.
    """
    if not 0 <= overlap_hours <= MOST_OVERLAP_HOURS:
        detail = f"Send 0 to {MOST_OVERLAP_HOURS} hours."
        raise ValidationFailed.of("overlap_hours", "invalid", detail)
    with transaction.atomic():
        row = lock_api_key(key_id, by)
        now = timezone.now()
        if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
            raise ApiKeyEnded
        if not by.permissions >= set(row.scopes):
            raise PermissionDenied("This key may do more than you: have its owner rotate it.")
        former = row.secret_hash
        secret, row.prefix = new_secret(row.kind, is_test=row.is_test)
        row.secret_hash = key_hash(secret)
        row.previous_hash = former if overlap_hours else ""
        row.previous_until = now + timedelta(hours=overlap_hours) if overlap_hours else None
        row.save(
            update_fields=["prefix", "secret_hash", "previous_hash", "previous_until", "updated_at"]
        )
        changed_on_commit()
    return NewKey(row, secret)
