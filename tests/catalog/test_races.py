"""Two who do the same thing at once: real connections, real commits."""

from __future__ import annotations

from functools import partial
from io import BytesIO

import pytest

from apps.catalog.errors import CategoryCycle, SkuTaken
from apps.catalog.facade import ProductInfo
from apps.catalog.models import Category, Product, ProductDocument, Variant
from apps.catalog.services.import_products import import_products
from apps.catalog.services.update_category import update_category
from apps.catalog.services.update_product import update_product
from apps.catalog.services.update_vendor import update_vendor
from apps.common.context import StoreRef
from apps.events.models import Event
from tests.catalog.factories import make_category, make_product
from tests.support.work import at_once


@pytest.mark.covers("CAT-08")
def test_products_of_one_name_made_at_once_get_slugs_of_their_own(live_store: StoreRef) -> None:
    made = at_once(live_store, [partial(make_product, sku=f"S{n}", name="Tee") for n in range(6)])

    assert all(isinstance(row, ProductInfo) for row in made), made
    assert set(Product.objects.values_list("slug", flat=True)) == {
        "tee",
        *(f"tee-{n}" for n in range(2, 7)),
    }


@pytest.mark.covers("C-15")
def test_of_many_who_make_one_sku_at_once_one_gets_it(live_store: StoreRef) -> None:
    made = at_once(live_store, [partial(make_product, sku="S", name=f"P{n}") for n in range(6)])

    assert sum(isinstance(row, ProductInfo) for row in made) == 1
    assert sum(isinstance(row, SkuTaken) for row in made) == 5
    assert Variant.objects.count() == 1
    assert Event.objects.filter(topic="product.created").count() == 1


@pytest.mark.covers("CAT-04")
def test_changes_at_once_leave_a_document_that_says_what_the_rows_say(
    live_store: StoreRef,
) -> None:
    product = make_product(name="Tee")

    done = at_once(
        live_store,
        [
            partial(update_product, product_id=product.id, changes={field: f"{field} {n}"})
            for n in range(4)
            for field in ("name", "brand")
        ]
        + [
            partial(update_vendor, vendor_id=product.vendor_id, changes={"name": f"Vendor {n}"})
            for n in range(4)
        ],
    )

    assert not [error for error in done if isinstance(error, Exception)]
    row = Product.objects.select_related("vendor").get()
    body = ProductDocument.objects.get().body
    assert f'"name" : "{row.name}"' in body
    assert f'"brand" : "{row.brand}"' in body
    assert f'"name" : "{row.vendor.name}"' in body


@pytest.mark.covers("CAT-16")
def test_the_same_file_imported_twice_at_once_makes_everything_once(live_store: StoreRef) -> None:
    rows = "".join(f"p{n},Product {n},S{n},1.00,{n},A > B\n" for n in range(300))
    text = ("handle,name,sku,price,inventory,category\n" + rows).encode()

    reports = at_once(live_store, [lambda: import_products(BytesIO(text)) for _ in range(3)])

    assert [row.error_count for row in reports] == [0, 0, 0], reports  # type: ignore[union-attr]
    assert sum(row.created for row in reports) == 300  # type: ignore[union-attr]
    assert Product.objects.count() == Variant.objects.count() == 300
    assert ProductDocument.objects.count() == 300
    assert Category.objects.count() == 2
    assert Event.objects.filter(topic="product.created").count() == 300


@pytest.mark.covers("CAT-10")
def test_two_categories_moved_below_each_other_at_once_make_no_circle(
    live_store: StoreRef,
) -> None:
    make_category("a")
    make_category("b")

    moved = at_once(
        live_store,
        [
            partial(update_category, slug="a", changes={"parent": "b"}),
            partial(update_category, slug="b", changes={"parent": "a"}),
        ],
    )

    assert sum(isinstance(row, CategoryCycle) for row in moved) == 1
