"""Count an order's use of its promotions, and never one too many (PEER-02, R6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils import timezone

from apps.common.queries import insert
from apps.orders.errors import PromotionExhausted
from apps.orders.models import Coupon, Order, Promotion, PromotionUse
from apps.orders.pricing.types import Applied

# The customer's lowest free ordinal; a twin that takes it first leaves this one without a row.
_INSERT_BOUNDED = """
INSERT INTO orders_promotionuse (id, created_at, updated_at, promotion_id, coupon_id, order_id,
                                 customer_key, ordinal, amount_cents, counted, coupon_counted)
SELECT %(id)s, %(now)s, %(now)s, %(promotion)s, %(coupon)s, %(order)s, %(customer)s::text,
       free.ordinal, %(amount)s, %(counted)s, %(coupon_counted)s
  FROM generate_series(1, %(limit)s) AS free(ordinal)
 WHERE NOT EXISTS (SELECT 1 FROM orders_promotionuse
                    WHERE promotion_id = %(promotion)s AND customer_key = %(customer)s::text
                      AND ordinal = free.ordinal)
 ORDER BY free.ordinal LIMIT 1
ON CONFLICT DO NOTHING
"""
# So many orders of one customer at the same moment are told apart; no person sends more.
_MOST_TWINS = 20


def redeem_promotions(*, order: Order, applied: Sequence[Applied], customer_key: str) -> None:
    """Write down each promotion that the order uses, and count those that are bounded.

    Runs in the transaction that writes the order, after its stock is reserved: whoever takes a
    promotion's row holds its levels already, so no two wait for each other. Promotions and coupons
    are taken in the order of their ids. Raises PromotionExhausted when a limit, the budget, or the
    customer's own limit is reached, and nothing is ordered.
    """
    uses = sorted(applied, key=lambda one: one.rule.id)
    for one in uses:
        if _is_counted(one):
            _count_promotion(one)
    for one in sorted(uses, key=lambda one: str(one.rule.coupon_id)):
        if one.rule.coupon_id is not None and one.rule.coupon_bounded:
            _count_coupon(one.rule.coupon_id, one.rule.coupon_code)
    free = [one for one in uses if one.rule.customer_limit is None]
    insert(*(_use(one, order, customer_key) for one in free))
    for one in uses:
        if one.rule.customer_limit is not None:
            _insert_bounded(_use(one, order, customer_key), one)


def _is_counted(one: Applied) -> bool:
    return one.rule.uses_left is not None or one.rule.budget_left_cents is not None


def _use(one: Applied, order: Order, customer_key: str) -> PromotionUse:
    return PromotionUse(
        promotion_id=one.rule.id,
        coupon_id=one.rule.coupon_id,
        order=order,
        customer_key=customer_key,
        amount_cents=one.amount_cents,
        counted=_is_counted(one),
        coupon_counted=one.rule.coupon_bounded,
    )


def _count_promotion(one: Applied) -> None:
    open_ones = Promotion.objects.filter(pk=one.rule.id, is_active=True)
    if one.rule.uses_left is not None:
        open_ones = open_ones.filter(used__lt=F("max_uses"))
    if one.rule.budget_left_cents is not None:
        open_ones = open_ones.filter(spent_cents__lte=F("budget_cents") - one.amount_cents)
    counted = open_ones.update(
        used=F("used") + 1,
        spent_cents=F("spent_cents") + one.amount_cents,
        updated_at=timezone.now(),
    )
    if not counted:
        raise PromotionExhausted.of(one.rule.name)


def _count_coupon(coupon_id: UUID, code: str) -> None:
    open_ones = Coupon.objects.filter(pk=coupon_id, is_active=True, used__lt=F("max_uses"))
    if not open_ones.update(used=F("used") + 1, updated_at=timezone.now()):
        raise PromotionExhausted.of(code)


def _insert_bounded(use: PromotionUse, one: Applied) -> None:
    values: dict[str, Any] = {
        "id": use.pk,
        "now": timezone.now(),
        "promotion": use.promotion_id,
        "coupon": use.coupon_id,
        "order": use.order_id,
        "customer": use.customer_key,
        "amount": use.amount_cents,
        "counted": use.counted,
        "coupon_counted": use.coupon_counted,
        "limit": one.rule.customer_limit,
    }
    with connection.cursor() as cursor:
        # Whoever waited for a twin to commit looks again: there may be another one left.
        for _ in range(min(one.rule.customer_limit or 1, _MOST_TWINS)):
            cursor.execute(_INSERT_BOUNDED, values)
            if cursor.rowcount == 1:
                return
    raise PromotionExhausted.of(one.rule.name)
