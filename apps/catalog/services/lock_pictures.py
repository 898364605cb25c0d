"""The door to a product's pictures: what shoppers see of an approved one waits (CAT-17)."""

from __future__ import annotations

from uuid import UUID

from apps.catalog.locks import lock_product
from apps.catalog.media.errors import ReviewNeeded
from apps.catalog.models import Product, ReviewState
from apps.catalog.review_reads import edits_wait


def refuse_unreviewed(product: Product) -> None:
    """Raises ReviewNeeded where a vendor's edits of the product wait for the store's staff."""
    if product.review == ReviewState.APPROVED and edits_wait(product.vendor_id):
        raise ReviewNeeded(
            "Upload the picture, and send the addresses of all pictures as `images` of the product."
        )


def lock_pictures(product_id: UUID, *, by_vendor: bool) -> Product:
    """The product, locked until the transaction ends, if its pictures may be changed at once.

    by_vendor: a vendor's people ask. Only under the lock is it sure that nobody approves the
    product in between. Raises ProductNotFound, ReviewNeeded.
    """
    product = lock_product(product_id)
    if by_vendor:
        refuse_unreviewed(product)
    return product
