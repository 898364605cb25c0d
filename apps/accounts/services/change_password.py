"""Change one's own password."""

from __future__ import annotations

from uuid import UUID

from apps.accounts.services.prove_password import prove_password
from apps.accounts.services.set_password import set_password
from apps.common.errors import ValidationFailed


def change_password(*, user_id: UUID, current: str, new: str) -> None:
    """Replace the password by its owner, who is signed out everywhere and signs in anew.

    Locks the user. Publishes UserUpdated. Raises WrongPassword, ValidationFailed (all reasons, by
    the field `new`), TooManyAttempts, UserNotFound. Serves ACC-19, T15.
    """
    prove_password(user_id=user_id, password=current, field="current")
    if new == current:
        raise ValidationFailed.of("new", "unchanged", "Choose another password than the present.")
    set_password(user_id=user_id, password=new, field="new")
