"""Have somebody who is signed in prove to know the password and to hold the second factor."""

from __future__ import annotations

from uuid import UUID

from apps.accounts.errors import InvalidMfaCode
from apps.accounts.services.prove_password import prove_password
from apps.accounts.services.spend_code import spend_any


def prove_mfa(*, user_id: UUID, password: str, code: str) -> None:
    """Check password and code; the code is spent. A stolen session alone passes neither.

    Call it with no transaction open. Raises WrongPassword, InvalidMfaCode, TooManyAttempts,
    UserNotFound. Serves ACC-20.
    """
    user = prove_password(user_id=user_id, password=password)
    if not spend_any(user=user, code=code):
        raise InvalidMfaCode
