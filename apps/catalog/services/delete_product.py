"""Take a product out of the store."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.catalog.locks import lock_product
from apps.catalog.models import SlugOwner
from apps.catalog.services.former_slugs import forget_slugs
from apps.catalog.services.product_events import updated_events
from apps.catalog.services.update_variants import delete_variants
from apps.catalog.services.withdraw_request import withdraw_all
from apps.catalog.services.write_documents import write_documents
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
        forget_slugs(SlugOwner.PRODUCT, product.id)
        product.save()
        withdraw_all(product.id)
        write_documents([product.id])
        for event in events:
            publish(event)
        bump_on_commit()
