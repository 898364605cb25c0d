"""The statements by which a connection enters a schema and checks whose it is."""

from __future__ import annotations

import functools
import secrets
from typing import Any

from psycopg import sql

# Stands in the error by which PostgreSQL itself stops a statement in the wrong schema. Random, so
# that nothing a client sends can look like it.
MARK = f"wrong-store-{secrets.token_hex(8)}"

# Session mode: kept by the connection until the next entry; read by the caller.
ENTER_BARE = sql.SQL(
    "SELECT set_config('search_path', %s, false), set_config('fc.audit', %s, false)"
)
TELL = sql.SQL("SELECT set_config('fc.audit', %s, false)")


@functools.lru_cache(maxsize=2048)
def path_of(schema: str) -> str:
    """The search path that is this schema alone."""
    return sql.Identifier(schema).as_string(None)


@functools.lru_cache(maxsize=2048)
def enter_stamped(schema: str) -> sql.Composed:
    """Enter a store's schema and read its stamp, for session mode. Parameters: path, note."""
    return sql.SQL(
        "SELECT set_config('search_path', %s, false), set_config('fc.audit', %s, false), store_id "
        "FROM {}.common_schemastamp"
    ).format(sql.Identifier(schema))


def prefix(schema: str, store_id: Any, note: str) -> str:
    """What a transaction of transaction mode begins with: path and note, which end with it.

    With a store id the stamp is checked by PostgreSQL, in front of the statement that follows in
    the same message: the cast of a text that is no number fails, and nothing after it is run.
    """
    head, tail = _prefix(schema, store_id)
    return f"{head}{_literal(note)}{tail}"


@functools.lru_cache(maxsize=2048)
def _prefix(schema: str, store_id: Any) -> tuple[str, str]:
    path = path_of(schema)
    head = f"SELECT set_config('search_path', {_literal(path)}, true), set_config('fc.audit', "
    if store_id is None:
        return head, ", true); "
    stamp = f"(SELECT store_id FROM {path}.common_schemastamp)"  # noqa: S608 - quoted above
    wrong = f"({_literal(MARK + ' ')} || coalesce({stamp}::text, 'none'))::int"
    check = f"CASE WHEN {stamp} = {_literal(str(store_id))}::uuid THEN 0 ELSE {wrong} END"
    return head, f", true), {check}; "


def _literal(text: str) -> str:
    return "''" if not text else sql.Literal(text).as_string(None)
