"""What higher apps put into a new store's schema: they register, tenancy calls.

The default vendor, warehouse and price list come this way, so that tenancy knows no domain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apps.common.context import StoreRef


@dataclass(frozen=True, slots=True)
class Owner:
    """The first person of a store."""

    email: str
    password: str


@dataclass(frozen=True, slots=True)
class NewStore:
    """A store whose schema was just made; the seeds run inside it, in its transaction."""

    ref: StoreRef
    owner: Owner | None = None


Seed = Callable[[NewStore], None]
_seeds: dict[str, Seed] = {}


def register_seed(name: str, seed: Seed) -> None:
    """Have `seed` called, in registration order, inside every new store."""
    _seeds[name] = seed


def run_seeds(new_store: NewStore) -> None:
    """Fill a new store's schema. Raises whatever a seed raises, and nothing is created."""
    for seed in _seeds.values():
        seed(new_store)
