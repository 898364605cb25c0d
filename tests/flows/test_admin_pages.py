"""Every list, every row's page and every form of both admin sites, with rows in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.catalog.models import (
    Attribute,
    Collection,
    MasterProduct,
    ProductType,
    SearchLog,
    SearchRule,
    Synonym,
)
from apps.common.admin import platform_admin, store_admin
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from tests.catalog.factories import make_category, make_vendor
from tests.isolation.world import Side, build
from tests.orders.rules_factories import make_coupon, make_method, make_tax
from tests.support.people import make_user

MOST_QUERIES = 15
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CELL = re.compile(r"<t[dh][^>]*>(.*?)</t[dh]>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_BAR = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
# The logs name what they tell of by its key.
_KEYS_ARE_IDS = {"events/event", "events/delivery", "accounts/auditentry"}


@pytest.fixture
def side(acme: StoreRef) -> Side:
    """A store with a row of everything."""
    return build(acme)


def paths(site: Any) -> list[str]:
    return [f"{model._meta.app_label}/{model._meta.model_name}" for model in site._registry]


def measured(client: Client, path: str) -> tuple[Any, int]:
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    return answer, len(queries)


def visited(client: Client, site: Any, entered: AbstractContextManager[Any]) -> Iterator[str]:
    """(page) for the list, the form and up to two rows of every model; each one is checked."""
    rows: dict[str, list[str]] = {}
    with entered:
        for model in site._registry:
            path = f"{model._meta.app_label}/{model._meta.model_name}"
            rows[path] = [str(key) for key in model._default_manager.values_list("pk", flat=True)]
    for path, keys in rows.items():
        pages = [f"/admin/{path}/", f"/admin/{path}/?q=a"]
        pages += [f"/admin/{path}/{key}/change/" for key in keys[:2]]
        for page in pages:
            answer, queries = measured(client, page)
            assert answer.status_code == 200, (page, answer.status_code)
            assert queries <= MOST_QUERIES, (page, queries)
            yield page
        form = client.get(f"/admin/{path}/add/")
        # Where a service must do it, admin offers no form.
        assert form.status_code in {200, 403}, path


def _rows_of_the_catalog() -> None:
    """Two of each thing that a store without them shows no page of."""
    for number in range(2):
        Attribute.objects.create(code=f"a{number}", name=f"A{number}")
        ProductType.objects.create(code=f"t{number}", name=f"T{number}")
        Collection.objects.create(slug=f"c{number}", name=f"C{number}")
        MasterProduct.objects.create(slug=f"m{number}", name=f"M{number}")
        Synonym.objects.create(words=["cup", f"mug{number}"])
        SearchRule.objects.create(token=f"brand:B{number}", factor=2)
        SearchLog.objects.create(day=date(2026, 1, 1), query=f"q{number}", searches=1)
        make_vendor(f"V{number}")
        make_category(f"Category {number}")


@pytest.mark.covers("UI-04")
def test_every_page_of_a_stores_admin_opens_in_few_queries(side: Side) -> None:
    client = Client(HTTP_HOST=side.store.domain)
    with enter_store(side.store):
        client.force_login(side.owner)
        _rows_of_the_catalog()
        make_tax()
        make_method()
        make_coupon()

    pages = list(visited(client, store_admin, enter_store(side.store)))

    assert len(paths(store_admin)) >= 16
    # Lists and searches of every model, and rows of nearly all of them.
    assert len(pages) >= 3 * len(paths(store_admin))


@pytest.mark.covers("UI-04", "TEN-03")
def test_every_page_of_the_operators_admin_opens_in_few_queries(side: Side) -> None:
    client = Client(HTTP_HOST="platform.localhost")
    with enter_store(PUBLIC):
        client.force_login(make_user("operator"))

    pages = list(visited(client, platform_admin, enter_store(PUBLIC)))

    assert "/admin/tenancy/store/" in pages
    assert sum(page.endswith("/change/") for page in pages) >= 3


@pytest.mark.covers("UI-04")
def test_no_list_shows_an_id_where_a_name_belongs(side: Side) -> None:
    client = Client(HTTP_HOST=side.store.domain)
    with enter_store(side.store):
        client.force_login(side.owner)

    for path in paths(store_admin):
        if path in _KEYS_ARE_IDS:
            continue
        body = client.get(f"/admin/{path}/").content.decode()
        for cell in _CELL.findall(body):
            assert not _UUID.search(_TAG.sub("", cell)), (path, cell)


@pytest.mark.covers("UI-04")
def test_a_page_with_a_save_button_has_something_to_save(side: Side) -> None:
    client = Client(HTTP_HOST=side.store.domain)
    with enter_store(side.store):
        client.force_login(side.owner)
        rows = {
            f"{model._meta.app_label}/{model._meta.model_name}": model._default_manager.first()
            for model in store_admin._registry
        }

    savable = set()
    for path, row in rows.items():
        if row is None:
            continue
        answer = client.get(f"/admin/{path}/{row.pk}/change/")
        form = answer.context["adminform"].form
        if 'name="_save"' in answer.content.decode():
            savable.add(path)
            assert form.fields, path
        else:
            assert not form.fields, path
    assert {"catalog/product", "inventory/stocklevel", "inventory/warehouse"} <= savable
    assert not {"orders/order", "payments/payment", "group_commerce/campaign"} & savable


@pytest.mark.covers("UI-04")
def test_no_page_of_a_row_has_an_id_for_a_title(side: Side) -> None:
    client = Client(HTTP_HOST=side.store.domain)
    with enter_store(side.store):
        client.force_login(side.owner)
        keys = {
            f"{model._meta.app_label}/{model._meta.model_name}": row.pk
            for model in store_admin._registry
            if (row := model._default_manager.first()) is not None
        }

    for path, key in keys.items():
        if path in _KEYS_ARE_IDS:
            continue
        body = client.get(f"/admin/{path}/{key}/change/").content.decode()
        titles = [*_TITLE.findall(body), *_BAR.findall(body)]
        assert titles, path
        assert not any(_UUID.search(_TAG.sub("", title)) for title in titles), (path, titles)
    assert len(keys) >= 16
