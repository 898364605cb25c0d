"""Refuse a vendor's new product or edit."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.catalog.models import ChangeRequest, RequestStatus
from apps.catalog.reviews import checked_reason
from apps.catalog.services.decide_request import facts, finish, locked_request
from apps.events.contracts import ProductRejected
from apps.events.facade import publish


def reject_request(
    *, request_id: UUID, reason: str, by: UUID | None, seen: datetime | None = None
) -> ChangeRequest:
    """Refuse it for a reason: a new product stays a draft, an edit is forgotten (CAT-17).

    seen: as for `approve_request`. Locks the product, then the request. Raises RequestNotFound,
    ProductNotFound, InvalidTransition, RequestChanged, ValidationFailed. Publishes ProductRejected.
    """
    reason = checked_reason(reason)
    with transaction.atomic():
        request = locked_request(request_id, RequestStatus.REJECTED, seen=seen)
        finish(request, RequestStatus.REJECTED, by=by, reason=reason)
        publish(ProductRejected(**facts(request, by, reason)))
    return request
