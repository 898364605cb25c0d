"""Have somebody who is signed in prove to know the password."""

from __future__ import annotations

from uuid import UUID

from apps.accounts import attempts
from apps.accounts.errors import UserNotFound, WrongPassword
from apps.accounts.models import User
from apps.common.errors import FieldError


def prove_password(*, user_id: UUID, password: str, field: str = "password") -> User:
    """The user, whose password this is. Counted with the tries to sign in.

    field: what the input calls it. Call it with no transaction open: it hashes. Raises
    UserNotFound, WrongPassword, TooManyAttempts. Serves T15.
    """
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    attempts.begin_sign_in(user.email)
    right = user.check_password(password)
    attempts.end_sign_in(user.email, succeeded=right)
    if not right:
        detail = "This is not the present password."
        raise WrongPassword(detail, errors=[FieldError(field, WrongPassword.code, detail)])
    return user
