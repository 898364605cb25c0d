"""Users for tests."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID, uuid4

PASSWORD = "Correct-horse-7-battery"


@cache
def _hashed() -> str:
    """Hashed once: bcrypt is slow on purpose, and most tests never sign in with the password."""
    from django.contrib.auth.hashers import make_password

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
        password=_hashed(),
        **fields,
    )
