"""Let an edited order's uses of promotions be those of its new price (PEER-02, PEER-08, R6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from apps.orders.errors import PromotionExhausted
from apps.orders.models import Coupon, Order, Promotion, PromotionUse
from apps.orders.pricing.types import Applied
from apps.orders.services.redeem_promotions import redeem_promotions
from apps.orders.services.return_promotions import return_promotions


def sync_promotions(*, order: Order, applied: Sequence[Applied], customer_key: str) -> None:
    """Give back the uses that ended, count the new ones, and correct the amounts of the others.

    In the transaction that edits the order, whose row is locked, after its stock was reserved.
    Locks the promotions that count, then the coupons, in the order of their ids. Raises
    PromotionExhausted.
    """
    uses = {
        use.promotion_id: use
        for use in PromotionUse.objects.filter(order=order, released_at=None).order_by("pk")
    }
    now_used = {one.rule.id: one for one in applied}
    _lock(uses.keys() | now_used.keys(), list(uses.values()), applied)
    ended = [pk for pk in uses if pk not in now_used]
    if ended:
        return_promotions(order=order, only=ended)
    for promotion_id in sorted(uses.keys() & now_used.keys()):
        _correct(uses[promotion_id], now_used[promotion_id])
    new = [one for one in applied if one.rule.id not in uses]
    # One that was given back by an earlier edit is used anew.
    ids = [one.rule.id for one in new]
    PromotionUse.objects.filter(order=order, promotion_id__in=ids).delete()
    redeem_promotions(order=order, applied=new, customer_key=customer_key)


def _lock(
    promotion_ids: Collection[UUID], uses: Sequence[PromotionUse], applied: Sequence[Applied]
) -> None:
    """Take all of them before the first is changed, as a checkout does: some end, some are
    corrected and some begin, and who took them in that order would meet others halfway.
    """
    bounded = ~Q(max_uses=None) | ~Q(budget_cents=None)
    promotions = Promotion.objects.filter(bounded, pk__in=promotion_ids)
    list(promotions.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    named = [*(use.coupon_id for use in uses), *(one.rule.coupon_id for one in applied)]
    coupon_ids = {pk for pk in named if pk is not None}
    coupons = Coupon.objects.filter(pk__in=coupon_ids, max_uses__isnull=False)
    list(coupons.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _correct(use: PromotionUse, one: Applied) -> None:
    more = one.amount_cents - use.amount_cents
    if not more:
        return
    counted = Promotion.objects.filter(pk=use.promotion_id, budget_cents__isnull=False)
    if more > 0 and one.rule.budget_left_cents is not None:
        counted = counted.filter(spent_cents__lte=F("budget_cents") - more)
    moved = counted.update(spent_cents=F("spent_cents") + more, updated_at=timezone.now())
    if one.rule.budget_left_cents is not None and not moved:
        raise PromotionExhausted.of(one.rule.name)
    use.amount_cents = one.amount_cents
    use.save(update_fields=["amount_cents", "updated_at"])
