"""Importing CSV files: what is written, what is left out, and that a second run changes nothing."""

from __future__ import annotations

import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.catalog.facade import get_variants
from apps.catalog.models import (
    Category,
    Price,
    Product,
    ProductDocument,
    ProductImage,
    Variant,
    Vendor,
)
from apps.catalog.services.delete_product import delete_product
from apps.catalog.services.import_products import ImportReport, import_products
from apps.common.context import StoreRef
from apps.events.models import Delivery, Event
from apps.inventory.facade import availability
from tests.catalog.factories import make_product, make_vendor

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
DEMO = ROOT / "apps" / "catalog" / "demo"
SAMPLES = [
    (SHARED / "shopify_apparel.csv", 20, 22),
    (SHARED / "woocommerce_sample_products.csv", 15, 21),
]

HEAD = "handle,name,sku,price,inventory,option1_name,option1_value,category,description,vendor\n"
SHIRT = (
    "tee,Tee,TEE-S,19.99,5,Size,S,Clothing > Shirts,<b>Soft</b><script>x</script>,\n"
    "tee,,TEE-M,21.99,7,Size,M,,,\n"
)
MUG = "mug,Mug,MUG,8.00,3,,,Kitchen,,Pottery\n"


def run(text: str, **options: Any) -> ImportReport:
    return import_products(BytesIO((HEAD + text).encode()), **options)


def figures(report: ImportReport) -> tuple[int, int, int, int]:
    return (report.created, report.updated, report.unchanged, report.error_count)


def rows_in_store() -> tuple[int, ...]:
    models: list[Any] = [Product, Variant, Price, ProductImage, ProductDocument, Category, Vendor]
    return (*(model.objects.count() for model in models), Event.objects.count())


@pytest.mark.covers("CAT-16", "CAT-06", "CAT-15")
def test_an_import_makes_products_with_everything_that_belongs_to_them(store: StoreRef) -> None:
    report = run(SHIRT + MUG)

    assert figures(report) == (2, 0, 0, 0)
    assert report.variants == 3
    tee = Product.objects.get(slug="tee")
    assert (tee.handle, tee.kind, tee.option_names) == ("tee", "variable", ["Size"])
    assert tee.description == "<b>Soft</b>"
    assert tee.categories.get().parent == Category.objects.get(name="Clothing")
    assert Product.objects.get(slug="mug").vendor.name == "Pottery"
    found = {row.sku: row for row in get_variants(skus=["TEE-S", "TEE-M", "MUG"], currency="USD")}
    assert {sku: row.price_cents for sku, row in found.items()} == {
        "TEE-S": 1999,
        "TEE-M": 2199,
        "MUG": 800,
    }
    stock = availability([row.id for row in found.values()])
    assert stock[found["TEE-M"].id] == 7
    assert '"name" : "Shirts"' in ProductDocument.objects.get(product=tee).body
    events = Event.objects.filter(topic="product.created")
    assert {row.payload["slug"] for row in events} == {"tee", "mug"}
    # Nobody is owed anything for each of the products of an import.
    assert not Delivery.objects.filter(event_id__in=[row.pk for row in events]).exists()


@pytest.mark.covers("CAT-16")
def test_a_second_run_of_the_same_file_changes_nothing(store: StoreRef) -> None:
    run(SHIRT + MUG)
    before = rows_in_store()
    stamps = set(Product.objects.values_list("pk", "updated_at"))

    assert figures(run(SHIRT + MUG)) == (0, 0, 2, 0)

    assert rows_in_store() == before
    assert set(Product.objects.values_list("pk", "updated_at")) == stamps


@pytest.mark.covers("CAT-16", "CAT-07")
def test_a_changed_file_changes_only_what_is_different(store: StoreRef) -> None:
    run(SHIRT + MUG)
    tee = Product.objects.get(slug="tee")

    report = run(SHIRT.replace("21.99", "22.50").replace("Clothing > Shirts", "Sale") + MUG)

    assert figures(report) == (0, 1, 1, 0)
    event = Event.objects.get(topic="product.updated")
    assert event.payload["changed"] == ["categories", "price"]
    assert [row.name for row in tee.categories.all()] == ["Sale"]
    assert '"amount_cents" : 2250' in ProductDocument.objects.get(product=tee).body


def test_a_blank_cell_leaves_what_the_product_has(store: StoreRef) -> None:
    run(SHIRT)

    report = run("tee,Tee,TEE-S,19.99,,Size,S,,,\ntee,,TEE-M,21.99,,Size,M,,,\n")

    assert figures(report) == (0, 0, 1, 0)
    tee = Product.objects.get(slug="tee")
    assert (tee.description, tee.categories.count()) == ("<b>Soft</b>", 1)


def test_a_variant_with_a_new_sku_stays_the_same_variant(store: StoreRef) -> None:
    run(SHIRT)
    before = Variant.objects.get(sku="TEE-M").id

    assert figures(run(SHIRT.replace("TEE-M", "TEE-MEDIUM"))) == (0, 1, 0, 0)

    assert Variant.objects.get(sku="TEE-MEDIUM").id == before
    assert Variant.objects.count() == 2


def test_a_file_finds_the_product_that_the_api_made(store: StoreRef) -> None:
    product = make_product(name="Mug", sku="MUG", price_cents=100)

    assert figures(run("mug,Mug,MUG,8.00,3,,,,,\n")) == (0, 1, 0, 0)

    assert Product.objects.get().id == product.id
    assert Price.objects.get().amount_cents == 800


