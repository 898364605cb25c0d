"""Create and change promotions (PEER-01)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Case, Sum, When

from apps.common.errors import FieldError
from apps.orders.models import Promotion, PromotionUse
from apps.orders.promotion_checks import check_promotion
from apps.orders.rule_checks import refuse, without_doubles
from apps.orders.rule_errors import PromotionExists, PromotionNotFound

FIELDS: Final = frozenset(
    {
        "name",
        "description",
        "kind",
        "is_active",
        "requires_coupon",
        "combinable",
        "priority",
        "percent",
        "amounts",
        "buy_quantity",
        "get_quantity",
        "gift_variant_id",
        "gift_quantity",
        "target",
        "customer_groups",
        "markets",
        "minimums",
        "min_quantity",
        "starts_at",
        "ends_at",
        "max_uses",
        "max_uses_per_customer",
        "budget_cents",
        "budget_currency",
    }
)


def create_promotion(*, code: str, name: str, kind: str, **fields: Any) -> Promotion:
    """Create a promotion; `fields` are those of `FIELDS`, as `models.Promotion` has them.

    It holds for every quote from its commit on. Raises ValidationFailed, PromotionExists.
    """
    row = Promotion(code=code, name=name, kind=kind)
    _apply(row, fields)
    refuse(check_promotion(row))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        detail = f"The code '{code}' is taken."
        raise PromotionExists(
            detail, errors=[FieldError("code", "promotion_exists", detail)]
        ) from error
    return row


def update_promotion(*, code: str, changes: Mapping[str, Any]) -> Promotion:
    """Change what `changes` names of `FIELDS`; the code stays.

    Locks the promotion, so that uses of it wait. What was used before a limit was set counts
    towards `max_uses` and the budget, and not towards `max_uses_per_customer`. Raises
    PromotionNotFound, ValidationFailed.
    """
    with transaction.atomic():
        row = lock_promotion(code)
        bounds = (row.max_uses, row.budget_cents, row.budget_currency)
        _apply(row, changes)
        _count(row, *bounds)
        refuse(check_promotion(row))
        row.save()
    return row


def lock_promotion(code: str) -> Promotion:
    """The promotion, locked until the transaction ends. Raises PromotionNotFound."""
    row = Promotion.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise PromotionNotFound(f"There is no promotion '{code[:50]}'.")
    return row


def _apply(row: Promotion, changes: Mapping[str, Any]) -> None:
    for name in FIELDS & changes.keys():
        setattr(row, name, changes[name])
    row.customer_groups = without_doubles(row.customer_groups)
    row.markets = without_doubles(row.markets)
    if isinstance(row.target, Mapping):
        named = {
            kind: sorted({str(pk) for pk in ids}) if isinstance(ids, list) else ids
            for kind, ids in row.target.items()
        }
        row.target = {kind: ids for kind, ids in named.items() if ids != []}


def _count(
    row: Promotion, max_uses: int | None, budget_cents: int | None, budget_currency: str
) -> None:
    """Uses are counted where they are bounded: a new bound begins with what was used already."""
    new_bound = row.max_uses is not None and max_uses is None
    new_budget = row.budget_cents is not None and (
        budget_cents is None or budget_currency != row.budget_currency
    )
    if not (new_bound or new_budget):
        return
    uses = PromotionUse.objects.filter(promotion=row, released_at=None)
    row.used = uses.count()
    # What one of another currency gave back would be no part of the budget.
    paid = uses if row.budget_cents is None else uses.filter(order__currency=row.budget_currency)
    row.spent_cents = paid.aggregate(all=Sum("amount_cents"))["all"] or 0
    mine = list(paid.values_list("pk", flat=True))
    uses.update(counted=Case(When(pk__in=mine, then=True), default=False))
