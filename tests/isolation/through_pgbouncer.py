"""`pytest -p tests.isolation.through_pgbouncer …`: any test, through a pooler in transaction mode.

What a test holds open it holds on one of the pooler's servers, so there are as many as a race has
threads.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections


@pytest.fixture(scope="session", autouse=True)
def _through_pgbouncer(django_db_setup: None) -> Iterator[None]:
    from tests.isolation.pgbouncer import pooler, wrapper  # a plugin loads before the settings

    shared = connections.settings["default"]
    with pooler(servers=64) as url:
        led = wrapper(url, "transaction").settings_dict
        direct = dict(shared)
        connections["default"].close()
        shared.update(led)
        del connections["default"]
        yield
        connections["default"].close()
        shared.update(direct)
        del connections["default"]
