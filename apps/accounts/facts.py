"""How the services of accounts tell what has changed (ACC-17)."""

from __future__ import annotations

from collections.abc import Iterable

from apps.accounts.models import User
from apps.common.context import current_store
from apps.events.contracts import UserUpdated
from apps.events.facade import publish


def tell_updated(user: User, changed: Iterable[str], *, previous_email: str = "") -> None:
    """Publish UserUpdated with the names of what changed; nothing when nothing did.

    Operators are no store's users, and nobody in the public schema would hear of them.
    """
    names = tuple(sorted(changed))
    if not names or current_store().is_public:
        return
    publish(
        UserUpdated(
            user_id=user.id,
            email=user.email,
            first_name=user.first_name,
            last_name=user.last_name,
            role=user.role,
            status=user.status,
            changed=names,
            previous_email=previous_email,
        )
    )
