"""Change a user's profile, and by staff also the role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.locks import lock_user
from apps.accounts.models import User
from apps.accounts.rules import check_user

PROFILE_FIELDS = frozenset({"first_name", "last_name", "phone"})
STAFF_FIELDS = PROFILE_FIELDS | {"role", "vendor_id", "email_verified"}


def change_user(*, user_id: UUID, values: Mapping[str, Any]) -> User:
    """Set some of STAFF_FIELDS; the caller has checked who may set which.

    Locks the user. Raises UserNotFound, ValidationFailed. Serves ACC-14, ACC-15.
    """
    unknown = set(values) - STAFF_FIELDS
    if unknown:
        raise ValueError(f"Not to be changed here: {sorted(unknown)}")
    with transaction.atomic():
        user = lock_user(user_id)
        for name, value in values.items():
            setattr(user, name, value)
        if values:
            check_user(user)
            user.save(update_fields=[*values, "updated_at"])
        return user
