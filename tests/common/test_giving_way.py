"""A worker that stands back rests while others want the processor, and only then."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from apps.common.giving_way import REST_SECONDS, giving_way, rest_after, waited_seconds

pytestmark = [
    pytest.mark.covers("EVT-12"),
    pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells of its threads"),
]

# In a process of its own: standing back is for good.
_TAKES = """
import time
from apps.common import giving_way as ours
from config.idle import stand_back
stand_back()
ours.waited_seconds = iter([1.0, 1.0 + {waited}]).__next__
begun = time.monotonic()
with ours.giving_way():
    pass
print(time.monotonic() - begun >= ours.REST_SECONDS)
"""


@pytest.mark.parametrize(("waited", "rest"), [(0.8, REST_SECONDS), (0.7, 0.0), (0.0, 0.0)])
def test_who_stood_in_line_for_most_of_its_work_rests(waited: float, rest: float) -> None:
    assert rest_after(waited, took=1.0) == rest


def test_the_time_in_line_never_falls() -> None:
    first = waited_seconds()
    sum(range(100_000))

    assert 0.0 <= first <= waited_seconds()


def test_who_does_not_stand_back_never_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)

    with giving_way():
        pass

    assert slept == []


@pytest.mark.parametrize(("waited", "rested"), [("10.0", "True"), ("0.0", "False")])
def test_a_process_that_stands_back_rests_when_it_was_kept_waiting(
    waited: str, rested: str
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", _TAKES.format(waited=waited)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == rested
