"""Tell the owner of an account what others are not told."""

from __future__ import annotations

from apps.accounts.models import User
from apps.common import rates
from apps.events.contracts import UserMessageRequested
from apps.events.facade import publish

# A stranger who tries an address again and again does not fill its owner's mailbox.
_RATE = "3/day"


def tell_owner(*, user: User, kind: str) -> None:
    """Mail the user a note of this kind, at most three a day.

    Call it in a transaction. Publishes UserMessageRequested. Serves T15.
    """
    if not user.is_active or not rates.hit(_RATE, f"note-{kind}", str(user.pk)).allowed:
        return
    publish(
        UserMessageRequested(
            reference_id=user.pk,
            kind=kind,
            email=user.email,
            name=user.first_name,
            user_id=user.pk,
        )
    )
