"""What an import takes of the machine: a process of its own, measured from outside of Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.catalog.models import Product
from apps.common.context import StoreRef

pytestmark = [pytest.mark.covers("CAT-16", "I5"), pytest.mark.slow]

HEADER = b"handle,name,sku,price,inventory\n"
ROWS = 112_000
MOST_MEGABYTES = 300
# VmHWM begins anew with the program; what getrusage tells may be the parent's.
SCRIPT = """
import django; django.setup()
import json, sys
from dataclasses import asdict
from django.db import connection
connection.settings_dict['NAME'] = sys.argv[1]
from apps.common.stores import enter_store, PUBLIC
from apps.tenancy.models import Store
from apps.catalog.services.import_products import import_products
with enter_store(PUBLIC): ref = Store.objects.get(slug=sys.argv[2]).ref
with enter_store(ref): report = asdict(import_products(sys.argv[3]))
peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))
print(json.dumps({**report, 'megabytes': int(peak.split()[1]) / 1024}))
"""


def large_field() -> Iterator[bytes]:
    yield HEADER + b'a,Ant,A,1.00,1\nb,Bee,B,1.00,1\nc,"'
    for _ in range(20):
        yield b"x" * 2**20
    yield b'",C,1.00,1\nd,Dog,D,1.00,1\n'


def mostly_empty() -> Iterator[bytes]:
    yield HEADER
    for number in range(ROWS):
        filled = number % 1_000 == 0
        yield f"p{number},Product,S{number},1.00,1\n".encode() if filled else b",,,,\n"


def mostly_wrong() -> Iterator[bytes]:
    yield HEADER
    for number in range(ROWS):
        yield f"p{number},{'Product' if number % 1_000 == 0 else ''},S{number},1,\n".encode()


def run(store: StoreRef, path: Path) -> dict[str, Any]:
    """Import the file in another process; the report, and the most memory that it ever had."""
    name = str(connection.settings_dict["NAME"])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, name, store.slug, str(path)],
        env=os.environ.copy(),
        capture_output=True,
        check=True,
        timeout=300,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("content", "created", "errors", "first"),
    [
        (large_field, 1, 1, (4, "field_too_large")),
        (mostly_empty, 112, 0, None),
        (mostly_wrong, 112, ROWS - 112, (3, "name_missing")),
    ],
)
def test_no_file_takes_300_megabytes(
    live_store: StoreRef,
    tmp_path: Path,
    content: Any,
    created: int,
    errors: int,
    first: tuple[int, str] | None,
) -> None:
    path = tmp_path / "hostile.csv"
    with path.open("wb") as file:
        file.writelines(content())

    report = run(live_store, path)

    assert report["megabytes"] < MOST_MEGABYTES
    assert (report["created"], report["error_count"]) == (created, errors)
    told = [(row["row"], row["code"]) for row in report["errors"]]
    assert told[:1] == ([first] if first else [])
    assert len(told) <= 100
    assert Product.objects.count() == created
