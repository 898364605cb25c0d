"""The stores and the processes of a soak."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.isolation.stores import OWNER, Store
from bench.load import Client

PROJECT = Path(__file__).resolve().parents[2]
_START_SECONDS = 90.0


def make_stores(environ: Mapping[str, str], stores: Sequence[Store]) -> None:
    """Migrate, and make the stores with an owner each, two at a time."""
    _manage(environ, "migrate_stores")
    owner = ["--owner-email", OWNER[0], "--owner-password", OWNER[1]]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda store: _manage(environ, "create_store", store.slug, *owner), stores))


@contextlib.contextmanager
def serving(environ: Mapping[str, str], port: int, data_dir: Path) -> Iterator[Path]:
    """Web, worker and beat, as `make run` has them, for the block's length; where their log is."""
    log = data_dir / "soak.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.run", "--no-bootstrap"],
            cwd=PROJECT,
            env={**environ, "PORT": str(port)},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, port, log)
        yield log
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            status, _ = Client(port, "platform.localhost").request("GET", "/health/ready")
            if status == 200:
                return
        time.sleep(0.2)
    raise RuntimeError(f"The server did not come up:\n{log.read_text(errors='replace')[-2000:]}")


def _manage(environ: Mapping[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments[:2])}: {done.stderr[-2000:]}")
