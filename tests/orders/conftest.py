"""What tests of orders share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.common.context import StoreRef
from tests.support.people import make_user


@pytest.fixture
def browser(store: StoreRef) -> Callable[..., Client]:
    """Signs somebody of a role in to the store's admin."""

    def sign_in(role: str = "owner", **fields: Any) -> Client:
        client = Client(HTTP_HOST=store.domain)
        client.force_login(make_user(role, **fields))
        return client

    return sign_in
