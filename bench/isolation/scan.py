"""Afterwards: every row, key, file and log line that holds another store's canary."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from redis import Redis

from bench.isolation.stores import Store

_TABLES = """SELECT c.relname FROM pg_class c WHERE c.relnamespace = %s::regnamespace
             AND c.relkind = 'r' ORDER BY 1"""


def rows_of_others(database_url: str, stores: Sequence[Store]) -> tuple[list[str], int]:
    """Rows that lie in a store and hold another one's canary, or lie in public and hold any; and
    how many rows hold their own store's, as a proof that the canaries are where they could be seen.
    """
    foreign, own = [], 0
    with psycopg.connect(database_url, autocommit=True) as connection:
        for store in stores:
            others = "|".join(other.canary for other in stores if other is not store)
            for table, count in _matches(connection, store.schema, others):
                foreign.append(f"{store.schema}.{table}: {count}")
            own += sum(count for _, count in _matches(connection, store.schema, store.canary))
        everyone = "|".join(store.canary for store in stores)
        for table, count in _matches(connection, "public", everyone):
            foreign.append(f"public.{table}: {count}")
    return foreign, own


def _matches(connection: Any, schema: str, pattern: str) -> list[tuple[str, int]]:
    found = []
    for (table,) in connection.execute(_TABLES, [f'"{schema}"']).fetchall():
        query = sql.SQL("SELECT count(*) FROM {} AS row WHERE row::text ~ %s").format(
            sql.Identifier(schema, table)
        )
        (count,) = connection.execute(query, [pattern]).fetchone()
        if count:
            found.append((table, count))
    return found


def keys_of_others(redis_url: str, stores: Sequence[Store]) -> list[str]:
    """Keys of one store whose value is another one's, and of none whose value is somebody's."""
    redis: Any = Redis.from_url(redis_url)
    foreign = []
    for key in redis.scan_iter(count=1000):
        if redis.type(key) != b"string":
            continue
        value = redis.get(key) or b""
        foreign += [
            f"redis {key.decode(errors='replace')} holds {store.slug}'s"
            for store in stores
            if store.canary.encode() in value and store.schema.encode() not in key
        ]
    return foreign


def files_of_others(data_dir: Path, stores: Sequence[Store]) -> list[str]:
    """Mails and other files in one store's folder that hold another one's canary."""
    foreign = []
    for folder in ("mail", "media"):
        for path in (data_dir / folder).rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            foreign += [
                f"{path.relative_to(data_dir)} holds {store.slug}'s"
                for store in stores
                if store.canary.encode() in content and store.slug not in path.parts
            ]
    return foreign


def log_lines(log: Path, stores: Sequence[Store]) -> tuple[list[str], int]:
    """Lines tagged with one store that hold another one's canary, and how often the tripwire is
    named at all.
    """
    foreign, tripped = [], 0
    with log.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            tripped += '"tripwire"' in line
            mentioned = [store for store in stores if store.canary in line]
            if not mentioned:
                continue
            tag = _tag(line)
            foreign += [
                f"log of {tag}: {line[:200]}" for store in mentioned if tag not in {"", store.slug}
            ]
    return foreign, tripped


def _tag(line: str) -> str:
    try:
        told = json.loads(line[line.index("{") :])
    except ValueError:
        return ""
    return str(told.get("store", "")) if isinstance(told, dict) else ""


def tripwire(redis_url: str) -> int:
    """The counter of all processes."""
    redis: Any = Redis.from_url(redis_url)
    return sum(int(redis.get(key)) for key in redis.scan_iter(match="*tenancy:tripwire"))
