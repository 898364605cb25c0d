"""Collect all that is held on a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.accounts.errors import UserNotFound
from apps.accounts.models import User
from apps.accounts.persons import own_records, person_of, placeholder_for, profile
from apps.accounts.privacy import export_everywhere
from apps.accounts.rules import normalized_email
from apps.accounts.types import Person
from apps.common.context import current_store


def export_user(*, user_id: UUID) -> dict[str, Any]:
    """Everything on a user, every app's part included, ready to be JSON (CMP-01).

    What only names the e-mail address, such as a guest's order, is there once the address is
    verified: before, it may be somebody else's. Raises UserNotFound.
    """
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    person = person_of(user, by_email=False)
    return _exported(person, profile(user), own_records(user))


def export_guest(*, email: str) -> dict[str, Any]:
    """Everything that names an e-mail address; staff have checked whose it is (CMP-01).

    Where the address has an account, the account is in it too. Raises ValidationFailed.
    """
    address = normalized_email(email)
    user = User.objects.filter(email=address).first()
    if user is not None:
        return _exported(person_of(user, by_email=True), profile(user), own_records(user))
    person = Person(user_id=None, email=address, placeholder=placeholder_for(UUID(int=0)))
    return _exported(person, None, {})


def _exported(
    person: Person, account: dict[str, Any] | None, own: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    store = current_store()
    return {
        "exported_at": timezone.now(),
        "store": {"slug": store.slug, "name": store.name},
        "email": person.email,
        "profile": account,
        "records": {**own, **export_everywhere(person)},
    }
