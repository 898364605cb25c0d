"""Take a product out of the store."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.catalog.locks import lock_product
from apps.catalog.models import ProductDocument
from apps.catalog.services.product_events import updated_events
from apps.catalog.services.update_variants import delete_variants
from apps.catalog.storefront import bump_on_commit
from apps.events.facade import publish


def delete_product(*, product_id: UUID) -> None:
    """Delete a product and its variants; the rows stay, because order lines tell of them (CAT-05).

    Its slug, the name that imports know it by and its SKUs are free again. Locks the product.
    Raises ProductNotFound. Publishes ProductUpdated with `deleted`, once.
    """
    with transaction.atomic():
        product = lock_product(product_id)
        events = updated_events([product.id], {product.id: ["deleted"]})
        delete_variants(list(product.variants.filter(deleted_at=None)))
        product.deleted_at = timezone.now()
        product.slug = f"deleted-{product.id}"
        product.handle = ""
        product.save()
        ProductDocument.objects.filter(product_id=product.id).delete()
        for event in events:
            publish(event)
        bump_on_commit()
