"""Fewer round trips to PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.db import connection

# Put into the FROM of a statement that is a transaction of its own and whose loss in a crash of the
# server would be harmless: its commit then does not wait for the disk.
UNHURRIED = "(SELECT set_config('synchronous_commit', 'off', true)) AS unhurried"


@contextmanager
def pipelined() -> Iterator[None]:
    """Send the block's statements without waiting for each: one round trip for all of them.

    For inserts whose answers nobody reads; an error of any of them is raised when the block ends.
    Must run inside a transaction, which that error ends.
    """
    connection.ensure_connection()
    database = cast(Any, connection)
    # Before the pipeline, in which an answer would have to be waited for.
    database.enter()
    with database.connection.pipeline():
        yield
