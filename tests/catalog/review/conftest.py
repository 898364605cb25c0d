"""A store with a vendor whose products are reviewed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.catalog.models import Vendor
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.models import Store
from tests.catalog.factories import make_vendor
from tests.support.people import make_user

Policy = Callable[[str], None]


@pytest.fixture
def policy(store: StoreRef) -> Policy:
    """`policy("new")`: what the store reviews from now on, over HTTP."""

    def choose(value: str) -> None:
        from apps.tenancy import directory

        with enter_store(PUBLIC):
            Store.objects.filter(pk=store.id).update(settings={"product_review": value})
        directory._known.clear()

    return choose


@pytest.fixture
def bolt(store: StoreRef) -> Vendor:
    return make_vendor("Bolt")


@pytest.fixture
def seller(api: Callable[..., Any], bolt: Vendor) -> Any:
    """A client of the vendor's owner."""
    return api(make_user("vendor_owner", "boss@bolt.example", bolt.id))


@pytest.fixture
def editor(api: Callable[..., Any]) -> Any:
    """A client of somebody who reviews."""
    return api(make_user("editor", "eve@acme.example"))
