"""Delete promotions (PEER-01)."""

from __future__ import annotations

from django.db import transaction

from apps.orders.models import PromotionUse
from apps.orders.services.save_promotion import lock_promotion


def delete_promotion(*, code: str) -> bool:
    """Delete a promotion with its coupons; returns whether it is gone.

    One that an order refers to is made inactive and stays. Locks the promotion. Raises
    PromotionNotFound.
    """
    with transaction.atomic():
        row = lock_promotion(code)
        if PromotionUse.objects.filter(promotion=row).exists():
            row.is_active = False
            row.save(update_fields=["is_active", "updated_at"])
            return False
        row.delete()
    return True
