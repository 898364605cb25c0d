"""Let a vendor's new product or edit through."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.catalog import reviews
from apps.catalog.models import ChangeRequest, RequestStatus
from apps.catalog.review_errors import StaleRequest
from apps.catalog.review_reads import facts_of
from apps.catalog.services.apply_steps import apply_steps
from apps.catalog.services.decide_request import finish, locked_request
from apps.events.contracts import ProductApproved
from apps.events.facade import publish


def approve_request(
    *, request_id: UUID, by: UUID | None, seen: datetime | None = None
) -> ChangeRequest:
    """Show a new product, or apply an edit, in one transaction (CAT-17, PEER-37).

    What is applied is what the request's diff says, or nothing is. seen: the request's
    `updated_at` as the one who decides has looked at it. Locks the product, then the request.
    Raises RequestNotFound, ProductNotFound, InvalidTransition, RequestChanged, StaleRequest, and
    what `update_product` raises. Publishes ProductApproved and ProductUpdated.
    """
    with transaction.atomic():
        request = locked_request(request_id, RequestStatus.APPROVED, seen=seen)
        if request.kind == ChangeRequest.Kind.EDIT:
            before = facts_of(request.product_id)
            apply_steps(request.product_id, request.proposed["steps"])
            made = reviews.rows(reviews.differences(before, facts_of(request.product_id)))
            if unlike := reviews.disagreeing(request.diff, made):
                raise StaleRequest(unlike)
        finish(request, RequestStatus.APPROVED, by=by)
        publish(
            ProductApproved(
                product_id=request.product_id,
                request_id=request.pk,
                name=request.product.name,
                vendor_id=request.vendor_id,
                vendor_name=request.vendor.name,
                kind=request.kind,
                decided_by=by,
            )
        )
    return request
