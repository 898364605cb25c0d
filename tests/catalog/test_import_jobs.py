"""Imports by a worker: waiting, progress, cancelling, a killed worker, and the refused rows."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.catalog.models import ImportRun, Price, Product, RunStatus, Variant
from apps.catalog.services import import_products as importing
from apps.catalog.services import work_imports as module
from apps.catalog.services.import_batch import take_turns
from apps.catalog.services.import_products import import_products
from apps.catalog.services.request_import import cancel_import, request_import
from apps.catalog.services.work_imports import has_due_imports, work_imports
from apps.common import storage
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.catalog.factories import make_vendor
from tests.support.people import make_user

pytestmark = pytest.mark.covers("CAT-16", "PEER-60", "I-60")

IMPORTS = "/api/v1/imports"
HEADER = "sku,name,price,currency,inventory\n"
TWO = HEADER + "TEE-S,Tee,19.99,USD,5\nMUG,Mug,8,USD,3\n"
BAD = TWO + "CAP,=Cap,cheap,USD,1\n"
Api = Callable[..., Any]


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test enqueues for a worker that is not there."""
    from apps.catalog.tasks import work_imports as task

    monkeypatch.setattr(task, "apply_async", lambda *args, **kwargs: None)


@pytest.fixture
def owner(api: Api) -> Any:
    return api(make_user("owner"))


def send(client: Any, text: str, query: str = "?wait=false") -> Any:
    return client.generic("POST", IMPORTS + query, text.encode(), content_type="text/csv")


def ask(text: str, **options: Any) -> ImportRun:
    data = text.encode()
    return request_import(
        io.BytesIO(data), size=len(data), file_name="a.csv", created_by=None, options=options
    )


def test_a_large_file_is_uploaded_first_and_imported_from_there(owner: Any, api: Api) -> None:
    wanted = {"file_name": "big.csv", "media_type": "text/csv", "size": len(TWO)}
    upload = owner.post("/api/v1/uploads", wanted, format="json").json()
    early = owner.post(f"{IMPORTS}?upload_id={upload['id']}")
    assert api().put(upload["url"], TWO.encode(), content_type="text/csv").status_code == 204

    somebody_else = api(make_user("owner")).post(f"{IMPORTS}?upload_id={upload['id']}")
    answer = owner.post(f"{IMPORTS}?upload_id={upload['id']}")
    work_imports()

    assert {early.status_code, somebody_else.status_code} == {404}
    assert answer.status_code == 202
    done = owner.get(f"{IMPORTS}/{answer.json()['id']}").json()
    assert (done["status"], done["created"], done["file_name"]) == ("done", 2, "big.csv")


def test_a_worker_imports_what_was_sent_and_the_run_says_how_far_it_is(owner: Any) -> None:
    answer = send(owner, TWO)

    assert (answer.status_code, answer.json()["status"]) == (202, "waiting")
    url = f"{IMPORTS}/{answer.json()['id']}"
    assert Product.objects.count() == 0
    assert work_imports() == 1
    done = owner.get(url).json()
    assert (done["status"], done["created"], done["error_count"]) == ("done", 2, 0)
    assert done["read_bytes"] == done["total_bytes"] == len(TWO)
    assert done["finished_at"] is not None
    run = ImportRun.objects.get()
    assert storage.size_of(run.file_key) is None
    assert not has_due_imports()


