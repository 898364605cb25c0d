"""Reads of the audit log, and the names that stand behind its ids."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.models import AuditEntry, User


def audit_entries() -> QuerySet[AuditEntry]:
    """Everything that staff changed in this schema, the newest first."""
    return AuditEntry.objects.order_by("-id")


def actor_names(actors: Iterable[str]) -> dict[str, str]:
    """What to show for `user:<id>` and the others, in one query however many they are.

    A person who was erased, or never was here, is shown by the last digits of the id.
    """
    wanted = set(actors)
    ids = {actor: found for actor in wanted if (found := _user_id(actor)) is not None}
    users = User.objects.in_bulk(list(set(ids.values()))) if ids else {}
    return {
        actor: users[ids[actor]].email if ids.get(actor) in users else short_actor(actor)
        for actor in wanted
    }


def short_actor(actor: str) -> str:
    """`user:01936512-…-9012` as `user …9012`; `command:import_products` as `import_products`."""
    kind, _, name = actor.partition(":")
    if kind == "command":
        return f"manage.py {name}"
    return f"{kind} …{name[-8:]}" if name else actor


def _user_id(actor: str) -> UUID | None:
    kind, _, text = actor.partition(":")
    try:
        return UUID(text) if kind == "user" else None
    except ValueError:
        return None
