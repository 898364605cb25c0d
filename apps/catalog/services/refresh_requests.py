"""Have what waits of new products say what these products say now (CAT-17, ADR 18)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.utils import timezone

from apps.catalog.models import ChangeRequest
from apps.catalog.review_reads import facts_of_many
from apps.catalog.reviews import OPEN, listing, rows


def refresh_requests(product_ids: Collection[UUID]) -> None:
    """Write the diffs of these products' open requests anew, where they are new products.

    A new product is changed in place while it waits: by hand, picture by picture, by bulk edits
    and imports. Who approves it as they have seen it is told then that it is another one. In the
    transaction that has changed and holds the products. Nothing is asked without a product.
    """
    if not product_ids:
        return
    waiting = ChangeRequest.objects.select_for_update().filter(
        product_id__in=list(product_ids), kind=ChangeRequest.Kind.NEW, status__in=OPEN
    )
    requests = list(waiting.order_by("pk"))
    if not requests:
        return
    facts, changed = facts_of_many([one.product_id for one in requests]), []
    for request in requests:
        diff = rows(listing(facts[request.product_id]))
        if diff != request.diff:
            request.diff, request.updated_at = diff, timezone.now()
            changed.append(request)
    ChangeRequest.objects.bulk_update(changed, ["diff", "updated_at"])
