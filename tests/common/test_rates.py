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
