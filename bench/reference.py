"""The database's own limit for the same work: pgbench and COPY on the same server."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from config.embedded.postgres import binary

_TABLES = """
DROP SCHEMA IF EXISTS bench_reference CASCADE;
CREATE SCHEMA bench_reference;
SET search_path = bench_reference;
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer bigint NOT NULL,
    status text NOT NULL, total_cents bigint NOT NULL, created_at timestamptz DEFAULT now());
CREATE INDEX ON orders (created_at);
CREATE TABLE lines (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES orders, sku int NOT NULL, quantity int NOT NULL,
    price_cents bigint NOT NULL);
CREATE INDEX ON lines (order_id);
CREATE TABLE stock (sku int PRIMARY KEY, on_hand int NOT NULL, reserved int NOT NULL DEFAULT 0,
    CHECK (on_hand >= reserved));
INSERT INTO stock SELECT n, 1000000000 FROM generate_series(1, 1000) n;
CREATE TABLE products (id int PRIMARY KEY, body text NOT NULL);
INSERT INTO products SELECT n, repeat('x', 1200) FROM generate_series(1, 1000) n;
"""
# One order, two lines, two stock rows: a statement each, in pgbench's default protocol.
ORDER = """
\\set a random(1, 999)
\\set b :a + 1
BEGIN;
INSERT INTO bench_reference.orders (customer, status, total_cents)
    VALUES (:a, 'created', 5000) RETURNING id AS order_id \\gset
INSERT INTO bench_reference.lines (order_id, sku, quantity, price_cents)
    VALUES (:order_id, :a, 1, 2500);
INSERT INTO bench_reference.lines (order_id, sku, quantity, price_cents)
    VALUES (:order_id, :b, 1, 2500);
UPDATE bench_reference.stock SET reserved = reserved + 1
    WHERE sku = :a AND on_hand - reserved >= 1;
UPDATE bench_reference.stock SET reserved = reserved + 1
    WHERE sku = :b AND on_hand - reserved >= 1;
COMMIT;
"""


def prepare(database_url: str) -> None:
    """Make the reference tables, apart from every store."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_TABLES)


def pgbench(database_url: str, script: str, *, clients: int = 8, seconds: int = 5) -> float:
    """Transactions per second of a pgbench script."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.sql"
        path.write_text(script)
        result = subprocess.run(
            [
                str(binary("pgbench")),
                *("--no-vacuum", "--jobs=2"),
                *(f"--client={clients}", f"--time={seconds}", f"--file={path}"),
                database_url,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    found = re.search(r"tps = ([0-9.]+)", result.stdout)
    if found is None:
        raise RuntimeError(f"pgbench said: {result.stderr or result.stdout}")
    return float(found[1])


def copy_with_indexes(database_url: str, slug: str, variants: int) -> float:
    """Seconds that COPY and index builds take for the rows that importing made in store `slug`.

    The rows of a store's own tables: a product, a variant, a price, a category link, a stock
    level, a movement, a storefront document and an event each, and the counts that lists are told
    by, under the same indexes as in a store. No foreign key, check or trigger is charged to COPY.
    """
    tables = [
        "catalog_product",
        "catalog_variant",
        "catalog_price",
        "inventory_stocklevel",
        "inventory_stockmovement",
        "catalog_productdocument",
        "catalog_product_categories",
        "catalog_listingcount",
        "events_event",
    ]
    schema = f"store_{slug}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        return sum(_copy_table(connection, schema, table, variants) for table in tables)


def _copy_table(
    connection: psycopg.Connection[tuple[object, ...]], schema: str, table: str, rows: int
) -> float:
    with connection.cursor().copy(
        f'COPY (SELECT * FROM "{schema}".{table} LIMIT {rows}) TO STDOUT'.encode()
    ) as copy_out:
        data = b"".join(bytes(chunk) for chunk in copy_out)
    indexes = connection.execute(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = %s AND tablename = %s",
        [schema, table],
    ).fetchall()
    connection.execute(f'CREATE TABLE bench_reference.{table} (LIKE "{schema}".{table})'.encode())
    started = time.perf_counter()
    with connection.cursor().copy(f"COPY bench_reference.{table} FROM STDIN".encode()) as copy:
        copy.write(data)
    for (definition,) in indexes:
        connection.execute(
            str(definition)
            .replace(f" ON {schema}.", " ON bench_reference.")
            .replace(f' ON "{schema}".', " ON bench_reference.")
            .encode()
        )
    seconds = time.perf_counter() - started
    connection.execute(f"DROP TABLE bench_reference.{table}".encode())
    return seconds
