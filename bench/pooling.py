"""`python -m bench.pooling`: what it costs to say in every transaction which store it is for.

The same two pieces of work over every way to the same database: a read that is its own
transaction, and a transaction of two reads, in two stores by turns. In one thread, so that the
figure is what the way adds and not what fits beside each other. The ways take turns too. Shown
is the lower quartile of all turns, in microseconds: what is slower, other programs disturbed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.pgbouncer import NoPgBouncerError, pgbouncer
from config.embedded.servers import running

ROUNDS = 20
TURNS = 150
WORKS = ("a read", "BEGIN, two reads, COMMIT")


@contextlib.contextmanager
def database() -> Iterator[str]:
    """The URL of a migrated database of its own, which Django in this process is set to."""
    data_dir = Path(tempfile.mkdtemp(prefix="fc-pooling-"))
    try:
        with running(data_dir) as endpoints:
            os.environ.update(endpoints.environ(), FC_DATA_DIR=str(data_dir), LOG_LEVEL="WARNING")
            os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
            os.environ["DATABASE_POOLING"] = "session"
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate_stores", verbosity=0)
            for number in range(2):
                call_command("create_store", f"pool-{number}", verbosity=0)
            yield endpoints.database_url
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


def connection_to(url: str, pooling: str) -> Any:
    """A connection as DATABASE_URL and DATABASE_POOLING make it."""
    from django.db import connections

    from apps.tenancy.postgresql.base import DatabaseWrapper
    from config import env

    os.environ["DATABASE_POOLING"] = pooling
    settings = {**connections["default"].settings_dict, **env.database(url)}
    return DatabaseWrapper(settings, alias="default")


def works() -> tuple[Callable[[], None], Callable[[], None]]:
    """What is timed, in the order of WORKS."""
    from django.db import transaction

    from apps.accounts.models import User

    def read() -> None:
        list(User.objects.filter(email="nobody@example.com").values_list("first_name"))

    def read_twice() -> None:
        with transaction.atomic():
            read()
            read()

    return read, read_twice


def timed(connection: Any, work: Callable[[], None]) -> list[float]:
    """Microseconds of each turn over this connection."""
    from django.db import connections

    from apps.common.stores import all_stores, enter_store

    stores = all_stores()
    kept, taken = connections["default"], []
    connections["default"] = connection
    try:
        for turn in range(TURNS):
            started = time.perf_counter()
            with enter_store(stores[turn % len(stores)]):
                work()
            taken.append((time.perf_counter() - started) * 1e6)
        return taken
    finally:
        connections["default"] = kept


def main() -> int:
    """Print the table; 2 where there is no PgBouncer."""
    if os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL"):
        print("error: this brings its own servers: unset DATABASE_URL, REDIS_URL", file=sys.stderr)
        return 2
    try:
        with (
            database() as direct,
            pgbouncer(direct, mode="session") as own,
            pgbouncer(direct, mode="transaction") as shared,
        ):
            ways = {
                "direct, session": connection_to(direct, "session"),
                "direct, transaction": connection_to(direct, "transaction"),
                "PgBouncer, session": connection_to(own, "session"),
                "PgBouncer, transaction": connection_to(shared, "transaction"),
            }
            taken: dict[str, list[list[float]]] = {way: [[] for _ in WORKS] for way in ways}
            for _ in range(ROUNDS):
                for way, connection in ways.items():
                    for turns, work in zip(taken[way], works(), strict=True):
                        turns += timed(connection, work)
            for connection in ways.values():
                connection.close()
    except NoPgBouncerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{'DATABASE_URL, DATABASE_POOLING':<32}" + "".join(f"{work:>28}" for work in WORKS))
    for way, lists in taken.items():
        costs = [statistics.quantiles(turns, n=4)[0] for turns in lists]
        print(f"{way:<32}" + "".join(f"{cost:>25.0f} us" for cost in costs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
