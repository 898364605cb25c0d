"""What other apps get of the catalog."""

from __future__ import annotations

import json

import pytest

from apps.catalog.errors import OptionsTaken, SkuTaken
from apps.catalog.facade import create_product, get_product, get_variants, product_variants
from apps.catalog.models import ProductDocument, Vendor
from apps.common.context import StoreRef
from apps.events.models import Event
from tests.catalog.factories import make_product, make_vendor


@pytest.mark.covers("CAT-01", "CAT-06", "CAT-08")
def test_a_created_product_has_its_document_and_its_event(store: StoreRef) -> None:
    product = make_product(sku="TEE-S", price_cents=1999, name="Tee & Co")

    body = ProductDocument.objects.get(product_id=product.id).body
    (variant_id,) = product.variant_ids
    assert f'"inventory" : \n"{variant_id.hex}"' in body
    assert body.endswith('"inventory" : \n0}')
    readable = json.loads(body)
    assert (readable["sku"], readable["price_cents"], readable["price"]) == ("TEE-S", 1999, "19.99")
    assert readable["slug"] == "tee-co"
    event = Event.objects.get(topic="product.created")
    assert (event.payload["sku"], event.payload["priceCents"]) == ("TEE-S", 1999)
    assert event.payload["id"] == str(product.id)


def test_variants_come_in_one_query_with_the_price_of_the_asked_currency(
    store: StoreRef, django_assert_num_queries: object
) -> None:
    product = create_product(
        name="Tee",
        variants=[
            {"sku": "S", "price_cents": 100, "options": {"Size": "S"}},
            {
                "sku": "M",
                "options": {"Size": "M"},
                "prices": [
                    {"currency": "USD", "amount_cents": 200},
                    {"currency": "JPY", "amount_cents": 300},
                ],
            },
        ],
    )

    with django_assert_num_queries(1):  # type: ignore[operator]
        found = {row.sku: row for row in get_variants(skus=["S", "M", "none"], currency="JPY")}

    assert {sku: row.price_cents for sku, row in found.items()} == {"S": None, "M": 300}
    assert [row.price_cents for row in product_variants(product.id, "USD")] == [100, 200]
    assert found["S"].is_sellable
    assert found["S"].options == {"Size": "S"}
    assert get_product(product.id) == product


@pytest.mark.covers("C-15")
def test_a_sku_is_unique_within_its_vendor_and_shared_between_vendors(store: StoreRef) -> None:
    other = make_vendor("Other")
    make_product(sku="A")
    make_product(sku="A", vendor=other)

    with pytest.raises(SkuTaken):
        make_product(sku="A")

    found = get_variants(skus=["A"], currency="USD")
    assert {row.vendor_name for row in found} == {"Acme", "Other"}


def test_two_variants_with_the_same_options_are_refused(store: StoreRef) -> None:
    rows = [{"sku": sku, "price_cents": 1, "options": {"Size": "s"}} for sku in ("A", "B")]
    with pytest.raises(OptionsTaken):
        make_product(variants=rows)


def test_a_suspended_vendors_variant_cannot_be_sold(store: StoreRef) -> None:
    make_product(sku="A", vendor=make_vendor("Gone", status="suspended"))

    (found,) = get_variants(skus=["A"], currency="USD")

    assert not found.is_sellable
    assert Vendor.objects.get(is_default=True).slug == "store"