def test_a_large_file_waits_by_itself_and_a_small_one_on_request(
    owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.catalog.api.imports.AT_ONCE", 20)

    assert send(owner, TWO, "").status_code == 202
    assert send(owner, TWO, "?wait=true").status_code == 201


def test_the_refused_rows_come_back_and_can_be_mended(owner: Any) -> None:
    run_id = send(owner, BAD).json()["id"]
    work_imports()
    assert owner.get(f"{IMPORTS}/{run_id}").json()["has_failed_rows"] is True

    answer = owner.get(f"{IMPORTS}/{run_id}/failed.csv")

    [row] = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert row["sku"] == "CAP"
    assert row["name"] == "'=Cap"
    assert "price" in row["import_error"]
    mended = io.StringIO()
    writer = csv.DictWriter(mended, row)
    writer.writeheader()
    writer.writerow({**row, "price": "9"})
    report = send(owner, mended.getvalue(), "").json()
    assert (report["created"], report["error_count"]) == (1, 0)
    assert Product.objects.get(variants__sku="CAP").name == "=Cap"


def test_where_nothing_was_refused_there_is_no_such_file(owner: Any) -> None:
    run_id = send(owner, TWO, "").json()["id"]

    answer = owner.get(f"{IMPORTS}/{run_id}/failed.csv")

    assert (answer.status_code, answer.json()["code"]) == (404, "no_refused_rows")


def test_a_file_that_cannot_be_read_fails_with_the_reason(owner: Any) -> None:
    run_id = send(owner, "colour,shape\nred,round\n").json()["id"]

    work_imports()

    run = owner.get(f"{IMPORTS}/{run_id}").json()
    assert (run["status"], run["created"]) == ("failed", 0)
    assert "columns" in run["error"]


def test_one_that_waits_can_be_cancelled_and_one_that_is_over_cannot(owner: Any) -> None:
    run_id = send(owner, TWO).json()["id"]

    assert owner.post(f"{IMPORTS}/{run_id}/cancel").json()["status"] == "cancelled"

    assert work_imports() == 0
    again = owner.post(f"{IMPORTS}/{run_id}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "import_finished")


def test_a_running_one_stops_after_its_batch(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    run = ask(TWO)
    original = module._Progress.batch_done

    def cancel_then(self: Any, *args: Any) -> None:
        if ImportRun.objects.get().status == RunStatus.RUNNING:
            cancel_import(run.pk)
        original(self, *args)

    monkeypatch.setattr(module._Progress, "batch_done", cancel_then)

    work_imports()

    assert ImportRun.objects.get().status == RunStatus.CANCELLED
    assert Product.objects.count() == 1


def test_progress_is_seen_while_it_runs(store: StoreRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    seen: list[tuple[int, int]] = []
    original = module._Progress.batch_done

    def look(self: Any, *args: Any) -> None:
        original(self, *args)
        run = ImportRun.objects.get()
        seen.append((run.report["created"], run.read_bytes))

    monkeypatch.setattr(module._Progress, "batch_done", look)
    ask(TWO)

    work_imports()

    assert [created for created, _ in seen] == [1, 2, 2]
    assert all(read == len(TWO) for _, read in seen)


def test_what_a_lost_worker_left_is_begun_again_and_given_up_in_the_end(store: StoreRef) -> None:
    run = ask(TWO)
    ImportRun.objects.update(
        status=RunStatus.RUNNING, attempts=1, leased_until=timezone.now() - timedelta(seconds=1)
    )
    import_products(io.BytesIO(TWO.encode()))

    assert has_due_imports()
    assert work_imports() == 1
    run.refresh_from_db()
    assert (run.status, run.report["unchanged"], run.attempts) == (RunStatus.DONE, 2, 2)

    ImportRun.objects.update(
        status=RunStatus.RUNNING, attempts=3, leased_until=timezone.now() - timedelta(seconds=1)
    )
    work_imports()
    run.refresh_from_db()
    assert (run.status, "lost" in run.error) == (RunStatus.FAILED, True)


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_does_nothing_twice(live_store: StoreRef) -> None:
    rows = "".join(f"S{n},Product {n},{n % 90}.50,USD,7\n" for n in range(6_000))
    run = ask(HEADER + rows)
    script = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        f"connection.settings_dict['NAME'] = {connection.settings_dict['NAME']!r}\n"
        "from apps.catalog.services import import_products as m; m.BATCH = 500\n"
        "from apps.common.stores import enter_store, PUBLIC\n"
        "from apps.tenancy.models import Store\n"
        "from apps.catalog.services.work_imports import work_imports\n"
        f"with enter_store(PUBLIC): ref = Store.objects.get(slug={live_store.slug!r}).ref\n"
        "with enter_store(ref): work_imports()\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", script], env=os.environ.copy())
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and Product.objects.count() < 500:
            time.sleep(0.02)
        worker.send_signal(signal.SIGKILL)
    finally:
        worker.kill()
        worker.wait()
    assert 0 < Product.objects.count() < 6_000
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    assert work_imports() == 0

    ImportRun.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert work_imports() == 1

    run.refresh_from_db()
    assert (run.status, run.report["error_count"]) == (RunStatus.DONE, 0)
    assert (Product.objects.count(), Variant.objects.count()) == (6_000, 6_000)
    assert Price.objects.count() == 6_000


def test_a_worker_that_waits_for_another_import_keeps_its_lease(
    live_store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEASE", timedelta(seconds=1))
    run = ask(TWO)

    def work() -> None:
        with enter_store(live_store):
            work_imports()
        connection.close()

    worker = Thread(target=work)
    with transaction.atomic():
        # Given another import, which is all or nothing
        take_turns()
        worker.start()
        leases: set[Any] = set()
        deadline = time.monotonic() + 30
        # When the worker has to wait for longer than its lease
        while len(leases) < 3 and time.monotonic() < deadline:
            leases |= set(ImportRun.objects.values_list("leased_until", flat=True)) - {None}
            time.sleep(0.02)
    worker.join()

    # Then it went on renewing it, and nobody has to begin again
    assert len(leases) == 3
    run.refresh_from_db()
    assert (run.status, run.attempts, run.report["created"]) == (RunStatus.DONE, 1, 2)


@pytest.mark.covers("T10")
def test_the_list_is_ones_own_filtered_and_costs_the_same_whatever_is_in_it(
    api: Api, owner: Any
) -> None:
    staff = api(make_user("vendor_staff", vendor_id=make_vendor(name="Bolt").id))
    send(staff, TWO)
    for _ in range(3):
        send(owner, TWO)

    assert staff.get(IMPORTS).json()["count"] == 1
    assert owner.get(f"{IMPORTS}?status=waiting").json()["count"] == 4
    assert owner.get(f"{IMPORTS}?status=done").json()["count"] == 0
    assert owner.get(f"{IMPORTS}?status=maybe").status_code == 400
    with CaptureQueriesContext(connection) as few:
        owner.get(f"{IMPORTS}?limit=1")
    with CaptureQueriesContext(connection) as many:
        owner.get(f"{IMPORTS}?limit=4")
    assert len(many) == len(few)
    foreign = ImportRun.objects.get(
        vendor_id=None, pk=ImportRun.objects.filter(vendor_id=None)[0].pk
    )
    assert staff.get(f"{IMPORTS}/{foreign.pk}/failed.csv").status_code == 404
    assert staff.post(f"{IMPORTS}/{foreign.pk}/cancel").status_code == 404


@pytest.mark.parametrize(
    "query", ["?upload_id=01a1ffdd-d90a-7585-9948-c5a025cff419", "?upload_id=x", "?mapping=[1]"]
)
def test_a_wrong_parameter_is_told(owner: Any, query: str) -> None:
    answer = send(owner, TWO, query)

    assert answer.status_code in {400, 404}
    assert ImportRun.objects.count() == 0


def test_columns_can_be_mapped(owner: Any) -> None:
    mapping = json.dumps({"Artikel": "sku", "Titel": "name", "Preis": "price"})

    answer = owner.generic(
        "POST",
        f"{IMPORTS}?mapping={mapping}",
        b"Artikel,Titel,Preis,Name\nA,Mug,8,other\n",
        content_type="text/csv",
    )

    assert (answer.status_code, answer.json()["created"]) == (201, 1)
    assert Product.objects.get().name == "Mug"
