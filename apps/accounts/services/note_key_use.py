"""Write down when keys were last used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from apps.accounts.models import ApiKey


def note_key_use(used: Mapping[UUID, datetime]) -> int:
    """Set `last_used_at` of the current store's keys, never back; returns how many were set."""
    written = 0
    for key_id, when in used.items():
        older = Q(last_used_at=None) | Q(last_used_at__lt=when)
        written += ApiKey.objects.filter(older, pk=key_id).update(
            last_used_at=when, updated_at=F("updated_at")
        )
    return written
