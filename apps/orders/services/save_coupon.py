"""Change and delete one coupon (PEER-02)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.common.errors import FieldError
from apps.orders.coupons import code_of_path
from apps.orders.models import Coupon, PromotionUse
from apps.orders.promotion_checks import MOST_USES
from apps.orders.rule_checks import refuse
from apps.orders.rule_errors import CouponNotFound


def update_coupon(*, code: str, changes: Mapping[str, Any]) -> Coupon:
    """Change `max_uses` or `is_active` of a coupon.

    Locks it. A limit that is set later counts what was used before. Raises CouponNotFound, and
    ValidationFailed for fewer uses than there were.
    """
    with transaction.atomic():
        row = lock_coupon(code)
        row.is_active = changes.get("is_active", row.is_active)
        if "max_uses" in changes:
            if row.max_uses is None and changes["max_uses"] is not None:
                uses = PromotionUse.objects.filter(coupon=row, released_at=None)
                row.used = uses.update(coupon_counted=True)
            row.max_uses = changes["max_uses"]
            refuse(_wrong_limit(row))
        row.save()
    return row


def delete_coupon(*, code: str) -> bool:
    """Delete a coupon; returns whether it is gone.

    One that an order refers to is made inactive and stays. Locks it. Raises CouponNotFound.
    """
    with transaction.atomic():
        row = lock_coupon(code)
        if PromotionUse.objects.filter(coupon=row).exists():
            row.is_active = False
            row.save(update_fields=["is_active", "updated_at"])
            return False
        row.delete()
    return True


def lock_coupon(code: str) -> Coupon:
    """The coupon, locked until the transaction ends. Raises CouponNotFound."""
    rows = Coupon.objects.select_for_update(of=("self",)).select_related("promotion")
    row = rows.filter(code=code_of_path(code)).first()
    if row is None:
        raise CouponNotFound("There is no coupon with this code.")
    return row


def _wrong_limit(row: Coupon) -> list[FieldError]:
    if row.max_uses is None:
        return []
    if not 1 <= row.max_uses <= MOST_USES:
        return [FieldError("max_uses", "out_of_range", f"Send 1 to {MOST_USES}.")]
    if row.max_uses < row.used:
        detail = f"It was used {row.used} times already."
        return [FieldError("max_uses", "below_used", detail)]
    return []
