"""Counts that all processes share."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from apps.common import rates
from apps.common.stores import enter_store
from tests.support.redis_calls import redis_commands


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
    counts = [rates.Count("5/minute", "trip", (name,)) for name in ("ann", "bob", "cyd")]
    with enter_store(acme):
        rates.hit_all(*counts)
        with redis_commands() as sent:
            windows = rates.hit_all(*counts)

    assert [window.remaining for window in windows] == [3, 3, 3]
    assert sent == ["EVALSHA"]


_COUNTS = """
import sys
import django
django.setup()
from apps.common import rates
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.readline()
count = rates.Count("100/hour", "processes", (sys.argv[1],), backs_off=True)
print(sum(rates.hit_all(count)[0].allowed for _ in range(90)))
"""


@pytest.mark.covers("API-10")
def test_processes_that_count_at_once_let_through_as_many_as_one_would() -> None:
    root = Path(__file__).resolve().parents[2]
    name = f"ann-{time.time_ns()}"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _COUNTS, name],
            cwd=root,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        allowed = [int(process.communicate(timeout=30)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()

    assert sum(allowed) == 100
    assert all(count > 0 for count in allowed)


@pytest.mark.covers("API-10")
def test_whoever_goes_on_calling_waits_longer_each_time(acme: Any) -> None:
    count = rates.Count("2/minute", "backing", ("ann",), backs_off=True)
    with enter_store(acme):
        waits = [rates.hit_all(count)[0].reset_after for _ in range(64)]

    # The 4th call is at twice the limit, the 8th at four times, the 16th, the 32nd, the 64th.
    expected = {3: 60, 4: 120, 7: 120, 8: 240, 15: 240, 16: 480, 31: 480, 32: 600, 64: 600}
    for place, seconds in expected.items():
        assert seconds - 3 <= waits[place - 1] <= seconds + 1, place


@pytest.mark.covers("API-10")
def test_a_window_that_is_long_by_itself_is_not_cut_short(acme: Any) -> None:
    count = rates.Count("1/hour", "long", ("ann",), backs_off=True)
    with enter_store(acme):
        waits = [rates.hit_all(count)[0].reset_after for _ in range(8)]

    assert all(3_590 <= wait <= 3_601 for wait in waits)


@pytest.mark.covers("API-10")
def test_a_count_that_does_not_back_off_keeps_its_window(acme: Any) -> None:
    with enter_store(acme):
        waits = [rates.hit("1/minute", "steady", "ann").reset_after for _ in range(16)]

    assert all(58 <= wait <= 61 for wait in waits)
