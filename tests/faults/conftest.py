"""One real server (web, worker, beat) for the tests that race it and kill it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.demo_http import own_server
from config.embedded.servers import running
from tests.faults.shop import Shop

_OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "LOG_LEVEL", "FC_DATA_DIR")


@contextmanager
def _serving(data_dir: Path) -> Iterator[Callable[[], Shop]]:
    kept = {name: os.environ.pop(name) for name in _OURS if name in os.environ}
    try:
        with running(data_dir) as endpoints, own_server(data_dir) as (api, pid):
            os.environ.update(kept)
            database, redis = endpoints.database_url, endpoints.redis_url
            yield lambda: Shop(api, pid, database, redis, data_dir).open()
    finally:
        os.environ.update(kept)


@pytest.fixture(scope="session")
def make_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Shop]]:
    """Opens a store of the test's own on the server."""
    with _serving(tmp_path_factory.mktemp("server")) as make:
        yield make


@pytest.fixture
def shop(make_shop: Callable[[], Shop]) -> Shop:
    """A store of the test's own on the server."""
    return make_shop()


@pytest.fixture
def lone_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A store on a server of the test's own, for a test that leaves the server changed."""
    with _serving(tmp_path_factory.mktemp("lone")) as make:
        yield make()
