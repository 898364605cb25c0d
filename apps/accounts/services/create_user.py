"""Create a user of the current store, or an operator in the public schema."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts.errors import EmailTaken
from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.accounts.rules import check_password, check_user, normalized_email
from apps.common.context import current_store
from apps.common.errors import FieldError
from apps.events.contracts import UserRegistered
from apps.events.facade import publish


def create_user(
    *,
    email: str,
    password: str,
    role: str = Role.CUSTOMER,
    first_name: str = "",
    last_name: str = "",
    phone: str = "",
    vendor_id: UUID | None = None,
) -> User:
    """Create a user who can sign in at once; publishes UserRegistered in the same transaction.

    Two at once with one e-mail address meet the unique constraint, and one gets EmailTaken.
    Raises ValidationFailed, EmailTaken. Serves ACC-01, ACC-12, ACC-19.
    """
    user = User(
        email=normalized_email(email),
        role=role,
        first_name=first_name,
        last_name=last_name,
        phone=phone,
        vendor_id=vendor_id,
    )
    check_user(user)
    check_password(password, user)
    # Hashed before the transaction: it takes a fifth of a second on purpose.
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            _tell(user)
    except IntegrityError as error:
        if not _is_email_conflict(error):
            raise
        raise EmailTaken(
            errors=[FieldError("email", "email_taken", "Sign in, or use another address.")]
        ) from error
    return user


def _is_email_conflict(error: IntegrityError) -> bool:
    diagnosis = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnosis, "constraint_name", "")).startswith("accounts_user_email")


def _tell(user: User) -> None:
    # Operators register in no store, and nobody in the public schema welcomes them.
    if current_store().is_public:
        return
    publish(
        UserRegistered(
            user_id=user.id,
            email=user.email,
            first_name=user.first_name,
            last_name=user.last_name,
            role=user.role,
        )
    )
