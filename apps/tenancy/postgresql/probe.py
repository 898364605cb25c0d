"""Finding out that a connection's server is shared with others (T5).

In session mode the store's path stands on the server's end of the connection. Behind a pooler that
hands servers from client to client between transactions, others would read in that store: so the
process must not start. A server that answers two clients who are both connected proves it.
"""

from __future__ import annotations

import select
import sys
import time
from typing import Any

import psycopg
from django.conf import settings as live
from django.core.exceptions import ImproperlyConfigured

_ASK = "SELECT pg_backend_pid()"
# An idle pooler gives itself away at once. On a busy one a client may come back to its own server
# by chance, of few servers once in three times: so often that it cannot each time.
_TRIES = 4
_TIMES = 6
_PATIENCE_SECONDS = 2.0
# Servers that are proven to be the client's own: asked once per process.
_own: set[tuple[Any, ...]] = set()


def refuse_shared_server(connection: Any, parameters: dict[str, Any]) -> None:
    """Raises ImproperlyConfigured when the server of `connection` also serves others.

    Costs one more connection, at the first one of a process. Where that cannot be had, nothing is
    known and nothing refused.
    """
    where = tuple(str(parameters.get(name, "")) for name in ("host", "port", "dbname", "user"))
    if where in _own:
        return
    known = {key: value for key, value in parameters.items() if key not in _NOT_FOR_THE_PROBE}
    try:
        shared = _is_shared(connection, known)
    except psycopg.OperationalError:
        return
    if shared:
        connection.close()
        raise ImproperlyConfigured(
            "The database is behind a pooler in transaction mode: set DATABASE_POOLING=transaction "
            "(a store would see another store's rows), or connect to PostgreSQL itself."
        )
    _own.add(where)


def refuse_wrong_pooling() -> None:
    """The same before anything is served: ends the process with one line on standard error.

    A database that cannot be reached now is asked at the first connection.
    """
    settings: dict[str, Any] = live.DATABASES["default"]
    if settings.get("POOLING") == "transaction":
        return
    driver = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host"}
    named = {ours: settings.get(name) for name, ours in {**driver, "PORT": "port"}.items()}
    options = {
        key: value
        for key, value in settings["OPTIONS"].items()
        if key not in {"server_side_binding", *_NOT_FOR_THE_PROBE}
    }
    parameters = {key: value for key, value in named.items() if value} | options
    try:
        with psycopg.connect(**parameters, autocommit=True) as connection:
            refuse_shared_server(connection, parameters)
    except psycopg.OperationalError:
        return
    except ImproperlyConfigured as error:
        # The real one: Celery puts its log in the place of the other.
        print(f"error: {error}", file=sys.__stderr__)
        raise SystemExit(1) from None


_NOT_FOR_THE_PROBE = {"context", "cursor_factory", "prepare_threshold"}


def _is_shared(first: Any, parameters: dict[str, Any]) -> bool:
    """Whether a second client, in a transaction of its own, gets the first one's server, or
    pushes the first one to another.
    """
    was_autocommit = first.autocommit
    first.autocommit = True
    try:
        with psycopg.connect(**parameters, autocommit=True) as second:
            for _ in range(_TRIES):
                before = _server_of(first)
                seconds = _server_in_transaction(second)
                if seconds == before or any(_server_of(first) != before for _ in range(_TIMES)):
                    return True
                if seconds is None:
                    return False
                second.execute("ROLLBACK", prepare=False)
    finally:
        first.autocommit = was_autocommit
    return False


def _server_of(connection: Any) -> int:
    with psycopg.Cursor(connection) as cursor:
        cursor.execute(_ASK, prepare=False)
        return int(cursor.fetchone()[0])  # type: ignore[index]


def _server_in_transaction(connection: psycopg.Connection[Any]) -> int | None:
    """None where a pooler lets the second client wait: its servers are all somebody's own."""
    pgconn = connection.pgconn
    pgconn.send_query(f"BEGIN; {_ASK}".encode())
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while pgconn.is_busy():
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pgconn.socket], [], [], left)[0]:
            connection.close()
            return None
        pgconn.consume_input()
    values = []
    while (result := pgconn.get_result()) is not None:
        values.append(result.get_value(0, 0) if result.ntuples else None)
    return int(values[-1]) if values and values[-1] else None
