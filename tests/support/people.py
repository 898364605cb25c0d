"""Users for tests."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import BCryptSHA256PasswordHasher, make_password

PASSWORD = "Correct-horse-7-battery"
# What a password costs to hash in production, and in the tests that do not look at it: bcrypt is
# slow on purpose, and hundreds of tests sign in.
REAL_COST: int = BCryptSHA256PasswordHasher.rounds
TEST_COST = 4


@cache
def _hashed(cost: int) -> str:
    """Hashed once for each cost, the present one."""
    return str(make_password(PASSWORD))


def make_user(
    role: str = "customer", email: str | None = None, vendor_id: UUID | None = None, **fields: Any
) -> Any:
    """A user of the current store who can sign in with `PASSWORD`."""
    from apps.accounts.models import User

    return User.objects.create(
        email=email or f"{role}-{uuid4().hex[:8]}@example.com",
        role=role,
        vendor_id=vendor_id,
        password=_hashed(BCryptSHA256PasswordHasher.rounds),
        **fields,
    )
