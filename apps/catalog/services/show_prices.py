"""Have shoppers see what a list's changed prices come to."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from apps.catalog.models import PriceList, Product, ReviewState
from apps.catalog.services.product_events import updated_events
from apps.catalog.services.refresh_requests import refresh_requests
from apps.catalog.services.vendor_rows import rewrite_documents
from apps.catalog.storefront import bump_on_commit
from apps.events.facade import publish_many


def show_prices(price_list: PriceList, product_ids: Sequence[UUID]) -> None:
    """Write the documents of locked products whose price of one has changed on a locked list.

    In the caller's transaction; nothing is done for a list that documents do not follow.
    Publishes ProductUpdated with `price`.
    """
    # A sale that has ended is followed until its documents are: they show its prices still.
    followed = price_list.is_default or price_list.public_since or price_list.is_due
    if not product_ids or not followed:
        return
    Product.objects.filter(pk__in=product_ids).update(updated_at=timezone.now())
    rewrite_documents(product_ids)
    if price_list.is_default:
        waiting = Product.objects.filter(pk__in=product_ids).exclude(review=ReviewState.APPROVED)
        refresh_requests(list(waiting.values_list("pk", flat=True)))
    publish_many(updated_events(product_ids, {pk: ["price"] for pk in product_ids}))
    bump_on_commit()
