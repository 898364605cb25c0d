"""The codes of coupons: how they are written, and how new ones are drawn (PEER-02)."""

from __future__ import annotations

import re
import secrets

from apps.common.errors import ValidationFailed
from apps.orders.rule_errors import CouponNotFound

# No 0 and O, no 1, I and L: a code is read out over the telephone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
# 31^8 is 850 thousand million: ten thousand good codes are not found by trying.
SHORTEST, LONGEST = 8, 24
_CODE = re.compile(r"\A[A-Z0-9_-]{3,40}\Z")


def normal_code(text: str, field: str = "code") -> str:
    """The code as it is kept: without spaces around it and in capitals.

    Raises ValidationFailed (`invalid_coupon_code`) that names `field`.
    """
    code = text.strip().upper()
    # Some letters have a plain one as their capital; they are no spelling of it.
    if not (text.isascii() and _CODE.match(code)):
        detail = "A code has 3 to 40 letters A to Z, digits, hyphens and underscores."
        raise ValidationFailed.of(field, "invalid_coupon_code", detail)
    return code


def code_of_path(text: str) -> str:
    """The code that a path names, as it is kept. Raises CouponNotFound for what is none."""
    try:
        return normal_code(text)
    except ValidationFailed as error:
        raise CouponNotFound("There is no coupon with this code.") from error


def random_code(prefix: str, length: int) -> str:
    """The prefix and so many characters that nobody can foresee."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))
