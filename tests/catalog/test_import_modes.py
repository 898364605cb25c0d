"""Ways to import: prices and stock alone, other keys, JSON Lines, types, and vendors' own files."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from apps.catalog.models import (
    Attribute,
    ChangeRequest,
    Price,
    Product,
    ProductDocument,
    ProductType,
    Variant,
)
from apps.catalog.services.import_products import ImportReport, import_products
from apps.common.context import StoreRef
from apps.events.models import Event
from apps.inventory.facade import availability
from tests.catalog.factories import make_product, make_vendor

pytestmark = pytest.mark.covers("CAT-16", "PEER-60")

HEAD = "handle,name,sku,price,inventory,external_id,product_type,attributes\n"
TWO = "tee,Tee,TEE,19.99,5,erp-1,,\nmug,Mug,MUG,8.00,3,erp-2,,\n"


def run(text: str, **options: Any) -> ImportReport:
    return import_products(io.BytesIO(text.encode()), **options)


def figures(report: ImportReport) -> tuple[int, int, int, int]:
    return (report.created, report.updated, report.unchanged, report.error_count)


def codes(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, error.code) for error in report.errors]


def units(sku: str) -> int:
    variant = Variant.objects.get(sku=sku)
    return availability([variant.pk])[variant.pk]


def test_prices_and_stock_alone_touch_nothing_else(store: StoreRef) -> None:
    run(HEAD + TWO)
    Price.objects.filter(variant__sku="MUG").update(compare_at_cents=1500)
    Event.objects.all().delete()

    report = run(
        "sku,name,price,inventory\nTEE,Other,18.50,0\nMUG,,9,\nNEW,New,1,1\n",
        only="prices,stock",
    )

    assert figures(report) == (0, 2, 0, 1)
    assert codes(report) == [(4, "sku", "unknown_sku")]
    assert set(Product.objects.values_list("name", flat=True)) == {"Tee", "Mug"}
    assert (units("TEE"), units("MUG")) == (0, 3)
    prices = Price.objects.order_by("variant__sku").values_list("amount_cents", "compare_at_cents")
    assert list(prices) == [(900, 1500), (1850, None)]
    shown = ProductDocument.objects.get(name="Tee")
    assert (shown.price_cents, shown.in_stock) == (1850, False)
    told = Event.objects.filter(topic="product.updated")
    assert {row.payload["changed"][0] for row in told} == {"price"}
    assert figures(run("sku,price\nTEE,18.50\nMUG,9\n", only="prices")) == (0, 0, 2, 0)


def test_each_of_the_two_can_be_taken_alone(store: StoreRef) -> None:
    run(HEAD + TWO)

    assert run("sku,price,inventory\nTEE,1,9\n", only="stock").updated == 1
    assert run("sku,price,inventory\nMUG,1,9\n", only="prices").updated == 1

    assert (units("TEE"), units("MUG")) == (9, 3)
    amounts = dict(Price.objects.values_list("variant__sku", "amount_cents"))
    assert amounts == {"TEE": 1999, "MUG": 100}


def test_of_a_woocommerce_file_the_sale_price_is_the_price(store: StoreRef) -> None:
    run(HEAD + TWO)
    rows = "TEE,20.00,15.00,\nMUG,9.00,7.00,2020-01-31\n"

    report = run("SKU,Regular price,Sale price,Date sale price ends\n" + rows, only="prices")

    assert figures(report) == (0, 2, 0, 0)
    prices = Price.objects.order_by("variant__sku").values_list("amount_cents", "compare_at_cents")
    assert list(prices) == [(900, None), (1500, 2000)]


def test_a_sku_of_two_vendors_needs_a_vendor(store: StoreRef) -> None:
    for name in ("Bolt", "Nut"):
        run(HEAD + "x,X,SAME,1,,,,\n", vendor=make_vendor(name=name).slug)

    assert codes(run("sku,price\nSAME,2\n", only="prices")) == [(2, "sku", "ambiguous_sku")]
    assert run("sku,price\nSAME,2\n", only="prices", vendor="bolt").updated == 1


def test_products_are_known_by_what_the_caller_says(store: StoreRef) -> None:
    run(HEAD + TWO)

    by_sku = run(HEAD + "other,T-shirt,TEE,19.99,5,,,\n", match="sku")
    by_id = run(HEAD + "other,Cup,CUP,8.00,3,erp-2,,\nx,X,X,1,,,,\n", match="external_id")

    assert figures(by_sku) == (0, 1, 0, 0)
    assert figures(by_id) == (0, 1, 0, 1)
    assert codes(by_id) == [(3, "external_id", "missing")]
    names = dict(Product.objects.values_list("handle", "name"))
    assert names == {"tee": "T-shirt", "mug": "Cup"}
    assert set(Variant.objects.values_list("sku", flat=True)) == {"TEE", "CUP"}


def test_json_lines_tell_what_is_wrong_by_line_and_field(store: StoreRef) -> None:
    good = {"name": "Tee", "variants": [{"sku": "TEE", "prices": [{"amount_cents": 1999}]}]}
    lines = [
        json.dumps(good),
        json.dumps({**good, "colour": "red"}),
        json.dumps({"name": "x", "variants": [{"sku": "Y", "prices": [{"amount_cents": -1}]}]}),
        json.dumps({"name": "a\x00b", "variants": []}),
        "{not json",
        json.dumps(good),
        json.dumps({**good, "publish_at": "0001-01-01T00:00:00+14:00"}),
    ]

    report = run("\n".join(lines))

    assert (report.created, report.dialect) == (1, "jsonl")
    assert codes(report) == [
        (2, "colour", "extra_forbidden"),
        (3, "variants.0.prices.0.amount_cents", "greater_than_equal"),
        (4, "name", "control_character"),
        (5, "", "json_invalid"),
        (6, "variants.0.sku", "duplicate_sku"),
        (7, "publish_at", "bad_date"),
    ]


@pytest.mark.covers("PEER-76", "PEER-59")
def test_attributes_are_those_of_the_type(store: StoreRef) -> None:
    Attribute.objects.create(entity="product", code="fibre", name="Fibre")
    Attribute.objects.create(entity="product", code="warm", name="Warm", kind="boolean")
    fields = [{"attribute": "fibre", "required": True}, {"attribute": "warm"}]
    ProductType.objects.create(code="knit", name="Knitwear", fields=fields)

    report = run(
        HEAD
        + 'a,A,A,1,,,knit,"{""fibre"": ""wool"", ""warm"": true}"\n'
        + 'b,B,B,1,,,knit,"{""warm"": ""very""}"\n'
        + "c,C,C,1,,,knit,\n"
        + "d,D,D,1,,,gone,\n"
        + 'e,E,E,1,,,,"{""fibre"": ""wool""}"\n'
        + "f,F,F,1,,,knit,wool\n"
    )

    assert codes(report) == [
        (3, "attributes.warm", "invalid"),
        (4, "attributes.fibre", "required"),
        (5, "product_type", "unknown"),
        (6, "attributes.fibre", "unknown"),
        (7, "attributes", "bad_json"),
    ]
    product = Product.objects.get()
    assert product.attributes == {"fibre": "wool", "warm": True}
    assert product.product_type == ProductType.objects.get()


def test_a_product_has_at_most_2000_variants(store: StoreRef) -> None:
    rows = "".join(f"t,T,S{n},1,Size,{n}\n" for n in range(2_001))

    report = run("handle,name,sku,price,option1_name,option1_value\n" + rows)

    assert (report.created, codes(report)) == (0, [(2, "", "too_many")])


@pytest.mark.covers("CAT-17", "PEER-37")
def test_what_a_vendors_people_import_waits_for_the_staff(store: StoreRef) -> None:
    bolt = make_vendor(name="Bolt")
    options: dict[str, Any] = {"vendor": bolt.slug, "by_vendor": True}

    report = run(HEAD + TWO, **options)

    assert (report.created, report.waiting) == (2, 2)
    assert not ProductDocument.objects.exists()
    assert set(ChangeRequest.objects.values_list("kind", "status")) == {("new", "open")}

    # Once they are approved, prices and stock change at once, and words wait.
    ChangeRequest.objects.update(status="approved")
    Product.objects.update(review="approved")
    again = run(HEAD + "tee,T-shirt,TEE,18.00,9,,,\nmug,Mug,MUG,9.00,3,,,\n", **options)
    assert (again.waiting, again.error_count) == (1, 0)
    assert set(Product.objects.values_list("name", flat=True)) == {"Tee", "Mug"}
    assert Price.objects.get(variant__sku="MUG").amount_cents == 900
    assert units("TEE") == 9


@pytest.mark.covers("CAT-17")
def test_a_vendor_who_is_not_active_puts_nothing_before_the_staff(store: StoreRef) -> None:
    from apps.catalog.review_errors import VendorNotActive

    bolt = make_vendor(name="Bolt", status="suspended")

    with pytest.raises(VendorNotActive):
        run(HEAD + TWO, vendor=bolt.slug, by_vendor=True)
    assert not Product.objects.exists()


def test_the_first_stock_of_a_product_that_is_shown_is_known_to_its_document(
    store: StoreRef,
) -> None:
    made = make_product(sku="NEW")

    run("sku,inventory\nNEW,4\n", only="stock")

    assert units("NEW") == 4
    assert ProductDocument.objects.get(pk=made.id).in_stock


def test_the_first_stock_in_a_whole_file_is_known_to_the_document_too(store: StoreRef) -> None:
    assert run("sku,name,price\nNEW,New,1.00\n").created == 1
    assert not ProductDocument.objects.get().in_stock

    report = run("sku,name,price,inventory\nNEW,New,1.00,4\n")

    assert figures(report) == (0, 0, 1, 0)
    assert ProductDocument.objects.get().in_stock


@pytest.mark.covers("CAT-17", "PEER-37")
def test_the_first_stock_of_what_staff_review_is_known_to_the_document(store: StoreRef) -> None:
    bolt = make_vendor(name="Bolt")
    made = make_product(sku="NEW", name="New", vendor=bolt)

    run("sku,name,price,inventory\nNEW,New,19.99,4\n", vendor=bolt.slug, by_vendor=True)

    assert units("NEW") == 4
    assert ProductDocument.objects.get(pk=made.id).in_stock
