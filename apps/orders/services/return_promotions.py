"""Give back the uses of a cancelled order, so that somebody else can have them (R6)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from apps.orders.models import Coupon, Order, Promotion, PromotionUse


def return_promotions(*, order: Order, only: Collection[UUID] | None = None) -> int:
    """Take back the order's uses of promotions; returns how many. Repeating it takes none.

    only: the ids of the promotions that are meant; None means all.

    Runs in the transaction that cancels the order, whose row is locked, after its stock was
    released. Takes promotions, then coupons, in the order of their ids.
    """
    rows = PromotionUse.objects.filter(order=order, released_at=None)
    uses = list(rows.order_by("promotion_id"))
    if only is not None:
        uses = [use for use in uses if use.promotion_id in only]
    now = timezone.now()
    for use in uses:
        if use.counted:
            Promotion.objects.filter(pk=use.promotion_id).update(
                used=F("used") - 1, spent_cents=F("spent_cents") - use.amount_cents, updated_at=now
            )
    for use in sorted(uses, key=lambda one: str(one.coupon_id)):
        if use.coupon_id is not None and use.coupon_counted:
            Coupon.objects.filter(pk=use.coupon_id).update(used=F("used") - 1, updated_at=now)
    PromotionUse.objects.filter(pk__in=[use.pk for use in uses]).update(
        released_at=now, ordinal=None, updated_at=now
    )
    return len(uses)
