"""An import's new products come on show in a second connection, and surely: ADR 16."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.catalog.models import Product, ProductDocument
from apps.catalog.services import import_products as importing
from apps.catalog.services import show_products as showing
from apps.catalog.services.delete_product import delete_product
from apps.catalog.services.import_products import WORTH, ImportReport, import_products
from apps.common.context import StoreRef
from apps.events.models import Delivery, DeliveryStatus, Event
from tests.catalog.factories import make_product
from tests.support.client import StoreClient

pytestmark = pytest.mark.covers("CAT-16", "I-60")

TOPIC = "products.imported"


@pytest.fixture(autouse=True)
def _batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches that are just worth a second connection."""
    monkeypatch.setattr(importing, "BATCH", 2 * WORTH)


@pytest.fixture
def nobody_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import is cut off between a batch and its showing."""
    monkeypatch.setattr(showing, "run_inline", lambda *args: False)


def run(count: int, price: str = "1.00", **options: Any) -> ImportReport:
    rows = "".join(f"S{n},Product {n},{price},USD,{n % 3}\n" for n in range(count))
    text = "sku,name,price,currency,inventory\n" + rows
    return import_products(io.BytesIO(text.encode()), **options)


def work_owed(drain: Callable[[], int]) -> int:
    """As a worker does when the import's lease has run out."""
    owed = Delivery.objects.filter(subscriber=showing.SHOW)
    owed.exclude(status=DeliveryStatus.DONE).update(
        next_attempt_at=timezone.now() - timedelta(seconds=1)
    )
    return drain()


def shown(store: StoreRef) -> int:
    return int(StoreClient(store).get("/api/v1/products?limit=1").json()["count"])


def test_everything_is_on_show_when_the_import_answers(live_store: StoreRef) -> None:
    report = run(2 * WORTH + 7)

    assert report.created == 2 * WORTH + 7
    assert shown(live_store) == ProductDocument.objects.count() == 2 * WORTH + 7
    assert ProductDocument.objects.filter(in_stock=False).count() == 336
    # The last seven were not worth a second connection.
    sizes = [len(row.payload["productIds"]) for row in Event.objects.filter(topic=TOPIC)]
    assert sizes == [WORTH, WORTH]
    owed = Delivery.objects.filter(subscriber=showing.SHOW)
    assert list(owed.values_list("status", "attempts")) == [(DeliveryStatus.DONE, 1)] * 2


def test_what_has_changed_is_shown_with_the_change_itself(
    live_store: StoreRef, nobody_shows: None
) -> None:
    make_product("S0", price_cents=900, stock=4, name="Old")

    run(WORTH)

    # Of the rest nothing is shown yet
    assert [*ProductDocument.objects.values_list("name", "price_cents")] == [("Product 0", 100)]


def test_a_kill_between_a_batch_and_its_showing_loses_nothing(
    live_store: StoreRef, drain: Callable[[], int]
) -> None:
    script = (
        "import django, io, time; django.setup()\n"
        "from django.db import connection\n"
        f"connection.settings_dict['NAME'] = {connection.settings_dict['NAME']!r}\n"
        "from apps.catalog.services import import_products as m, show_products as s\n"
        f"m.BATCH = {2 * WORTH}; s.run_inline = lambda *args: time.sleep(600)\n"
        "from apps.common.stores import enter_store, PUBLIC\n"
        "from apps.tenancy.models import Store\n"
        f"with enter_store(PUBLIC): ref = Store.objects.get(slug={live_store.slug!r}).ref\n"
        "rows = ''.join(f'S{n},Product {n},1.00,USD,7\\n' for n in range(5000))\n"
        "text = 'sku,name,price,currency,inventory\\n' + rows\n"
        "with enter_store(ref): m.import_products(io.BytesIO(text.encode()))\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script], env=os.environ.copy())
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and Product.objects.count() < WORTH:
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
    finally:
        child.kill()
        child.wait()
    there = Product.objects.count()
    assert WORTH <= there < 5_000
    assert ProductDocument.objects.count() == 0

    work_owed(drain)

    assert shown(live_store) == ProductDocument.objects.count() == there
    assert ProductDocument.objects.filter(in_stock=True).count() == there


def test_what_was_taken_away_meanwhile_does_not_come_back(
    live_store: StoreRef, nobody_shows: None, drain: Callable[[], int]
) -> None:
    run(WORTH)
    gone = Product.objects.get(name="Product 3")
    delete_product(product_id=gone.id)
    Product.objects.filter(name="Product 4").update(is_active=False)

    work_owed(drain)

    names = set(ProductDocument.objects.values_list("name", flat=True))
    assert len(names) == WORTH - 2
    assert not names & {"Product 3", "Product 4"}


@pytest.mark.parametrize("options", [{"dry_run": True}, {"on_error": "abort"}])
def test_all_or_nothing_is_one_transaction(
    options: dict[str, Any], live_store: StoreRef, nobody_shows: None
) -> None:
    report = run(WORTH + 10, **options)

    assert not Event.objects.filter(topic=TOPIC).exists()
    assert ProductDocument.objects.count() == (WORTH + 10 if report.written else 0)


@pytest.mark.covers("CAT-16", "I-30")
@pytest.mark.parametrize(("count", "counted"), [(WORTH - 1, [-1, -1]), (WORTH, [WORTH, WORTH])])
def test_the_planner_hears_of_what_a_large_file_brought(
    count: int, counted: list[int], live_store: StoreRef
) -> None:
    """Else each order reads a table that was just filled from end to end, for a minute or more."""
    run(count)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples FROM pg_class WHERE oid IN (%s::regclass, %s::regclass)",
            ["catalog_variant", "inventory_stocklevel"],
        )
        assert [row[0] for row in cursor.fetchall()] == counted
