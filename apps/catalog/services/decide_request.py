"""What every decision on a change request has in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.catalog import reviews
from apps.catalog.locks import lock_product
from apps.catalog.models import ChangeRequest
from apps.catalog.review_errors import RequestChanged, RequestNotFound
from apps.catalog.services.update_product import tell_update


def locked_request(request_id: UUID, to: str, *, seen: datetime | None = None) -> ChangeRequest:
    """The request with its product, both locked, product first; it may take the step to `to`.

    In the caller's transaction. seen: when the request last changed, as the caller knows it.
    Raises RequestNotFound, ProductNotFound, InvalidTransition, RequestChanged.
    """
    rows = ChangeRequest.objects.filter(pk=request_id)
    product_id = rows.values_list("product_id", flat=True).first()
    if product_id is None:
        raise RequestNotFound
    product = lock_product(product_id)
    request = rows.select_for_update(of=("self",)).select_related("vendor").get()
    request.product = product
    reviews.check_step(request.status, to)
    if seen is not None and request.updated_at != seen:
        raise RequestChanged
    return request


def finish(request: ChangeRequest, status: str, *, by: UUID | None, reason: str = "") -> None:
    """Write the decision, and what it means for a new product, which is shown or not from now on.

    In the caller's transaction, which holds both. Publishes ProductUpdated for a new product.
    """
    request.status, request.reason = status, reason
    request.decided_by, request.decided_at = by, timezone.now()
    request.save()
    if request.kind == ChangeRequest.Kind.NEW:
        request.product.review = reviews.PRODUCT_STATE[status]
        request.product.save(update_fields=["review", "updated_at"])
        tell_update(request.product, ["review"])


def facts(request: ChangeRequest, by: UUID | None, reason: str) -> dict[str, Any]:
    """What the events about a decision with a reason say."""
    return {
        "product_id": request.product_id,
        "request_id": request.pk,
        "name": request.product.name,
        "vendor_id": request.vendor_id,
        "vendor_name": request.vendor.name,
        "kind": request.kind,
        "reason": reason,
        "decided_by": by,
    }
