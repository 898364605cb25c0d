"""One thing that several vendors sell: how it comes together, and which offer is listed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from django.db.models import Min

from apps.catalog.models import MasterProduct, Product, ProductDocument, Vendor
from apps.catalog.services.delete_product import delete_product
from apps.catalog.services.import_products import import_products
from apps.catalog.services.update_product import update_product
from apps.common.context import StoreRef
from tests.catalog.factories import make_product, make_vendor
from tests.support.work import at_once

Api = Callable[..., Any]
CODE = "4006381333931"


def offered(sku: str, vendor: Vendor | None, price: int = 1000, **fields: Any) -> Any:
    """A product with the shared barcode."""
    row = {"sku": sku, "price_cents": price, "barcode": CODE}
    return make_product(variants=[row], vendor=vendor, stock=fields.pop("stock", 5), **fields)


def listed() -> list[str]:
    rows = ProductDocument.objects.filter(is_listed=True).order_by("name")
    return list(rows.values_list("name", flat=True))


@pytest.mark.covers("PEER-31", "I-42")
def test_a_store_without_vendors_groups_nothing(store: StoreRef) -> None:
    offered("A", None)
    offered("B", None)

    assert MasterProduct.objects.count() == 0
    assert listed() == ["Product A", "Product B"]


@pytest.mark.covers("PEER-31", "CAT-11")
def test_products_of_two_vendors_with_one_barcode_come_together(store: StoreRef) -> None:
    first = offered("A", None, 1000)
    alone = make_product(sku="C", vendor=make_vendor("Third"))

    second = offered("B", make_vendor("Other"), 900)

    master = MasterProduct.objects.get()
    assert (master.barcode, master.slug) == (CODE, CODE)
    members = set(Product.objects.filter(master=master).values_list("pk", flat=True))
    assert members == {first.id, second.id}
    assert set(
        ProductDocument.objects.filter(master_id=master.pk).values_list("pk", flat=True)
    ) == {
        first.id,
        second.id,
    }
    assert listed() == ["Product B", "Product C"]
    assert Product.objects.get(pk=alone.id).master_id is None


@pytest.mark.covers("PEER-31")
def test_what_can_be_bought_goes_before_what_is_cheap_before_what_is_old(store: StoreRef) -> None:
    one, two, three = (make_vendor(f"V{n}") for n in range(3))
    offered("A", one, 1000)
    offered("B", two, 900, stock=0)
    assert listed() == ["Product A"]

    offered("C", three, 1000)
    assert listed() == ["Product A"]

    product = Product.objects.get(name="Product C")
    row = {"sku": "C", "price_cents": 999}
    update_product(product_id=product.pk, changes={}, variants=[row])
    assert listed() == ["Product C"]

    delete_product(product_id=product.pk)
    assert listed() == ["Product A"]

    update_product(
        product_id=Product.objects.get(name="Product A").pk, changes={"is_active": False}
    )
    assert listed() == ["Product B"]


@pytest.mark.covers("PEER-31")
def test_another_barcode_leaves_and_the_right_one_joins(store: StoreRef) -> None:
    first = offered("A", None, 1000)
    second = offered("B", make_vendor("Other"), 900)
    assert listed() == ["Product B"]

    update_product(product_id=second.id, changes={}, variants=[{"sku": "B", "barcode": "other"}])
    assert Product.objects.get(pk=second.id).master_id is None
    assert listed() == ["Product A", "Product B"]

    update_product(product_id=second.id, changes={}, variants=[{"sku": "B", "barcode": CODE}])
    assert Product.objects.get(pk=second.id).master_id == Product.objects.get(pk=first.id).master_id
    assert listed() == ["Product B"]


@pytest.mark.covers("PEER-31", "CAT-16")
def test_an_import_groups_what_it_brings_and_a_second_run_changes_nothing(store: StoreRef) -> None:
    offered("A", None, 1000)
    other = make_vendor("Other")
    text = (
        "handle,name,sku,price,barcode,inventory\n"
        f"b,From file,B,8.00,{CODE},5\n"
        "d,Nobody else's,D,8.00,5000000000000,5\n"
    ).encode()

    report = import_products(BytesIO(text), vendor=other.slug)
    again = import_products(BytesIO(text), vendor=other.slug)

    assert (report.created, report.error_count) == (2, 0)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert listed() == ["From file", "Nobody else's"]
    assert MasterProduct.objects.count() == 1


@pytest.mark.covers("PEER-31")
def test_two_vendors_who_change_their_price_at_once_leave_one_listed(live_store: StoreRef) -> None:
    products = [offered(f"S{n}", make_vendor(f"V{n}"), 1000) for n in range(3)]
    calls = [
        partial(
            update_product,
            product_id=product.id,
            changes={},
            variants=[{"sku": f"S{index}", "price_cents": 900 - 100 * turn - index}],
        )
        for turn in range(4)
        for index, product in enumerate(products)
    ]

    done = at_once(live_store, calls)

    assert not [error for error in done if isinstance(error, Exception)]
    rows = list(
        ProductDocument.objects.filter(is_listed=True).values_list("price_cents", flat=True)
    )
    assert rows == [ProductDocument.objects.aggregate(least=Min("price_cents"))["least"]]


@pytest.mark.covers("PEER-31")
def test_one_barcode_written_by_many_at_once_makes_one_entry(live_store: StoreRef) -> None:
    vendors = [make_vendor(f"V{n}") for n in range(6)]

    done = at_once(
        live_store, [partial(offered, f"S{n}", vendor) for n, vendor in enumerate(vendors)]
    )

    assert not [error for error in done if isinstance(error, Exception)]
    master = MasterProduct.objects.get()
    assert Product.objects.filter(master=master).count() == 6
    assert ProductDocument.objects.filter(master_id=master.pk).count() == 6
    assert ProductDocument.objects.filter(is_listed=True).count() == 1
