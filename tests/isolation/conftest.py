"""The stores acme and globex, filled with the same things; and a pair whose rows are committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from tests.isolation.pgbouncer import led_through, pooler
from tests.isolation.scene import Scene, make_scene, stored, undone
from tests.isolation.world import Side, build
from tests.support.people import make_user


@pytest.fixture
def acme_side(acme: StoreRef) -> Side:
    """The store whose doors are tried."""
    return build(acme)


@pytest.fixture
def globex_side(globex: StoreRef) -> Side:
    """The store whose things must not come through."""
    return build(globex)


@contextmanager
def _made(slug: str) -> Iterator[StoreRef]:
    from apps.tenancy.models import Store
    from apps.tenancy.services.create_store import create_store

    ref = create_store(slug=slug, name="Live").ref
    with enter_store(ref):
        make_user(email="only@example.com", first_name=ref.slug)
    yield ref
    connection.close()
    with enter_store(PUBLIC):
        with connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA "{ref.schema}" CASCADE')
        stored = Store.objects.get(pk=ref.id)
        stored.domains.all().delete()
        Store.objects.filter(pk=ref.id).delete()


@pytest.fixture(scope="session")
def _pair(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[StoreRef, StoreRef]]:
    with django_db_blocker.unblock():
        with _made(f"one-{uuid4().hex[:8]}") as one, _made(f"two-{uuid4().hex[:8]}") as two:
            yield one, two


@pytest.fixture
def pair(
    _pair: tuple[StoreRef, StoreRef], django_db_blocker: Any
) -> Iterator[tuple[StoreRef, StoreRef]]:
    """Two stores whose rows are committed, so that other connections see them.

    In each one user, `only@example.com`, whose first name is the store's slug.
    """
    with django_db_blocker.unblock():
        yield _pair


@pytest.fixture(scope="session")
def pooler_url(django_db_setup: None) -> Iterator[str]:
    """A PgBouncer in transaction mode with four servers."""
    with pooler() as url:
        yield url


@pytest.fixture(params=["session", "transaction"])
def way(request: pytest.FixtureRequest, pair: Any) -> Iterator[str]:
    """Both ways of reaching the database: direct, and through a pooler in transaction mode."""
    if request.param == "session":
        yield request.param
        return
    with led_through(request.getfixturevalue("pooler_url")):
        yield request.param


@pytest.fixture(scope="module")
def _scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    with django_db_blocker.unblock(), undone():
        yield make_scene(stored("acme"), stored("globex"))
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture
def scene(_scene: Scene, django_db_blocker: Any) -> Iterator[Scene]:
    """Both stores with a row of everything; what the test writes is undone."""
    with django_db_blocker.unblock(), undone():
        yield _scene
