"""Take a key out of use."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.api_keys import changed_on_commit
from apps.accounts.locks import lock_api_key
from apps.accounts.models import ApiKey
from apps.accounts.roles import Holder


def revoke_api_key(*, key_id: UUID, by: Holder) -> ApiKey:
    """End the key, and the one before it, within a second; doing it again changes nothing.

    Locks the key. Raises ApiKeyNotFound. Serves PEER-54, T14.
    """
    with transaction.atomic():
        row = lock_api_key(key_id, by)
        if row.revoked_at is None:
            row.revoked_at = timezone.now()
            row.save(update_fields=["revoked_at", "updated_at"])
            changed_on_commit()
    return row
