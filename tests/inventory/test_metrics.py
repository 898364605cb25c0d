"""What /metrics tells of the hourly check of stock (I-06, OPS-03)."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from apps.common.context import StoreRef
from apps.common.rates import redis_client
from apps.inventory import metrics
from apps.inventory.models import StockLevel
from apps.inventory.tasks import check
from tests.inventory.factories import make_variant


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    redis_client().delete(metrics._key())
    yield
    redis_client().delete(metrics._key())


def told(store: StoreRef) -> dict[str, float]:
    """Figure → its value for the store."""
    text = Client(HTTP_HOST=store.domain).get("/metrics").content.decode()
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels.get("store") == store.slug
    }


@pytest.mark.covers("I-06", "OPS-03", "MOON-09")
def test_a_broken_level_is_told_after_the_check_and_gone_after_the_next(
    live_store: StoreRef,
) -> None:
    tee = make_variant("TEE", 5)
    assert told(live_store) == {}
    before = time.time()
    check()
    first = told(live_store)
    assert first["stock_invariant_violations"] == 0
    assert before <= first["stock_checked_at_seconds"] <= time.time()
    StockLevel.objects.filter(variant_id=tee.id).update(on_hand=6)
    check()
    assert told(live_store)["stock_invariant_violations"] == 1
    StockLevel.objects.filter(variant_id=tee.id).update(on_hand=5)
    check()
    last = told(live_store)
    assert last["stock_invariant_violations"] == 0
    assert last["stock_checked_at_seconds"] > first["stock_checked_at_seconds"]


@pytest.mark.covers("I-06", "OPS-03")
def test_a_store_that_serves_no_longer_is_forgotten(live_store: StoreRef) -> None:
    metrics.note_check("gone", 3)
    metrics.note_check(live_store.slug, 2)
    metrics.forget_checks([live_store.slug])
    assert set(metrics._read()) == {live_store.slug}


@pytest.mark.covers("OPS-03", "C-25")
def test_without_redis_the_rest_is_answered(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server that is not there: nothing listens at the port.
    monkeypatch.setattr(metrics, "redis_client", lambda: Redis(port=1, socket_connect_timeout=0.2))
    metrics.note_check(store.slug, 1)
    metrics.forget_checks([])
    text = Client(HTTP_HOST=store.domain).get("/metrics").content.decode()
    assert "process_cpu_seconds_total" in text
    assert "stock_invariant_violations{" not in text
