"""Add coupons to a promotion: codes of one's own, or so many that nobody can guess (PEER-02)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from apps.common.database import array, ids_array
from apps.common.errors import FieldError, ValidationFailed
from apps.common.ids import uuid7
from apps.orders.coupons import LONGEST, SHORTEST, normal_code, random_code
from apps.orders.models import Promotion
from apps.orders.promotion_checks import MOST_USES
from apps.orders.rule_checks import check_line, refuse
from apps.orders.rule_errors import CouponExists, PromotionNotFound

MOST_CODES: Final = 10_000
MOST_OWN_CODES: Final = 5_000
_PREFIX = re.compile(r"\A[A-Z0-9_-]{0,16}\Z")
_TRIES: Final = 10
# A code that somebody else has, or is just making, stays out.
_INSERT = """
INSERT INTO orders_coupon
    (id, created_at, updated_at, promotion_id, code, max_uses, used, is_active, batch)
SELECT fresh.id, %(now)s, %(now)s, %(promotion)s, fresh.code, %(max_uses)s, 0, true, %(batch)s
  FROM unnest(%(ids)s::uuid[], %(codes)s::text[]) AS fresh (id, code)
    ON CONFLICT (code) DO NOTHING RETURNING code
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """Coupons that were made in one go: what they are called, and their codes."""

    name: str
    codes: tuple[str, ...]


def generate_coupons(
    *,
    promotion_code: str,
    count: int,
    prefix: str = "",
    length: int = 10,
    max_uses: int | None = 1,
    batch: str = "",
) -> Batch:
    """Make `count` coupons, 1 to 10,000, whose codes are `prefix` and `length` random characters.

    length: 8 to 24. max_uses: of each; None means any number. A batch without a name gets one.
    Sets of rows, not one by one; unique also against somebody who does the same at the same time.
    Raises PromotionNotFound, ValidationFailed.
    """
    prefix = prefix.strip().upper()
    _check_numbers(count, prefix, length)
    name = _batch(batch, max_uses)
    made: list[str] = []
    with transaction.atomic():
        promotion = _promotion(promotion_code)
        for _ in range(_TRIES):
            fresh: set[str] = set()
            for _ in range(count - len(made)):
                fresh.add(random_code(prefix, length))
            made += _insert(promotion, sorted(fresh), max_uses, name)
            if len(made) == count:
                return Batch(name, tuple(made))
        detail = "Too few codes of this length are left. Send a greater length."
        raise ValidationFailed.of("length", "codes_exhausted", detail)


def add_coupons(
    *,
    promotion_code: str,
    codes: Sequence[str],
    max_uses: int | None = None,
    batch: str = "",
) -> Batch:
    """Add coupons with these codes, up to 5,000; all of them or none.

    max_uses: of each; None means any number. Raises PromotionNotFound, ValidationFailed, and
    CouponExists, which names the codes that are taken.
    """
    if not 0 < len(codes) <= MOST_OWN_CODES:
        detail = f"Send 1 to {MOST_OWN_CODES:,} codes."
        raise ValidationFailed.of("codes", "invalid", detail)
    places: dict[str, int] = {}
    for place, text in enumerate(codes):
        code = normal_code(text, f"codes.{place}")
        if places.setdefault(code, place) != place:
            detail = f"'{code}' stands here twice."
            raise ValidationFailed.of(f"codes.{place}", "duplicate", detail)
    name = _batch(batch, max_uses)
    with transaction.atomic():
        # Sorted, so that two who add the same codes wait for each other instead of both.
        made = set(_insert(_promotion(promotion_code), sorted(places), max_uses, name))
        taken = [
            FieldError(f"codes.{place}", "coupon_exists", f"'{code}' is taken.")
            for code, place in places.items()
            if code not in made
        ]
        if taken:
            raise CouponExists(taken[0].detail, errors=taken[:100])
    return Batch(name, tuple(places))


def _promotion(code: str) -> Promotion:
    """The promotion, which is not deleted before the transaction ends."""
    rows = Promotion.objects.select_for_update(no_key=True).filter(code=code)
    row = rows.first()
    if row is None:
        raise PromotionNotFound(f"There is no promotion '{code[:50]}'.")
    return row


def _check_numbers(count: int, prefix: str, length: int) -> None:
    errors = []
    if not 1 <= count <= MOST_CODES:
        errors.append(FieldError("count", "out_of_range", f"Send 1 to {MOST_CODES}."))
    if not SHORTEST <= length <= LONGEST:
        detail = f"Send {SHORTEST} to {LONGEST}: shorter codes could be guessed."
        errors.append(FieldError("length", "out_of_range", detail))
    if not _PREFIX.match(prefix):
        detail = "Send at most 16 letters A to Z, digits, hyphens and underscores."
        errors.append(FieldError("prefix", "invalid", detail))
    refuse(errors)


def _batch(name: str, max_uses: int | None) -> str:
    """The batch's name; one that says when it was made where nobody gave any."""
    errors = check_line("batch", name, 50) if name else []
    if max_uses is not None and not 1 <= max_uses <= MOST_USES:
        errors.append(FieldError("max_uses", "out_of_range", f"Send 1 to {MOST_USES}."))
    refuse(errors)
    return name.strip() or f"{timezone.now():%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def _insert(
    promotion: Promotion, codes: Sequence[str], max_uses: int | None, batch: str
) -> list[str]:
    """Insert those that nobody has; returns them."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "now": timezone.now(),
                "promotion": promotion.pk,
                "max_uses": max_uses,
                "batch": batch,
                "ids": ids_array(uuid7() for _ in codes),
                "codes": array(codes),
            },
        )
        return [code for (code,) in cursor.fetchall()]
