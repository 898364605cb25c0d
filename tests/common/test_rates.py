"""Counts that all processes share."""

from __future__ import annotations

from typing import Any

import pytest

from apps.common import rates
from apps.common.stores import enter_store


@pytest.mark.covers("API-10", "T8")
def test_a_rate_lets_through_as_many_as_it_says_and_then_none(acme: Any) -> None:
    with enter_store(acme):
        windows = [rates.hit("3/minute", "probe", "ann") for _ in range(5)]

    assert [window.allowed for window in windows] == [True, True, True, False, False]
    assert [window.remaining for window in windows] == [2, 1, 0, 0, 0]
    assert all(0 < window.reset_after <= 61 for window in windows)


@pytest.mark.covers("T8", "L5")
def test_each_store_and_each_caller_has_a_count_of_its_own(acme: Any, globex: Any) -> None:
    with enter_store(acme):
        assert rates.hit("1/minute", "own", "ann").allowed
        assert rates.hit("1/minute", "own", "bob").allowed
        assert not rates.hit("1/minute", "own", "ann").allowed
    with enter_store(globex):
        assert rates.hit("1/minute", "own", "ann").allowed


def test_a_forgotten_count_begins_anew(acme: Any) -> None:
    with enter_store(acme):
        rates.hit("1/minute", "anew", "ann")

        rates.forget("1/minute", "anew", "ann")

        assert rates.hit("1/minute", "anew", "ann").allowed


@pytest.mark.covers("API-10", "T15")
def test_to_look_is_not_to_count(acme: Any) -> None:
    with enter_store(acme):
        before = rates.peek("2/minute", "look", "ann")
        rates.hit("2/minute", "look", "ann")
        rates.hit("2/minute", "look", "ann")
        after = [rates.peek("2/minute", "look", "ann") for _ in range(3)]

    assert (before.allowed, before.remaining) == (True, 2)
    assert [(window.allowed, window.remaining) for window in after] == [(False, 0)] * 3


@pytest.mark.covers("API-10", "C-25")
def test_without_redis_each_process_counts_for_itself(
    acme: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(rates, "_shared", rates._Shared())
    with enter_store(acme):
        first = [rates.hit("2/minute", "alone", "ann") for _ in range(3)]
        looked = rates.peek("2/minute", "alone", "ann")
        rates.forget("2/minute", "alone", "ann")
        again = rates.hit("2/minute", "alone", "ann")

    assert [window.allowed for window in first] == [True, True, False]
    assert (looked.allowed, looked.remaining) == (False, 0)
    assert again.allowed


@pytest.mark.covers("API-10")
def test_several_counts_cost_one_round_trip(acme: Any) -> None:
    client = rates._shared.client()
    counts = [rates.Count("5/minute", "trip", (name,)) for name in ("ann", "bob", "cyd")]
    with enter_store(acme):
        rates.hit_all(*counts)
        before = client.info("commandstats")["cmdstat_evalsha"]["calls"]
        windows = rates.hit_all(*counts)
        after = client.info("commandstats")["cmdstat_evalsha"]["calls"]

    assert [window.remaining for window in windows] == [3, 3, 3]
    assert after - before == 1
