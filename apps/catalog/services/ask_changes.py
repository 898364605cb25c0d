"""Ask a vendor to change what was submitted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.catalog.models import ChangeRequest, RequestStatus
from apps.catalog.reviews import checked_reason
from apps.catalog.services.decide_request import facts, finish, locked_request
from apps.events.contracts import ProductChangesRequested
from apps.events.facade import publish


def ask_changes(
    *, request_id: UUID, reason: str, by: UUID | None, seen: datetime | None = None
) -> ChangeRequest:
    """Send it back with what to change; the vendor edits it and submits it again (CAT-17).

    seen: as for `approve_request`. Locks the product, then the request. Raises RequestNotFound,
    ProductNotFound, InvalidTransition, RequestChanged, ValidationFailed. Publishes
    ProductChangesRequested.
    """
    reason = checked_reason(reason)
    with transaction.atomic():
        request = locked_request(request_id, RequestStatus.CHANGES, seen=seen)
        finish(request, RequestStatus.CHANGES, by=by, reason=reason)
        publish(ProductChangesRequested(**facts(request, by, reason)))
    return request
