"""Fixtures that every test may use: databases, stores, the API and the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher
from django.core.cache import cache
from django.db import connection
from hypothesis import settings

from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from tests.support.client import forget_tokens
from tests.support.database import worker_database
from tests.support.locks import refuse_free_locks
from tests.support.people import REAL_COST, TEST_COST
from tests.support.static_files import static_files_listed_once
from tests.support.work import drain_all

# Examples per property: a few in every run, many in `make fuzz`.
settings.register_profile("fuzz", max_examples=10_000, deadline=None)
settings.register_profile("usual", max_examples=150, deadline=None)
settings.load_profile("usual")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """A copy of the prepared database with the stores acme and globex."""
    with django_db_blocker.unblock(), worker_database():
        yield


# They do the same to everything, or many times over: what they run, the tests of the apps have
# counted already, and to watch each line once more costs as much as to run it.
_UNCOUNTED = {"isolation", "flows", "faults", "browser"}
_REPEATING = {"slow", "property"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let coverage be that of the apps' own plain tests, and of each the first case."""
    counted: set[str] = set()
    for item in items:
        places = item.path.relative_to(Path(__file__).parent).parts
        markers = {marker.name for marker in item.iter_markers()}
        test = item.nodeid.partition("[")[0]
        if _UNCOUNTED & set(places) or _REPEATING & markers or test in counted:
            item.add_marker(pytest.mark.no_cover)
        counted.add(test)


@pytest.fixture(scope="session", autouse=True)
def _listed_once() -> Iterator[None]:
    """Look for the packages' static files once, not for every client that a test makes."""
    with static_files_listed_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashing() -> Iterator[None]:
    """Passwords cost a millisecond, except in tests that ask for `real_hashing`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BCryptSHA256PasswordHasher, "rounds", TEST_COST)
        yield


@pytest.fixture(scope="session", autouse=True)
def _asked_once() -> Iterator[None]:
    """What a process asks again after a few seconds, it does not ask again within a test, where
    statements are counted and a machine may be slow.
    """
    from apps.accounts import api_keys
    from apps.tenancy import directory

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(directory, "_LONGEST_SECONDS", 600.0)
        patch.setattr(api_keys, "_LONGEST_SECONDS", 600.0)
        yield


@pytest.fixture
def real_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as in production, those of `make_user` too."""
    monkeypatch.setattr(BCryptSHA256PasswordHasher, "rounds", REAL_COST)


@pytest.fixture(autouse=True)
def _quiet_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test enqueues for a worker that is not there; tests drain by hand."""
    from apps.events.tasks import drain_store

    monkeypatch.setattr(drain_store, "apply_async", lambda *args, **kwargs: None)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """What one test cached, no other one sees, nor what a module sets up before its first test."""
    from apps.tenancy import directory

    directory._known.clear()
    forget_tokens()
    yield
    directory._known.clear()
    forget_tokens()
    cache.clear()


@pytest.fixture(autouse=True)
def _no_free_locks() -> Iterator[None]:
    """What is locked, is locked in a transaction of the app's own."""
    with connection.execute_wrapper(refuse_free_locks):
        yield


def _ref(slug: str) -> StoreRef:
    from apps.tenancy.models import Store

    with enter_store(PUBLIC):
        return Store.objects.prefetch_related("domains").get(slug=slug).ref


@pytest.fixture
def acme(db: None) -> StoreRef:
    """The store acme; not entered."""
    return _ref("acme")


@pytest.fixture
def globex(db: None) -> StoreRef:
    """Another store; not entered."""
    return _ref("globex")


@pytest.fixture
def store(acme: StoreRef) -> Iterator[StoreRef]:
    """Inside the store acme, in a transaction that is rolled back."""
    with enter_store(acme):
        yield acme


@pytest.fixture
def live_store(django_db_setup: None, django_db_blocker: Any) -> Iterator[StoreRef]:
    """Inside a store of the test's own whose writes are really committed, for races and kills."""
    from apps.tenancy.services.create_store import create_store

    with django_db_blocker.unblock():
        created = create_store(slug=f"live-{uuid4().hex[:10]}", name="Live")
        try:
            with enter_store(created.ref) as ref:
                yield ref
        finally:
            _remove(created)


def _remove(created: Any) -> None:
    connection.close()
    with enter_store(PUBLIC):
        with connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA "{created.schema_name}" CASCADE')
        created.domains.all().delete()
        type(created).objects.filter(pk=created.pk).delete()


@pytest.fixture
def drain() -> Callable[[], int]:
    """Work off every due delivery of the current store."""
    return drain_all


@pytest.fixture
def api(store: StoreRef) -> Callable[..., Any]:
    """`api(user=None, store=None)`: a client for a store's host, signed in as `user`.

    What a request leaves for after its commit runs when it has answered.
    """
    from tests.support.client import StoreClient

    def make(user: Any = None, store: StoreRef = store) -> StoreClient:
        return StoreClient(store, user)

    return make
