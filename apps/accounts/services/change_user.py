"""Change a user's profile, and by staff also the role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.facts import tell_updated
from apps.accounts.locks import keep_an_owner, lock_user
from apps.accounts.models import User
from apps.accounts.rules import check_user
from apps.accounts.services.revoke_sessions import revoke_sessions

PROFILE_FIELDS = frozenset({"first_name", "last_name", "phone"})
_RIGHTS = frozenset({"role", "vendor_id"})
# Not `email` and not `email_verified`: those take a link to the mailbox.
STAFF_FIELDS = PROFILE_FIELDS | _RIGHTS | {"customer_group_id"}
# What the event calls a column.
_TOLD = {"customer_group_id": "customer_group"}


def change_user(*, user_id: UUID, values: Mapping[str, Any]) -> User:
    """Set some of STAFF_FIELDS; the caller has checked who may set which.

    Other rights end all sessions: their tokens carry the former ones. Locks the user. Publishes
    UserUpdated when anything differs. Raises UserNotFound, ValidationFailed, LastOwner. Serves
    ACC-14, ACC-15, ACC-17, T16.
    """
    unknown = set(values) - STAFF_FIELDS
    if unknown:
        raise ValueError(f"Not to be changed here: {sorted(unknown)}")
    with transaction.atomic():
        user = lock_user(user_id)
        changed = {name for name, value in values.items() if getattr(user, name) != value}
        if not changed:
            return user
        if "role" in changed:
            keep_an_owner(user)
        for name in changed:
            setattr(user, name, values[name])
        check_user(user)
        user.save(update_fields=[*changed, "updated_at"])
        if changed & _RIGHTS:
            revoke_sessions(user_id=user.id)
        tell_updated(user, {_TOLD.get(name, name) for name in changed})
        return user
