"""What an e-mail address, a password and a role must be."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from apps.accounts.models import User
from apps.accounts.roles import PLATFORM_ROLES, VENDOR_ROLES, Role
from apps.common.context import current_store
from apps.common.errors import FieldError, ValidationFailed

_email_validator = EmailValidator()
_E164 = re.compile(r"\A\+[1-9][0-9]{6,14}\Z")


def normalized_email(email: str) -> str:
    """The address as it is kept and compared. Raises ValidationFailed.

    ASCII only: an international domain is written as `xn--…`, so no two spellings look alike and
    Python and PostgreSQL agree what lower case is. No quotes: `"ada"@…` is `ada@…` spelt again.
    """
    plain = email.strip()
    try:
        if not plain.isascii() or '"' in plain or len(plain) > 255:
            raise ValidationError("")
        _email_validator(plain)
    except ValidationError as error:
        raise ValidationFailed.of(
            "email", "invalid", "Send an e-mail address of at most 255 ASCII characters."
        ) from error
    return plain.lower()


def check_password(password: str, user: User, *, field: str = "password") -> None:
    """Hold the password against the store's rules. Raises ValidationFailed with every reason."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        reasons = [_reason(field, one) for one in error.error_list]
        raise ValidationFailed(reasons[0].detail, errors=reasons) from error


def _reason(field: str, error: Any) -> FieldError:
    return FieldError(field, error.code or "invalid", " ".join(error.messages))


def check_phone(phone: str) -> None:
    """E.164 or nothing. Raises ValidationFailed."""
    if phone and not _E164.match(phone):
        raise ValidationFailed.of(
            "phone", "invalid", "Send the number in E.164 form such as +4930123456."
        )


def check_user(user: User) -> None:
    """Everything about a user that is not the password. Raises ValidationFailed."""
    check_role(user.role, user.vendor_id)
    check_phone(user.phone)
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        reasons = [_reason(field, one) for field, rows in error.error_dict.items() for one in rows]
        raise ValidationFailed(reasons[0].detail, errors=reasons) from error


def check_role(role: str, vendor_id: UUID | None) -> None:
    """Operators live in the public schema and nobody else does; only vendors' users have one.

    Raises ValidationFailed.
    """
    if role not in Role.values:
        raise ValidationFailed.of("role", "invalid", f"'{role[:20]}' is no role.")
    if (role in PLATFORM_ROLES) != current_store().is_public:
        where = "the platform" if current_store().is_public else "a store"
        raise ValidationFailed.of("role", "invalid", f"'{role}' is no role in {where}.")
    if vendor_id is not None and role not in VENDOR_ROLES:
        raise ValidationFailed.of("vendor_id", "invalid", f"'{role}' acts for no vendor.")
    if vendor_id is None and role in VENDOR_ROLES:
        raise ValidationFailed.of("vendor_id", "required", f"'{role}' acts for a vendor.")
