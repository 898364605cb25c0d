"""Afterwards: every row, key, file and log line that holds another store's canary."""

from __future__ import annotations

import email
import email.policy
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from redis import Redis

from bench.isolation.stores import Store

# Where a soak's own canaries must turn up.
PLACES = ("rows", "cache keys", "mails", "log lines")
_SCHEMAS = """SELECT nspname FROM pg_namespace
              WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1"""
_TABLES = """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = %s AND c.relkind IN ('r', 'm') ORDER BY 1"""


@dataclass
class Found:
    """What lies where it must not, and how much of each place holds its own store's canary: a place
    without any was not looked into.
    """

    foreign: list[str] = field(default_factory=list)
    own: Counter[str] = field(default_factory=Counter)

    def add(self, other: Found) -> None:
        """Take another one's in."""
        self.foreign += other.foreign
        self.own += other.own


def rows(database_url: str, stores: Sequence[Store]) -> Found:
    """Every table of every schema. Only a store's own schema may hold its canary: not public, not
    the template.
    """
    found = Found()
    of_schema = {store.schema: store for store in stores}
    with psycopg.connect(database_url, autocommit=True) as connection:
        for (schema,) in connection.execute(_SCHEMAS).fetchall():
            own = of_schema.get(schema)
            others = "|".join(store.canary for store in stores if store is not own)
            for table, count in _matches(connection, schema, others):
                found.foreign.append(f"{schema}.{table}: {count}")
            if own is not None:
                matches = _matches(connection, schema, own.canary)
                found.own["rows"] += sum(count for _, count in matches)
    return found


def _matches(connection: Any, schema: str, pattern: str) -> list[tuple[str, int]]:
    matches = []
    for (table,) in connection.execute(_TABLES, [schema]).fetchall():
        query = sql.SQL("SELECT count(*) FROM {} AS row WHERE row::text ~ %s").format(
            sql.Identifier(schema, table)
        )
        (count,) = connection.execute(query, [pattern]).fetchone()
        if count:
            matches.append((table, count))
    return matches


def keys(redis_url: str, stores: Sequence[Store]) -> Found:
    """Cache, counters and broker: a canary belongs under a key that names its store's schema."""
    redis: Any = Redis.from_url(redis_url)
    found = Found()
    for key in redis.scan_iter(count=1000):
        content = key + b"\n" + _value(redis, key)
        for store in stores:
            if store.canary.encode() not in content:
                continue
            if store.schema.encode() in key:
                found.own["cache keys"] += 1
            else:
                found.foreign.append(
                    f"redis {key.decode(errors='replace')} holds {store.slug}'s canary"
                )
    return found


def _value(redis: Any, key: bytes) -> bytes:
    read: dict[bytes, Callable[[], Any]] = {
        b"string": lambda: redis.get(key),
        b"list": lambda: redis.lrange(key, 0, -1),
        b"set": lambda: redis.smembers(key),
        b"zset": lambda: redis.zrange(key, 0, -1),
        b"hash": lambda: redis.hgetall(key),
        b"stream": lambda: redis.xrange(key),
    }
    # One that ran out meanwhile has the type `none`.
    value = read.get(redis.type(key), lambda: b"")()
    return value if isinstance(value, bytes) else repr(value).encode()


def files(data_dir: Path, stores: Sequence[Store]) -> Found:
    """Mails and other files: a canary belongs in its store's folder."""
    found = Found()
    for folder in ("mail", "media"):
        for path in (data_dir / folder).rglob("*"):
            content = _text(path) if path.is_file() else ""
            for store in stores:
                if store.canary not in content:
                    continue
                if store.slug in path.parts:
                    found.own["mails" if folder == "mail" else "files"] += 1
                else:
                    found.foreign.append(f"{path.relative_to(data_dir)} holds {store.slug}'s")
    return found


def _text(path: Path) -> str:
    """What a file says; of a mail its head and its parts, which wrap and encode their lines."""
    raw = path.read_bytes()
    if path.suffix != ".eml":
        return raw.decode(errors="replace")
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(str(value) for value in mail.values()), *parts])


def log_lines(log: Path, stores: Sequence[Store]) -> tuple[Found, int]:
    """Lines tagged with one store that hold another one's canary, and how often the tripwire is
    named at all.
    """
    found, tripped = Found(), 0
    with log.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            tripped += '"tripwire"' in line
            mentioned = [store for store in stores if store.canary in line]
            if not mentioned:
                continue
            tag = _tag(line)
            for store in mentioned:
                if tag == store.slug:
                    found.own["log lines"] += 1
                elif tag:
                    found.foreign.append(f"log of {tag}: {line[:200]}")
    return found, tripped


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


def undelivered(database_url: str, stores: Sequence[Store]) -> int:
    """How much of what the orders set in motion is still under way."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        counts = [
            connection.execute(
                sql.SQL("SELECT count(*) FROM {} WHERE status IN ('pending', 'leased')").format(
                    sql.Identifier(store.schema, "events_delivery")
                )
            ).fetchone()
            for store in stores
        ]
    return sum(int(row[0]) for row in counts if row is not None)
