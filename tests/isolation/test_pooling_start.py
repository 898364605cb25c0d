"""Which processes start behind PgBouncer: none whose DATABASE_POOLING would leak (T5, TEN-08)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.isolation.pgbouncer import direct_url, needs_pgbouncer

PROJECT = Path(__file__).resolve().parents[2]

pytestmark = [needs_pgbouncer, pytest.mark.slow, pytest.mark.xdist_group("pgbouncer")]


@pytest.mark.covers("T5", "TEN-08")
@pytest.mark.parametrize(
    "command",
    [
        ["-m", "config.checks", "--", "true"],  # what the web server is started by
        ["-c", "import config.wsgi"],
        ["-m", "celery", "--quiet", "-A", "config", "worker", "--concurrency", "1"],
        ["-m", "celery", "--quiet", "-A", "config", "beat", "--schedule", "{tmp}/beat"],
        ["manage.py", "create_store", "never-made"],
    ],
    ids=["web", "wsgi", "worker", "beat", "command"],
)
def test_no_process_starts_in_session_mode_behind_a_transaction_pooler(
    pooler_url: str, command: list[str], tmp_path: Path
) -> None:
    command = [part.format(tmp=tmp_path) for part in command]

    ended = _started(command, DATABASE_URL=pooler_url, DATABASE_POOLING="")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "error: The database is behind a pooler in transaction mode: set "
        "DATABASE_POOLING=transaction (a store would see another store's rows), or connect to "
        "PostgreSQL itself.\n"
    )


@pytest.mark.covers("T5", "TEN-08")
def test_a_process_starts_where_the_pooling_is_what_it_was_told(pooler_url: str) -> None:
    check = ["-m", "config.checks", "--", "true"]

    assert _started(check, DATABASE_URL=direct_url(), DATABASE_POOLING="").returncode == 0
    assert _started(check, DATABASE_URL=pooler_url, DATABASE_POOLING="transaction").returncode == 0
    wrong = _started(check, DATABASE_URL=pooler_url, DATABASE_POOLING="statement")
    assert wrong.returncode == 1
    assert "DATABASE_POOLING is session or transaction, not 'statement'." in wrong.stderr


@pytest.mark.covers("T5", "TEN-08")
def test_migrations_refuse_to_run_through_the_pooler(pooler_url: str) -> None:
    command = ["manage.py", "migrate_stores"]

    ended = _started(command, DATABASE_URL=pooler_url, DATABASE_POOLING="transaction")

    assert ended.returncode == 1
    assert ended.stderr.startswith("CommandError: Migrations need a connection of their own")


def _started(command: list[str], **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env={**os.environ, "REDIS_URL": settings.REDIS_URL, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
