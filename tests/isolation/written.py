"""What was written, as PostgreSQL itself counts it: rows of every table of every schema.

The server's counters of the transaction hold what was tried as well as what stayed: a row that was
written and rolled back is seen too.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

Written = dict[tuple[str, str], tuple[int, int, int]]
_COUNTS = """
SELECT n.nspname, c.relname, pg_stat_get_xact_tuples_inserted(c.oid),
       pg_stat_get_xact_tuples_updated(c.oid), pg_stat_get_xact_tuples_deleted(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY(%s)
"""


def written(*schemas: str) -> Written:
    """(schema, table) → rows inserted, updated and deleted in this transaction; not the untouched.

    Must be asked inside the transaction in which the requests ran.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [list(schemas)])
        rows: list[Any] = cursor.fetchall()
    return {(schema, table): tuple(counts) for schema, table, *counts in rows if any(counts)}


def since(before: Written, after: Written) -> list[str]:
    """`acme.orders_order: +1 ~0 -0` of every table that was written to between the two."""
    return [
        f"{schema}.{table}: +{now[0] - was[0]} ~{now[1] - was[1]} -{now[2] - was[2]}"
        for (schema, table), now in sorted(after.items())
        if now != (was := before.get((schema, table), (0, 0, 0)))
    ]
