"""What higher apps put into a new store's schema: they register, tenancy calls.

The default vendor, warehouse and price list come this way, so that tenancy knows no domain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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


_roles: list[frozenset[str]] = []


def register_roles(names: Iterable[str]) -> None:
    """Tell which roles there are, so that a store's settings can name no other one."""
    _roles.append(frozenset(names))


def known_roles() -> frozenset[str]:
    """The roles that were told."""
    return frozenset().union(*_roles)


@dataclass(frozen=True, slots=True)
class Restored:
    """A store whose schema was just filled from a backup; `way` is restore, move or clone.

    A clone is another store, in a sandbox: nothing in it may lead to the first one's people.
    """

    ref: StoreRef
    way: str


Settling = Callable[[Restored], None]
_settlings: dict[str, Settling] = {}
_left_out: list[frozenset[str]] = []


def register_restored(name: str, settle: Settling, *, not_cloned: Iterable[str] = ()) -> None:
    """Have `settle` called inside every restored schema, in the transaction that fills it.

    not_cloned: tables that a clone begins without.
    """
    _settlings[name] = settle
    _left_out.append(frozenset(not_cloned))


def not_cloned() -> frozenset[str]:
    """The tables that a clone begins without."""
    return frozenset().union(*_left_out)


def run_restored(restored: Restored) -> None:
    """Make a restored schema right. Raises whatever a settling raises, and nothing is restored."""
    for settle in _settlings.values():
        settle(restored)


AfterMigrating = Callable[[], None]
_after_migrating: dict[str, AfterMigrating] = {}


def register_migrated(name: str, bring_up: AfterMigrating) -> None:
    """Have `bring_up` called inside every store whose schema was migrated, outside a transaction.

    For what is derived from rows and too much for one transaction. It must be safe to repeat.
    """
    _after_migrating[name] = bring_up


def run_migrated() -> None:
    """Bring what is derived up to the code. Raises whatever is raised; the store is behind then."""
    for bring_up in _after_migrating.values():
        bring_up()
