"""Who `user:<id>` is: the names behind the actors that the ledger, histories and events keep.

Common knows no people; accounts registers who does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import UUID

# Actors, and the only vendor whose people may be named (None: all) → the names of those known.
Source = Callable[[Collection[str], UUID | None], dict[str, str]]

_WORDS = {"system": "System", "anonymous": "A visitor", "": "–"}


def _nobody(actors: Collection[str], vendor_id: UUID | None) -> dict[str, str]:
    return {}


_source: list[Source] = [_nobody]


def register_actor_names(source: Source) -> None:
    """Have `source` asked from now on. It takes one query for all of them."""
    _source[:] = [source]


def actor_names(actors: Collection[str], *, vendor_id: UUID | None = None) -> dict[str, str]:
    """A name to show for each actor, in one query.

    vendor_id: who looks is of this vendor and learns no names of other people.
    """
    asked = {actor for actor in actors if actor not in _WORDS}
    known = _source[0](asked, vendor_id) if asked else {}
    return {actor: known.get(actor) or _WORDS.get(actor) or _kind(actor) for actor in actors}


def _kind(actor: str) -> str:
    kind, _, _ = actor.partition(":")
    return {"user": "Somebody of the store", "api_key": "An API key"}.get(kind, actor)
