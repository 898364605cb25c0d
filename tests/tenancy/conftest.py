"""The public schema, and operators who are signed in there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from tests.support.client import StoreClient
from tests.support.people import make_user

PLATFORM = replace(PUBLIC, domain="platform.localhost")


@pytest.fixture
def public(db: None) -> Iterator[StoreRef]:
    """Inside the public schema."""
    with enter_store(PUBLIC):
        yield PUBLIC


@pytest.fixture
def operator_api(public: StoreRef) -> StoreClient:
    """A client on the platform host, signed in as an operator."""
    return StoreClient(PLATFORM, make_user("operator", email="op@example.com"))


@pytest.fixture
def support_api(public: StoreRef) -> StoreClient:
    """A client on the platform host that may look and not touch."""
    return StoreClient(PLATFORM, make_user("platform_support", email="support@example.com"))
