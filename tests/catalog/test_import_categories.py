"""The categories that a file names: who may add them, and that they stay while they are used."""

from __future__ import annotations

import io
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from apps.catalog.models import Category, Product
from apps.catalog.services import import_products as module
from apps.catalog.services.delete_category import delete_category
from apps.catalog.services.delete_product import delete_product
from apps.catalog.services.import_products import ImportReport, import_products
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.catalog.factories import make_category, make_vendor
from tests.support.people import make_user

pytestmark = pytest.mark.covers("CAT-10", "CAT-16")

HEADER = "sku,name,price,category\n"
Api = Callable[..., Any]


class After:
    """Does something once, after the first batch."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act: Callable[[], None] | None = act

    def batch_done(self, report: ImportReport, errors: Any) -> None:
        act, self._act = self._act, None
        if act is not None:
            act()


def run(rows: str, **options: Any) -> ImportReport:
    return import_products(io.BytesIO((HEADER + rows).encode()), **options)


@pytest.mark.covers("T12", "CAT-11")
def test_a_vendors_people_name_categories_that_are_there_and_add_none(
    api: Api, store: StoreRef
) -> None:
    make_category("Shirts")
    bolt = make_vendor(name="Bolt")
    client = api(make_user("vendor_staff", vendor_id=bolt.id))
    rows = "A,Tee,1,Shirts\nB,Mug,1,Mugs > Blue | Shirts\nC,Cup,1,Mugs > Blue\n"

    answer = client.generic(
        "POST", "/api/v1/imports", (HEADER + rows).encode(), content_type="text/csv"
    )

    assert answer.status_code == 201
    assert [
        (row["row"], row["column"], row["code"], row["detail"]) for row in answer.json()["errors"]
    ] == [
        (3, "category", "unknown_category", "There is no category 'Mugs > Blue'."),
        (4, "category", "unknown_category", "There is no category 'Mugs > Blue'."),
    ]
    assert list(Category.objects.values_list("name", flat=True)) == ["Shirts"]
    assert [product.name for product in Product.objects.all()] == ["Tee"]


def test_a_category_that_was_deleted_between_two_batches_is_made_again(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)

    def clear() -> None:
        delete_product(product_id=Product.objects.get().pk)
        for slug in ("tees", "shirts"):
            delete_category(slug=slug)

    report = run("A,Tee,1,Shirts > Tees\nB,Top,1,Shirts > Tops\n", watcher=After(clear))

    assert (report.created, report.error_count) == (2, 0)
    assert sorted(Category.objects.values_list("name", flat=True)) == ["Shirts", "Tops"]
    top = Product.objects.get(name="Top")
    assert [category.name for category in top.categories.all()] == ["Tops"]


def test_a_category_cannot_be_deleted_under_an_import_that_is_all_or_nothing(
    live_store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    make_category("Sale")
    outcome: list[object] = []

    def delete() -> None:
        try:
            with enter_store(live_store), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '500ms'")
                delete_category(slug="sale")
                outcome.append("deleted")
        except OperationalError:
            outcome.append("held")
        finally:
            connection.close()

    def delete_elsewhere() -> None:
        thread = Thread(target=delete)
        thread.start()
        thread.join()

    report = run("A,Tee,1,Sale\nB,Top,1,\n", on_error="abort", watcher=After(delete_elsewhere))

    assert outcome == ["held"]
    assert (report.created, report.written) == (2, True)
    assert Category.objects.get(name="Sale").products.get().name == "Tee"
