"""The worker of `make run` stands back for the web."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.covers("NFR-12")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have `nice` alone")
def test_the_command_and_what_it_begins_have_what_nobody_else_wants() -> None:
    ask = "import os; print(os.sched_getscheduler(0), flush=True); "
    tell = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ask!r}])"
    command = [sys.executable, "-m", "config.idle", "--", sys.executable, "-c", ask + tell]

    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert told.stdout.split() == [str(os.SCHED_IDLE)] * 2


@pytest.mark.covers("NFR-12")
def test_the_worker_of_the_procfile_is_run_so() -> None:
    worker = next(
        line for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith("worker:")
    )

    assert " python -m config.idle -- python -m celery " in worker
