"""The names behind actors, for the pages of every app."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from apps.accounts.models import ApiKey, User


def names_of_actors(actors: Collection[str], vendor_id: UUID | None) -> dict[str, str]:
    """The name, or else the e-mail address, of each `user:<id>` that exists, and the name
    of each `api_key:<id>`; a query for each kind that there is.

    vendor_id: only this vendor's people are named.
    """
    ids = {found for actor in actors if (found := _id_of(actor, "user")) is not None}
    people = User.objects.filter(pk__in=ids)
    if vendor_id is not None:
        people = people.filter(vendor_id=vendor_id)
    named = {f"user:{user.pk}": user.full_name for user in people} if ids else {}
    return named | _names_of_keys(actors, vendor_id)


def _names_of_keys(actors: Collection[str], vendor_id: UUID | None) -> dict[str, str]:
    ids = {found for actor in actors if (found := _id_of(actor, "api_key")) is not None}
    keys = ApiKey.objects.filter(pk__in=ids)
    if vendor_id is not None:
        keys = keys.filter(vendor_id=vendor_id)
    return {f"api_key:{key.pk}": f"API key {key.name}" for key in keys} if ids else {}


def _id_of(actor: str, wanted: str) -> UUID | None:
    kind, _, key = actor.partition(":")
    if kind != wanted:
        return None
    try:
        return UUID(key)
    except ValueError:
        return None
