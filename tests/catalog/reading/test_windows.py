"""Publish windows, and documents that older code wrote."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from apps.catalog.indexing import FORMAT
from apps.catalog.models import Product, ProductDocument
from apps.catalog.services.keep_windows import keep_windows
from apps.catalog.services.refresh_documents import refresh_documents
from apps.catalog.services.show_products import show_products
from apps.catalog.storefront import bump_storefront
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.events.models import Event
from apps.tenancy.models import Store
from apps.tenancy.services.migrate_stores import migrate_store
from tests.catalog.factories import make_product
from tests.support.people import make_user
from tests.support.work import at_once

Api = Callable[..., Any]
LIST = "/api/v1/products"


def in_window(sku: str, opens: datetime | None = None, ends: datetime | None = None) -> Product:
    """A product whose window was set before now."""
    made = make_product(sku=sku)
    Product.objects.filter(pk=made.id).update(publish_at=opens, unpublish_at=ends)
    return Product.objects.get(pk=made.id)


def hidden_till(sku: str, moment: datetime) -> Product:
    """A product that waits for a moment: it has no document."""
    product = in_window(sku, timezone.now() + timedelta(days=1))
    show_products([product.pk])
    assert not ProductDocument.objects.filter(pk=product.pk).exists()
    Product.objects.filter(pk=product.pk).update(publish_at=moment)
    return product


def told() -> list[tuple[str, list[str]]]:
    rows = Event.objects.filter(topic="product.updated").order_by("id")
    return [(row.payload["slug"], row.payload["changed"]) for row in rows]


@pytest.mark.covers("PEER-58", "CAT-06")
def test_what_has_come_into_its_window_is_shown_and_what_left_it_is_not(
    store: StoreRef, api: Api
) -> None:
    past = timezone.now() - timedelta(minutes=5)
    hidden_till("A", past)
    later = hidden_till("B", timezone.now() + timedelta(hours=1))
    over = in_window("C", ends=past)
    ProductDocument.objects.filter(pk=over.pk).update(hidden_from=past)

    assert keep_windows() == 2
    bump_storefront()

    assert [row["sku"] for row in api().get(LIST).json()["results"]] == ["A"]
    assert api().get(f"{LIST}/{later.slug}").status_code == 404
    assert not ProductDocument.objects.filter(pk=over.pk).exists()
    assert told() == [("product-a", ["published"]), ("product-c", ["unpublished"])]
    assert keep_windows() == 0
    assert len(told()) == 2


def test_a_window_that_opened_while_nobody_looked_opens_all_the_same(store: StoreRef) -> None:
    keep_windows()
    product = hidden_till("A", timezone.now() - timedelta(minutes=1))

    assert keep_windows() == 1
    assert ProductDocument.objects.filter(pk=product.pk).exists()


def test_a_hidden_product_is_not_shown_because_its_window_opens(store: StoreRef) -> None:
    product = hidden_till("A", timezone.now() - timedelta(minutes=1))
    Product.objects.filter(pk=product.pk).update(is_active=False)

    assert keep_windows() == 0
    assert told() == []


@pytest.mark.covers("PEER-58")
def test_a_product_disappears_at_its_moment_though_answers_are_kept(
    store: StoreRef, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = timezone.now() + timedelta(seconds=2)
    product = in_window("A", ends=soon)
    show_products([product.pk])
    paths = [LIST, f"{LIST}/{product.slug}", f"{LIST}/{product.slug}/inventory"]
    before = [api().get(path) for path in paths]
    assert [answer.status_code for answer in before] == [200, 200, 200]
    assert before[0].json()["count"] == 1

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_sleep(greatest(0, extract(epoch FROM %s - clock_timestamp())))", [soon]
        )

    after = [api().get(path) for path in paths]
    assert after[0].json()["count"] == 0
    assert [answer.status_code for answer in after[1:]] == [404, 404]


@pytest.mark.covers("EVT-11")
def test_documents_of_another_format_and_missing_ones_are_written_anew(
    store: StoreRef, capsys: pytest.CaptureFixture[str]
) -> None:
    old, missing, fresh = (make_product(sku=sku) for sku in "ABC")
    ProductDocument.objects.filter(pk=old.id).update(format=0, slug="", body="{}")
    ProductDocument.objects.filter(pk=missing.id).delete()
    hidden = make_product(sku="D", is_active=False)

    assert refresh_documents() == 2

    rows = dict(ProductDocument.objects.values_list("pk", "format"))
    assert rows == dict.fromkeys((old.id, missing.id, fresh.id), FORMAT)
    assert hidden.id not in rows
    assert '"sku" : "A"' in ProductDocument.objects.get(pk=old.id).body
    assert refresh_documents() == 0
    call_command("refresh_documents", "--store", store.slug, "--all")
    assert capsys.readouterr().out == "3 documents written\n"


@pytest.mark.slow
@pytest.mark.covers("EVT-11", "I-46")
def test_a_store_that_was_migrated_shows_everything(live_store: StoreRef) -> None:
    product = make_product(sku="A")
    ProductDocument.objects.filter(pk=product.id).update(format=0, slug="", created_at=None)
    with enter_store(PUBLIC):
        Store.objects.filter(pk=live_store.id).update(schema_version="older")

    migrate_store(live_store.slug)

    assert ProductDocument.objects.get(pk=product.id).slug == "product-a"


@pytest.mark.covers("PEER-58", "API-03")
@pytest.mark.parametrize(
    ("field", "moment"),
    [
        ("publish_at", "0001-01-01T00:00:00+14:00"),
        ("publish_at", "1969-12-31T23:59:59Z"),
        ("unpublish_at", "9999-12-31T23:59:59-14:00"),
    ],
)
def test_a_moment_that_no_row_could_be_read_with_is_refused(
    store: StoreRef, api: Api, field: str, moment: str
) -> None:
    make_product(sku="A")
    staff = api(make_user("editor"))

    refused = staff.patch(f"{LIST}/product-a", {field: moment})

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == field
    assert staff.get(f"{LIST}/product-a?include=all").json()[field] is None


@pytest.mark.covers("PEER-58", "EVT-11")
def test_two_runs_at_once_tell_of_a_product_once(live_store: StoreRef) -> None:
    past = timezone.now() - timedelta(minutes=1)
    for sku in "AB":
        hidden_till(sku, past)
    over = in_window("C", ends=past)
    ProductDocument.objects.filter(pk=over.pk).update(hidden_from=past)

    moved = at_once(live_store, [keep_windows] * 4)

    assert sum(one for one in moved if isinstance(one, int)) == 3, moved
    assert sorted(told()) == [
        ("product-a", ["published"]),
        ("product-b", ["published"]),
        ("product-c", ["unpublished"]),
    ]
