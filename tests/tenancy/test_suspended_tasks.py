"""Work of a store that stops serving waits, and is done when it serves again (T16)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.test import TestCase

from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, all_stores, enter_store, still_serves
from apps.common.tasks import StoreTask
from apps.events.contracts import UserRegistered
from apps.events.facade import publish
from apps.events.models import Delivery
from apps.events.tasks import drain_store
from apps.events.worker import drain
from apps.tenancy.services.delete_store import delete_store
from apps.tenancy.services.suspend_store import reactivate_store, suspend_store
from config.celery import app as celery_app
from tests.support.people import make_user

ran: list[str] = []


@celery_app.task(base=StoreTask, name="tests.tenancy.note")
def note() -> str:
    ran.append("ran")
    return "ran"


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    ran.clear()


def carried(monkeypatch: pytest.MonkeyPatch, task: Any) -> dict[str, Any]:
    """The headers with which the task is enqueued in the current store."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "celery.Task.apply_async", lambda self, *args, **kwargs: sent.append(kwargs["headers"])
    )
    task.apply_async()
    return sent[0]


def run(task: Any, headers: dict[str, Any]) -> Any:
    """What a worker does with the message."""
    task.push_request(headers=headers)
    try:
        return task.__call__()
    finally:
        task.pop_request()


@pytest.mark.covers("T16", "T6")
def test_a_task_carries_little_and_finds_the_store_as_it_is_when_it_runs(
    acme: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    with enter_store(acme):
        headers = carried(monkeypatch, note)

    assert headers["fusion"]["store"] == {"id": str(acme.id), "slug": "acme"}
    assert run(note, headers) == "ran"


@pytest.mark.covers("T16")
def test_a_task_of_a_store_that_was_suspended_meanwhile_is_not_run(
    acme: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    with enter_store(acme):
        headers = carried(monkeypatch, note)

    with _committed():
        suspend_store("acme", reason="Test")
    first = run(note, headers)
    with _committed():
        reactivate_store("acme")
    second = run(note, headers)
    with _committed():
        delete_store("acme")
    third = run(note, headers)

    assert (first, second, third) == (None, "ran", None)
    assert ran == ["ran"]


@pytest.mark.covers("T16")
def test_a_task_of_a_store_that_is_gone_does_not_run_in_its_namesake(
    acme: StoreRef, globex: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    with enter_store(acme):
        headers = carried(monkeypatch, note)
    headers["fusion"]["store"]["id"] = str(globex.id)

    assert run(note, headers) is None
    assert ran == []


@pytest.mark.covers("T16", "EVT-06")
def test_what_a_suspended_store_owes_waits_and_is_delivered_when_it_serves_again(
    live_store: StoreRef,
) -> None:
    user = make_user()
    with transaction.atomic():
        publish(UserRegistered(user_id=user.id, email=user.email))
    owed = Delivery.objects.filter(status="pending")
    count = owed.count()
    assert count >= 1

    suspend_store(live_store.slug, reason="Test")
    serves = still_serves()
    during = drain()
    listed = live_store.slug in [store.slug for store in all_stores()]
    left = owed.count()
    reactivate_store(live_store.slug)
    after = drain()

    assert (serves, during, listed, left) == (False, 0, False, count)
    assert after >= count
    assert owed.count() == 0
    assert not Delivery.objects.filter(status="dead").exists()


@pytest.mark.covers("T16")
def test_platform_work_never_stops(db: None) -> None:
    with enter_store(PUBLIC):
        assert still_serves()
        assert run(drain_store, {"fusion": _platform()}) is not None


def _platform() -> dict[str, Any]:
    store = {"id": str(PUBLIC.id), "slug": PUBLIC.slug}
    return {"store": store, "request_id": "", "correlation_id": ""}


def _committed() -> Any:
    """Run what waits for the commit, which a test's transaction never makes."""
    return TestCase.captureOnCommitCallbacks(execute=True)
