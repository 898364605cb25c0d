"""Which store a host or slug means, without a query per request.

Each process keeps what it looked up for as long as the directory's version, a counter in the
shared cache that every change of a store bumps, stays the same. Without the cache, or after
`_LONGEST_SECONDS`, the database is asked.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import structlog
from django.core.cache import cache

from apps.common.context import Context, StoreRef, use
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.models import Store, StoreStatus

log = structlog.get_logger(__name__)

_VERSION_KEY = "tenancy:directory"
_LONGEST_SECONDS = 5.0
# Unknown hosts are remembered too, so the memory is bounded against a stranger who invents them.
_MOST_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A looked-up store; `ref` is None for an unknown name."""

    ref: StoreRef | None
    suspended: bool
    version: int
    read_at: float


_known: dict[tuple[str, str], Entry] = {}


def find_by_host(host: str) -> Entry:
    """The store of a host name."""
    return _find("host", host)


def find_by_slug(slug: str) -> Entry:
    """The store of a slug."""
    return _find("slug", slug)


def bump_directory() -> None:
    """Make every process forget what it knows; called after a store changed."""
    _known.clear()
    with use(Context(store=PUBLIC)):
        try:
            cache.set(_VERSION_KEY, time.time_ns(), timeout=None)
        except Exception as error:
            # Others learn of the change when their entries grow too old.
            log.warning("directory_bump_lost", error=repr(error))


def _version() -> int | None:
    with use(Context(store=PUBLIC)):
        try:
            return int(cache.get(_VERSION_KEY, 0))
        except Exception as error:
            log.warning("directory_version_unknown", error=repr(error))
            return None


def _find(kind: str, name: str) -> Entry:
    version = _version()
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
