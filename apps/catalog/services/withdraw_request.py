"""Take back what was submitted."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.catalog.models import ChangeRequest, RequestStatus
from apps.catalog.reviews import OPEN
from apps.catalog.services.decide_request import finish, locked_request


def withdraw_request(*, request_id: UUID, by: UUID | None) -> ChangeRequest:
    """Take a request back: an edit is forgotten, a new product stays a draft (CAT-17).

    Locks the product, then the request. Raises RequestNotFound, ProductNotFound,
    InvalidTransition. Publishes ProductUpdated for a new product.
    """
    with transaction.atomic():
        request = locked_request(request_id, RequestStatus.WITHDRAWN)
        finish(request, RequestStatus.WITHDRAWN, by=by, reason=request.reason)
    return request


def withdraw_all(product_id: UUID) -> None:
    """Nothing of a product that is deleted waits any more; in the caller's transaction."""
    waiting = ChangeRequest.objects.filter(product_id=product_id, status__in=OPEN)
    waiting.update(status=RequestStatus.WITHDRAWN, updated_at=timezone.now())