def test_a_deleted_product_comes_back_as_a_new_one(store: StoreRef) -> None:
    run(MUG)
    delete_product(product_id=Product.objects.get().id)

    assert figures(run(MUG)) == (1, 0, 0, 0)

    assert Product.objects.get(deleted_at=None).slug == "mug"


def test_a_sku_of_another_product_is_told_with_its_line(store: StoreRef) -> None:
    make_product(name="Other", sku="TEE-M")

    report = run(SHIRT + "cup,Cup,CUP,8.00,3,,,,,\n")

    assert figures(report) == (1, 0, 0, 1)
    assert [(row.row, row.code) for row in report.errors] == [(3, "sku_taken")]
    assert not Product.objects.filter(slug="tee").exists()


def test_the_same_handle_of_two_vendors_gets_two_slugs(store: StoreRef) -> None:
    make_vendor("Pottery")
    run(MUG)

    report = run("mug,Mug,MUG,8.00,3,,,,,\n")

    assert figures(report) == (1, 0, 0, 0)
    assert set(Product.objects.values_list("slug", "handle")) == {("mug", "mug"), ("mug-2", "mug")}
    assert figures(run("mug,Mug,MUG,8.00,3,,,,,\n")) == (0, 0, 1, 0)


def test_all_goes_to_the_vendor_that_is_named(store: StoreRef) -> None:
    vendor = make_vendor("Chosen")

    run(SHIRT + MUG, vendor="chosen")

    assert set(Product.objects.values_list("vendor_id", flat=True)) == {vendor.id}


BAD = "bad,Bad,BAD,minus,3,,,,,\n"


def test_skipping_keeps_the_good_rows_and_tells_the_bad_ones(store: StoreRef) -> None:
    report = run(SHIRT + BAD + MUG)

    assert figures(report) == (2, 0, 0, 1)
    assert [(row.row, row.column) for row in report.errors] == [(4, "price")]


@pytest.mark.covers("CAT-16")
def test_aborting_leaves_nothing(store: StoreRef) -> None:
    before = rows_in_store()

    report = run(SHIRT + BAD + MUG, on_error="abort")

    assert (report.written, report.error_count) == (False, 1)
    assert rows_in_store() == before


def test_a_dry_run_tells_what_would_be_and_leaves_nothing(store: StoreRef) -> None:
    before = rows_in_store()

    report = run(SHIRT + MUG, dry_run=True)

    assert figures(report) == (2, 0, 0, 0)
    assert not report.written
    assert rows_in_store() == before


def test_errors_are_counted_beyond_those_that_are_listed(store: StoreRef) -> None:
    report = run(
        "".join(BAD.replace("bad", f"b{n}").replace("BAD", f"B{n}") for n in range(5)),
        limit_errors=2,
    )

    assert (report.error_count, len(report.errors)) == (5, 2)


def test_where_a_constraint_refuses_a_row_the_others_are_kept(store: StoreRef) -> None:
    run(SHIRT)
    # The two SKUs change places: no order of updates lets them pass.
    swapped = SHIRT.replace("Size,S", "Size,X").replace("Size,M", "Size,S").replace(",X,", ",M,")

    report = run(MUG + swapped)

    assert (report.created, report.error_count) == (1, 1)
    assert report.errors[0].code == "conflict"
    assert report.errors[0].row == 3


@pytest.mark.covers("CAT-16", "PEER-60")
@pytest.mark.parametrize(("path", "products", "variants"), SAMPLES)
def test_other_shops_files_come_in_whole_and_twice_without_change(
    store: StoreRef, path: Path, products: int, variants: int
) -> None:
    if not path.exists():
        pytest.skip(f"{path.name} is not here")

    first, second = import_products(path), import_products(path)

    assert (first.created, first.variants, first.error_count) == (products, variants, 0)
    assert figures(second) == (0, 0, products, 0)
    for body in ProductDocument.objects.values_list("body", flat=True):
        assert json.loads(body)["sku"] is not None


@pytest.mark.covers("CAT-16")
def test_the_demo_file_comes_in_whole_and_twice_without_change(store: StoreRef) -> None:
    files = sorted(DEMO.glob("*.csv"))
    if not files:
        pytest.skip("there is no demo file yet")

    first, second = import_products(files[0]), import_products(files[0])

    assert first.created > 0
    assert first.error_count == 0
    assert figures(second) == (0, 0, first.created, 0)


def command(path: Path, *options: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_products", str(path), "--store", "acme", *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_reports_and_names_the_line_of_an_error(
    store: StoreRef, tmp_path: Path
) -> None:
    path = tmp_path / "products.csv"
    path.write_text(HEAD + SHIRT + BAD)

    out, err = command(path)

    assert out.startswith("1 products created, 0 updated, 0 unchanged; 2 variants, 0 images; 1 err")
    assert err.startswith("line 4, column price: ")


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        (HEAD + BAD, [], "Nothing could be imported."),
        (HEAD + SHIRT + BAD, ["--on-error=abort"], "Nothing was written"),
        ("", [], "empty"),
        (HEAD + SHIRT, ["--vendor", "nobody"], "There is no vendor 'nobody'."),
        (HEAD + SHIRT, ["--currency", "XXY"], "--currency: 'XXY' is not"),
    ],
)
def test_the_command_exits_with_the_reason(
    store: StoreRef, tmp_path: Path, text: str, options: list[str], told: str
) -> None:
    path = tmp_path / "products.csv"
    path.write_text(text)

    with pytest.raises(CommandError) as raised:
        command(path, *options)

    assert told in str(raised.value)
    assert Product.objects.count() == 0


def test_the_command_says_that_a_file_is_missing(store: StoreRef, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        command(tmp_path / "none.csv")
