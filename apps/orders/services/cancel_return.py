"""Call a return off before anything came (PEER-07)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.orders.models import Return, ReturnStatus
from apps.orders.returning import locked_return
from apps.orders.services.move_return import move_return
from apps.orders.services.replace_goods import withdraw_replacement


def cancel_return(*, return_id: UUID, reason: str = "") -> Return:
    """Cancel a return that was requested or approved; its units can be asked back again.

    The order that was to be sent instead is cancelled, which gives its stock back. Locks order and
    return, then that order. Publishes OrderCancelled for it. Raises ReturnNotFound,
    StepNotPossible, also when the replacement has left.
    """
    with transaction.atomic():
        _, found = locked_return(return_id)
        move_return(found, ReturnStatus.CANCELLED, reason=reason)
        withdraw_replacement(found)
        return found
