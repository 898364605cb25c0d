"""What notifications refuses, and why."""

from __future__ import annotations

from apps.common.errors import DomainError, NotFound


class RecipientNotFound(NotFound):
    """No such user, or not the caller's to know of."""

    code = "user_not_found"
    title = "There is no such user"


class RecipientInactive(DomainError):
    """Somebody who was suspended or deactivated is not written to."""

    code = "recipient_inactive"
    title = "This user is not active"
