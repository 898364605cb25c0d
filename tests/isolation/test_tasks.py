"""Background work runs in the store that sent it, or not at all (T6)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import chain, group
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django.db import connection as connection_of_thread

from apps.accounts.models import User
from apps.common.context import Context, NoStoreError, StoreRef, current, current_store, use
from apps.common.stores import enter_store
from apps.common.tasks import PlatformTask, StoreTask
from config.celery import app as celery_app

connection: Any = connection_of_thread
Pair = tuple[StoreRef, StoreRef]
ran: list[tuple[str, ...]] = []
done = threading.Semaphore(0)


def _note(label: str) -> None:
    (name,) = User.objects.filter(email="only@example.com").values_list("first_name", flat=True)
    ran.append((label, current_store().slug, name))
    done.release()


@celery_app.task(base=StoreTask, bind=True, name="tests.where_am_i")
def where_am_i(self: Any) -> tuple[str, str, str]:
    return current_store().slug, connection.schema_name, current().correlation_id


@celery_app.task(base=StoreTask, bind=True, name="tests.note", max_retries=3)
def note(self: Any, label: str, fail: str = "") -> str:
    if fail == "retry" and self.request.retries < 2:
        raise self.retry(countdown=0)
    _note(label)
    if fail == "raise":
        raise ZeroDivisionError
    return label


@celery_app.task(base=StoreTask, name="tests.follow")
def follow(before: str, label: str) -> str:
    _note(f"{before}>{label}")
    return label


@celery_app.task(name="tests.bare")
def bare() -> None:
    """Somebody forgot the base class."""
    try:
        User.objects.count()
    except Exception as error:
        ran.append(("bare", type(error).__name__))
    done.release()


@pytest.fixture
def worker(pair: Pair) -> Iterator[Callable[[int], list[Any]]]:
    """A real worker on the real broker; call it to wait for so many tasks and see them."""
    celery_app.control.purge()
    ran.clear()

    def wait(count: int) -> list[Any]:
        for _ in range(count):
            assert done.acquire(timeout=20), ran
        return sorted(ran)

    # The worker's pool is made in this thread and takes its connection out of public for good.
    home = connection._home
    try:
        with start_worker(celery_app, pool="solo", perform_ping_check=False, shutdown_timeout=20):
            yield wait
    finally:
        connection._home = home
        connection.restore_tenant(home)


@pytest.mark.covers("T6", "TEN-01")
def test_a_task_that_arrives_without_a_store_refuses_to_run() -> None:
    with pytest.raises(NoStoreError):
        where_am_i()


@pytest.mark.covers("T6")
def test_a_task_cannot_be_enqueued_without_a_store() -> None:
    with use(Context()), pytest.raises(NoStoreError):
        where_am_i.apply_async()


@pytest.mark.covers("T6")
def test_a_task_made_in_one_store_cannot_be_sent_from_another(
    acme: StoreRef, globex: StoreRef
) -> None:
    with enter_store(acme):
        made = where_am_i.s()
    with enter_store(globex), pytest.raises(NoStoreError, match="made in one store"):
        made.apply_async()


@pytest.mark.covers("T6", "EVT-06")
def test_a_task_runs_in_the_store_that_enqueued_it_and_not_in_the_previous_ones(
    acme: StoreRef, globex: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given the messages that two stores would send to the broker
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "celery.Task.apply_async", lambda self, *a, **kwargs: sent.append(kwargs["headers"])
    )
    for store in (acme, globex):
        with enter_store(store, correlation_id=f"from-{store.slug}"):
            where_am_i.apply_async()

    # When one worker runs them one after the other
    results = []
    for headers in sent:
        where_am_i.push_request(headers=headers)
        try:
            results.append(where_am_i.__call__())
        finally:
            where_am_i.pop_request()

    assert results == [
        ("acme", "store_acme", "from-acme"),
        ("globex", "store_globex", "from-globex"),
    ]
    assert connection.schema_name == "public"


@pytest.mark.covers("T6", "T16")
def test_a_task_that_raises_leaves_no_store_behind(acme: StoreRef) -> None:
    with pytest.raises(ZeroDivisionError), enter_store(acme):
        raise ZeroDivisionError

    assert connection.schema_name == "public"
    assert current().store is None


@pytest.mark.covers("T6", "TEN-05")
def test_tasks_chains_groups_and_retries_keep_their_store(
    pair: Pair, worker: Callable[[int], list[Any]]
) -> None:
    for store in pair:
        with enter_store(store):
            note.delay("plain")
            note.delay("retried", fail="retry")
            chain(note.s("a"), follow.s("b"), follow.s("c")).apply_async()
            group(note.s("g1"), note.s("g2")).apply_async()

    expected = [
        (label, store.slug, store.slug)
        for store in pair
        for label in ("plain", "retried", "a", "a>b", "b>c", "g1", "g2")
    ]
    assert worker(len(expected)) == sorted(expected)


@pytest.mark.covers("T6", "TEN-05")
def test_after_a_task_that_failed_the_next_one_has_its_own_store_or_none(
    pair: Pair, worker: Callable[[int], list[Any]]
) -> None:
    one, two = pair
    with enter_store(one):
        note.delay("failing", fail="raise")
    bare.delay()
    with enter_store(two):
        note.delay("next")
    bare.delay()

    assert worker(4) == [
        ("bare", "ImproperlyConfigured"),
        ("bare", "ImproperlyConfigured"),
        ("failing", one.slug, one.slug),
        ("next", two.slug, two.slug),
    ]


@pytest.mark.covers("T6")
def test_what_beat_sends_belongs_to_the_platform() -> None:
    """Beat is in no store, so it must send what enters the stores by itself."""
    celery_app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert isinstance(celery_app.tasks[entry["task"]], PlatformTask), entry["task"]


@pytest.mark.covers("T6")
def test_every_task_says_where_it_belongs() -> None:
    celery_app.loader.import_default_modules()
    ours = {name: task for name, task in celery_app.tasks.items() if "tests." not in name}
    checked = [name for name in ours if not name.startswith("celery.")]

    assert len(checked) >= 5
    for name in checked:
        assert isinstance(ours[name], StoreTask | PlatformTask), name
