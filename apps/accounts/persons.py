"""A user or a guest as somebody about whom something is held, and what accounts itself holds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.models import Consent, Erasure, User
from apps.accounts.types import ERASED_DOMAIN, Person


def placeholder_for(key: UUID) -> str:
    """What stands in place of an erased person's address; unique, and deliverable nowhere."""
    return f"erased-{key}@{ERASED_DOMAIN}"


def person_of(user: User, *, by_email: bool) -> Person:
    """The user as a person. by_email: whether the address is proven to be theirs."""
    words = (user.first_name, user.last_name, user.phone, f"{user.first_name} {user.last_name}")
    return Person(
        user_id=user.pk,
        email=user.email,
        placeholder=placeholder_for(user.pk),
        by_email=by_email or user.email_verified,
        words=tuple(dict.fromkeys(word.strip() for word in words if word.strip())),
    )


def consents_of(user_id: UUID) -> QuerySet[Consent]:
    """Every yes and no of a user, the newest first."""
    return Consent.objects.filter(user_id=user_id)


def erasures() -> QuerySet[Erasure]:
    """Who was erased in this store, the newest first."""
    return Erasure.objects.all()


def profile(user: User) -> dict[str, Any]:
    """The account itself."""
    names = ("id", "email", "first_name", "last_name", "phone", "role", "status")
    dates = ("email_verified", "last_login", "created_at", "updated_at")
    return {name: getattr(user, name) for name in (*names, *dates)}


def own_records(user: User) -> dict[str, list[dict[str, Any]]]:
    """What accounts holds beside the account; no secret among it, for it would open the account."""
    address = (
        "label",
        "name",
        "line1",
        "line2",
        "city",
        "state",
        "postal_code",
        "country",
        "phone",
    )
    session = ("user_agent", "address", "created_at", "expires_at", "revoked_at")
    consent = ("kind", "version", "granted", "address", "created_at")
    return {
        "addresses": list(user.addresses.values(*address)),
        "sessions": list(user.sessions.values(*session)),
        "consents": list(user.consents.values(*consent)),
        "two_step_sign_in": list(user.mfa_methods.values("kind", "confirmed_at")),
    }
