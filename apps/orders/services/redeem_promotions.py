"""Count an order's use of its promotions, and never one too many (PEER-02, R6)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from apps.common.database import executed
from apps.common.ids import uuid7
from apps.orders.errors import PromotionExhausted
from apps.orders.models import Coupon, Order, Promotion
from apps.orders.pricing.types import Applied

# Promotions and coupons are kept as they are until the order's commit: those that are gone leave
# the order without a row, and a limit that was set since the price was made is seen here. Of a
# customer's own limit the lowest free ordinal is taken; a twin that takes it first leaves this one
# without a row. Values and no arrays: of an array's length the server would think anew each time.
_INSERT = """
WITH held AS (
    SELECT id, max_uses IS NOT NULL OR budget_cents IS NOT NULL AS is_bounded
      FROM orders_promotion
     WHERE id IN ({promotions}) AND is_active
     ORDER BY id FOR KEY SHARE),
wanted AS MATERIALIZED (
    SELECT given.*, given.was_counted OR held.is_bounded AS counted,
           (SELECT max_uses IS NOT NULL FROM orders_coupon
             WHERE id = given.coupon AND is_active FOR KEY SHARE) AS coupon_bounded,
           (SELECT min(next.ordinal)
              FROM (SELECT 1 AS ordinal UNION ALL
                    SELECT use.ordinal + 1 FROM orders_promotionuse AS use
                     WHERE use.promotion_id = held.id
                       AND use.customer_key = %(customer)s::text
                       AND use.ordinal IS NOT NULL) AS next
             WHERE next.ordinal <= given.most
               AND NOT EXISTS (SELECT 1 FROM orders_promotionuse AS use
                                WHERE use.promotion_id = held.id
                                  AND use.customer_key = %(customer)s::text
                                  AND use.ordinal = next.ordinal)) AS ordinal
      FROM held
      JOIN (VALUES {rows})
           AS given(id, promotion, coupon, amount, most, was_counted, coupon_was_counted)
        ON given.promotion = held.id)
INSERT INTO orders_promotionuse (id, created_at, updated_at, promotion_id, coupon_id, order_id,
                                 customer_key, ordinal, amount_cents, counted, coupon_counted)
SELECT id, %(now)s, %(now)s, promotion, coupon, %(order)s, %(customer)s::text, ordinal, amount,
       counted, coalesce(coupon_was_counted OR coupon_bounded, false)
  FROM wanted
 WHERE (coupon IS NULL OR coupon_bounded IS NOT NULL) AND (most IS NULL OR ordinal IS NOT NULL)
 ORDER BY promotion
ON CONFLICT DO NOTHING
RETURNING promotion_id, counted, coupon_counted
"""
_ROW = (
    "(%(id{n})s::uuid, %(promotion{n})s::uuid, %(coupon{n})s::uuid, %(amount{n})s::bigint, "
    "%(most{n})s::int, %(counted{n})s::bool, %(coupon_counted{n})s::bool)"
)
# So many orders of one customer at the same moment are told apart; no person sends more.
_MOST_TWINS = 20


def redeem_promotions(*, order: Order, applied: Sequence[Applied], customer_key: str) -> None:
    """Write down each promotion that the order uses, and count those that are bounded.

    Runs in the transaction that writes the order, after its stock is reserved: whoever takes a
    promotion's row holds its levels already, so no two wait for each other. Promotions and coupons
    are taken in the order of their ids. Raises PromotionExhausted when a limit, the budget, or the
    customer's own limit is reached, or when the promotion or its coupon was taken away since the
    price was made, and nothing is ordered.
    """
    uses = sorted(applied, key=lambda one: one.rule.id)
    for one in uses:
        if _is_counted(one):
            _count_promotion(one, order)
    for one in sorted(uses, key=lambda one: str(one.rule.coupon_id)):
        if one.rule.coupon_bounded:
            _count_coupon(one)
    # Whoever waited for a twin to commit looks again: there may be another one left.
    tries = min(max((one.rule.customer_limit or 1 for one in uses), default=0), _MOST_TWINS)
    left = uses
    for _ in range(tries):
        left = _write(left, order, customer_key)
        if not left:
            return
    if left:
        raise PromotionExhausted.of(left[0].rule.name)


def _is_counted(one: Applied) -> bool:
    return one.rule.uses_left is not None or one.rule.budget_left_cents is not None


def _write(uses: Sequence[Applied], order: Order, customer_key: str) -> list[Applied]:
    """Write the uses, and count what was not bounded when the price was made; those that found no
    place are returned. One statement, and one more for each that has become bounded.
    """
    values: dict[str, Any] = {
        "now": timezone.now(),
        "order": order.pk,
        "customer": customer_key,
    }
    for number, one in enumerate(uses):
        row = {
            "id": uuid7(),
            "promotion": one.rule.id,
            "coupon": one.rule.coupon_id,
            "amount": one.amount_cents,
            "most": one.rule.customer_limit,
            "counted": _is_counted(one),
            "coupon_counted": one.rule.coupon_bounded,
        }
        values |= {f"{name}{number}": value for name, value in row.items()}
    answered = executed(_insertion(len(uses)), values).fetchall()
    rows: dict[UUID, tuple[bool, bool]] = {row[0]: row[1:] for row in answered}
    written = [one for one in uses if one.rule.id in rows]
    for one in written:
        if rows[one.rule.id][0] and not _is_counted(one):
            _count_promotion(one, order)
    for one in sorted(written, key=lambda one: str(one.rule.coupon_id)):
        if rows[one.rule.id][1] and not one.rule.coupon_bounded:
            _count_coupon(one)
    return [one for one in uses if one.rule.id not in rows]


@lru_cache(maxsize=32)
def _insertion(count: int) -> str:
    return _INSERT.format(
        promotions=", ".join(f"%(promotion{n})s::uuid" for n in range(count)),
        rows=", ".join(_ROW.format(n=n) for n in range(count)),
    )


def _count_promotion(one: Applied, order: Order) -> None:
    open_ones = Promotion.objects.filter(
        Q(max_uses=None) | Q(used__lt=F("max_uses")),
        Q(budget_cents=None)
        | Q(
            budget_currency=order.currency,
            spent_cents__lte=F("budget_cents") - one.amount_cents,
        ),
        pk=one.rule.id,
        is_active=True,
    )
    counted = open_ones.update(
        used=F("used") + 1,
        spent_cents=F("spent_cents") + one.amount_cents,
        updated_at=timezone.now(),
    )
    if not counted:
        raise PromotionExhausted.of(one.rule.name)


def _count_coupon(one: Applied) -> None:
    open_ones = Coupon.objects.filter(
        Q(max_uses=None) | Q(used__lt=F("max_uses")), code=one.rule.coupon_code, is_active=True
    )
    if not open_ones.update(used=F("used") + 1, updated_at=timezone.now()):
        raise PromotionExhausted.of(one.rule.coupon_code)
