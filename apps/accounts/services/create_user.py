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
    give_password(user, password)
    return insert_user(user)


def give_password(user: User, password: str) -> None:
    """Check a user who is about to be inserted, and hash the password.

    Before any transaction: hashing takes a quarter of a second on purpose. Raises
    ValidationFailed.
    """
    check_user(user)
    check_password(password, user)
    user.set_password(password)


def insert_user(user: User) -> User:
    """Insert a checked user. Publishes UserRegistered. Raises EmailTaken."""
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            _tell(user)
    except IntegrityError as error:
        if not is_email_conflict(error):
            raise
        raise email_taken() from error
    return user


def email_taken() -> EmailTaken:
    """The refusal of an address that has an account, naming the field."""
    detail = "Sign in, or use another address."
    return EmailTaken(errors=[FieldError("email", EmailTaken.code, detail)])


def is_email_conflict(error: IntegrityError) -> bool:
    """Whether the database refused a second account with one e-mail address."""
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
