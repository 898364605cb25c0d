"""Whether a promotion makes sense: what its kind needs and what it has no use for (PEER-01)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from apps.catalog.facade import existing_ids
from apps.common.errors import FieldError
from apps.common.money import EXPONENTS, MAX_AMOUNT_CENTS
from apps.orders.models import Market, Promotion, PromotionKind
from apps.orders.rule_checks import check_amounts, check_line, check_percent, check_slug

MOST_TARGETS: Final = 1_000
TARGETS: Final = ("products", "categories", "vendors", "variants")
MOST_UNITS: Final = 10_000
MOST_USES: Final = 2_000_000_000
_GIVES: Final = ("percent", "amounts", "buy_quantity", "get_quantity", "gift_variant_id")
# Kind → what it must say, and what it may say besides.
_KINDS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    PromotionKind.PERCENT: (frozenset({"percent"}), frozenset()),
    PromotionKind.FIXED: (frozenset({"amounts"}), frozenset()),
    PromotionKind.FIXED_EACH: (frozenset({"amounts"}), frozenset()),
    PromotionKind.FREE_SHIPPING: (frozenset(), frozenset()),
    PromotionKind.BUY_X_GET_Y: (
        frozenset({"buy_quantity", "get_quantity"}),
        frozenset({"percent"}),
    ),
    PromotionKind.GIFT: (frozenset({"gift_variant_id"}), frozenset()),
}


def check_promotion(row: Promotion) -> list[FieldError]:
    """Everything that is wrong with it, each by its field. At most five queries."""
    checks: tuple[Callable[[Promotion], list[FieldError]], ...] = (
        _words,
        _kind,
        _numbers,
        _limits,
        _references,
    )
    return [error for check in checks for error in check(row)]


def _words(row: Promotion) -> list[FieldError]:
    errors = check_slug("code", row.code) + check_line("name", row.name, 100)
    if row.starts_at and row.ends_at and row.starts_at >= row.ends_at:
        detail = "The end has to be after the beginning."
        errors.append(FieldError("ends_at", "before_start", detail))
    for place, group in enumerate(row.customer_groups):
        errors += check_slug(f"customer_groups.{place}", group)
    return errors


def _kind(row: Promotion) -> list[FieldError]:
    if row.kind not in _KINDS:
        return [FieldError("kind", "unknown", f"Send one of: {', '.join(_KINDS)}.")]
    needed, allowed = _KINDS[row.kind]
    label = PromotionKind(row.kind).label.lower()
    errors = []
    for name in _GIVES:
        said = getattr(row, name) not in (None, {})
        if name in needed and not said:
            errors.append(FieldError(name, "required", f"Needed for: {label}."))
        elif said and name not in needed | allowed:
            detail = f"This means nothing for: {label}. Leave it out."
            errors.append(FieldError(name, "not_for_kind", detail))
    return errors


def _numbers(row: Promotion) -> list[FieldError]:
    errors = check_percent("percent", row.percent, zero=False)
    errors += check_amounts("amounts", row.amounts) + check_amounts("minimums", row.minimums)
    bounds = {
        "buy_quantity": (1, MOST_UNITS),
        "get_quantity": (1, MOST_UNITS),
        "gift_quantity": (1, MOST_UNITS),
        "min_quantity": (0, MOST_UNITS),
        "priority": (0, MOST_USES),
        "max_uses": (1, MOST_USES),
        "max_uses_per_customer": (1, MOST_USES),
        "budget_cents": (1, MAX_AMOUNT_CENTS),
    }
    for name, (least, most) in bounds.items():
        value = getattr(row, name)
        if value is not None and not least <= value <= most:
            errors.append(FieldError(name, "out_of_range", f"Send {least} to {most}."))
    return errors


def _limits(row: Promotion) -> list[FieldError]:
    errors = []
    if row.max_uses is not None and 0 < row.max_uses < row.used:
        detail = f"It was used {row.used} times already."
        errors.append(FieldError("max_uses", "below_used", detail))
    if row.budget_cents is not None and 0 < row.budget_cents < row.spent_cents:
        detail = f"It has given {row.spent_cents} already."
        errors.append(FieldError("budget_cents", "below_spent", detail))
    if row.budget_cents is not None and row.budget_currency not in EXPONENTS:
        detail = "Say in which currency the budget is, such as USD."
        errors.append(FieldError("budget_currency", "unknown_currency", detail))
    if row.budget_cents is None and row.budget_currency:
        detail = "There is no budget to be in a currency."
        errors.append(FieldError("budget_currency", "not_for_kind", detail))
    return errors


def _references(row: Promotion) -> list[FieldError]:
    errors = []
    known_markets = (
        set(Market.objects.filter(code__in=row.markets).values_list("code", flat=True))
        if row.markets
        else set()
    )
    errors += [
        FieldError(f"markets.{place}", "unknown_market", f"There is no market '{code}'.")
        for place, code in enumerate(row.markets)
        if code not in known_markets
    ]
    wanted, wrong = _target_ids(row.target)
    errors += wrong
    gift = row.gift_variant_id
    found = existing_ids(
        **{kind: ids + ([gift] if gift and kind == "variants" else []) for kind, ids in wanted}
    )
    errors += [
        FieldError(f"target.{kind}.{place}", "unknown", f"There is no {kind[:-1]} with this id.")
        for kind, ids in wanted
        for place, pk in enumerate(ids)
        if pk not in found
    ]
    if gift is not None and gift not in found:
        errors.append(FieldError("gift_variant_id", "unknown", "There is no such variant."))
    return errors


def _target_ids(target: Any) -> tuple[list[tuple[str, list[UUID]]], list[FieldError]]:
    """The ids that a target names by kind, and what is wrong with its form."""
    wanted: dict[str, list[UUID]] = {kind: [] for kind in TARGETS}
    if not isinstance(target, Mapping):
        detail = f"Send lists of ids by: {', '.join(TARGETS)}."
        return list(wanted.items()), [FieldError("target", "invalid", detail)]
    errors = []
    for kind, ids in target.items():
        if kind not in wanted:
            detail = f"Send one of: {', '.join(TARGETS)}."
            errors.append(FieldError(f"target.{kind}", "unknown", detail))
        elif not isinstance(ids, list) or len(ids) > MOST_TARGETS:
            detail = f"Send a list of at most {MOST_TARGETS} ids."
            errors.append(FieldError(f"target.{kind}", "invalid", detail))
        else:
            try:
                wanted[kind] = [UUID(str(pk)) for pk in ids]
            except ValueError:
                errors.append(FieldError(f"target.{kind}", "invalid", "Send ids."))
    return list(wanted.items()), errors
