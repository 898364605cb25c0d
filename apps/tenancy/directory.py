"""Which store a host or slug means, without a query per request.

Each process keeps what it looked up for as long as the name's version in the shared cache stays
the same; whoever changes a store bumps the versions of its own names, so that a new store costs
the others nothing. Without the cache, or after `_LONGEST_SECONDS`, the database is asked.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import structlog
from django.core.cache import cache

from apps.common.context import Context, StoreRef, use
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.models import Store, StoreStatus, is_host, is_slug

log = structlog.get_logger(__name__)

_LONGEST_SECONDS = 5.0
# Longer than any process keeps an entry; an older version has nobody left to tell.
_VERSION_SECONDS = 60
# Unknown hosts are remembered too, so the memory is bounded against a stranger who invents them.
_MOST_ENTRIES = 10_000

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A looked-up store; `ref` is None for an unknown name."""

    ref: StoreRef | None
    suspended: bool
    version: int
    read_at: float


_NOBODY = Entry(ref=None, suspended=False, version=0, read_at=0.0)
_SHAPES = {"host": is_host, "slug": is_slug}
_known: dict[Name, Entry] = {}


def find_by_host(host: str) -> Entry:
    """The store of a host name."""
    return _find("host", host)


def find_by_slug(slug: str) -> Entry:
    """The store of a slug."""
    return _find("slug", slug)


def find_serving(slug: str) -> StoreRef | None:
    """The store of a slug as it stands now; None when there is none or it does not serve."""
    entry = find_by_slug(slug)
    return None if entry.suspended else entry.ref


def names_of(store: Store, *hosts: str) -> list[Name]:
    """Every name under which the directory may hold the store; `hosts` are former ones."""
    current = [row.domain for row in store.domains.all()]
    return [("slug", store.slug), *(("host", host) for host in {*current, *hosts})]


def bump(names: list[Name]) -> None:
    """Make every process forget what it knows under these names; called after a store changed."""
    for name in names:
        _known.pop(name, None)
    with use(Context(store=PUBLIC)):
        try:
            version = time.time_ns()
            cache.set_many({_key(*name): version for name in names}, timeout=_VERSION_SECONDS)
        except Exception as error:
            # Others learn of the change when their entries grow too old.
            log.warning("directory_bump_lost", error=repr(error))


def _key(kind: str, name: str) -> str:
    return f"tenancy:directory:{kind}:{name}"


def _version(kind: str, name: str) -> int | None:
    with use(Context(store=PUBLIC)):
        try:
            return int(cache.get(_key(kind, name), 0))
        except Exception as error:
            log.warning("directory_version_unknown", error=repr(error))
            return None


def _find(kind: str, name: str) -> Entry:
    if not _SHAPES[kind](name):
        # No store is named so, and the database may not even take the text.
        return _NOBODY
    version = _version(kind, name)
    entry = _known.get((kind, name))
    fresh = entry is not None and time.monotonic() - entry.read_at < _LONGEST_SECONDS
    if entry is not None and fresh and version is not None and entry.version == version:
        return entry
    entry = _read(kind, name, version or 0)
    if len(_known) >= _MOST_ENTRIES:
        _known.clear()
    _known[kind, name] = entry
    return entry


def _read(kind: str, name: str, version: int) -> Entry:
    lookup = {"domains__domain": name} if kind == "host" else {"slug": name}
    with enter_store(PUBLIC):
        store = Store.objects.filter(**lookup).prefetch_related("domains").first()
        return Entry(
            ref=store.ref if store else None,
            suspended=store is not None and store.status != StoreStatus.ACTIVE,
            version=version,
            read_at=time.monotonic(),
        )
