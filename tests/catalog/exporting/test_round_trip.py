"""What is exported, imported into an empty store and exported again is the same, byte by byte."""

from __future__ import annotations

import csv
import io
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.catalog.exporting import FORMATS, Format, export_products
from apps.catalog.models import (
    Attribute,
    Price,
    PriceList,
    Product,
    ProductImage,
    ProductType,
    Variant,
)
from apps.catalog.services.import_products import ImportReport, import_products
from apps.catalog.services.variants import options_key
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.catalog.factories import make_vendor

pytestmark = pytest.mark.covers("CAT-16", "PEER-60", "I4")

FOLDER = Path(
    os.environ.get("FUSIONCOMMERCE_SAMPLE_DATA")
    or Path(__file__).parents[3].parent / "shared" / "data"
)
# File → products, variants, pictures.
SAMPLES = {
    "shopify_apparel.csv": (20, 22, 20),
    "woocommerce_sample_products.csv": (15, 21, 26),
}
DEMO = Path(__file__).parents[3] / "apps" / "catalog" / "demo" / "catalog.csv"
# Text that a spreadsheet would run, that a list would be taken apart at, and that is no ASCII.
NASTY = ["=1+1", "+a", "-b", "@c", "'=d", "''-e", "a|b", "a>b", "a\\", "a,b", "\\|", '"q"', "größe"]


def export(form: Format) -> bytes:
    return b"".join(export_products(form))


def run(data: bytes, **options: object) -> ImportReport:
    return import_products(io.BytesIO(data), **options)  # type: ignore[arg-type]


def there_and_back(first: bytes, form: Format, there: StoreRef) -> bytes:
    with enter_store(there):
        report = run(first)
        assert (report.error_count, report.errors) == (0, [])
        return export(form)


def define() -> None:
    """What the records below refer to; a file of products does not bring definitions."""
    known = {"fibre": "product", "season": "product_field", "bin": "variant_field"}
    for code, entity in known.items():
        Attribute.objects.create(entity=entity, code=code, name=code.title())
    ProductType.objects.create(
        code="knit", name="Knitwear", fields=[{"attribute": "fibre", "required": True}]
    )


def fill() -> None:
    """A product with all that the model holds, and one for each nasty text."""
    import_products(
        io.BytesIO(
            b"handle,name,sku,price,currency,inventory,option1_name,option1_value,option2_name,"
            b"option2_value,category,images,tags\n"
            b"zz,Zed,Z-S,19.99,USD,5,Size,S,Colour,Red,Clothing > Shirts | Sale,"
            b"Front > https://x.example/1.jpg | https://x.example/2.jpg,b|a\n"
            b"zz,,Z-M,21,USD,0,Size,M,Colour,Red,,,\n"
        )
    )
    product = Product.objects.get()
    Product.objects.update(
        slug="another-slug",
        description="<p>Soft</p>\n<ul><li>warm</li></ul>",
        brand="Acme",
        external_id="erp-1",
        product_type=ProductType.objects.get(),
        attributes={"fibre": "wool"},
        custom_fields={"season": "=2+2"},
        publish_at=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        unpublish_at=datetime(2027, 1, 2, tzinfo=UTC),
        is_featured=True,
    )
    small, large = Variant.objects.order_by("position")
    Variant.objects.filter(pk=large.pk).update(
        is_active=False,
        barcode="4006381333931",
        cost_cents=700,
        external_id="=x",
        custom_fields={"bin": "-A7"},
        weight_grams=180,
    )
    Price.objects.filter(variant=small).update(compare_at_cents=2999)
    everybody = PriceList.objects.get(is_default=True)
    for currency, amount, compare_at in (("JPY", 3000, 3500), ("EUR", 1799, None)):
        Price.objects.create(
            variant=small,
            price_list=everybody,
            currency=currency,
            amount_cents=amount,
            compare_at_cents=compare_at,
        )
    ProductImage.objects.filter(product=product, url__endswith="2.jpg").update(variant=large)
    vendor = make_vendor(name="Bolt & Söhne")
    for number, text in enumerate(NASTY):
        one = Product.objects.create(
            vendor=vendor,
            name=f"{text} name",
            slug=f"nasty_{number}",
            handle=f"nasty_{number}",
            kind="variable",
            description=f"{text} described",
            brand=text,
            tags=[text, f"{text}2"],
            option_names=[f"{text} o"],
            attributes={"children_skus": [text]} if number else {},
        )
        made = Variant.objects.create(
            product=one,
            vendor=vendor,
            sku=f"{text}{number}",
            barcode=f"{text}",
            options={f"{text} o": text},
            options_key=options_key({f"{text} o": text}),
        )
        Price.objects.create(
            variant=made, price_list=everybody, currency="USD", amount_cents=number
        )
        ProductImage.objects.create(
            product=one, url=f"https://x.example/a|b>c,{number}", alt=text, position=1
        )


@pytest.mark.parametrize("form", ["native", "jsonl"])
def test_all_that_the_model_holds_comes_back(
    form: Format, acme: StoreRef, globex: StoreRef
) -> None:
    with enter_store(globex):
        define()
    with enter_store(acme):
        define()
        fill()
        first = export(form)
        again = run(first)
        assert (again.created, again.updated, again.error_count) == (0, 0, 0)

    assert there_and_back(first, form, globex).decode() == first.decode()

    with enter_store(globex):
        large = Variant.objects.get(sku="Z-M")
        assert (large.barcode, large.cost_cents, large.is_active) == ("4006381333931", 700, False)
        assert large.images.get().url == "https://x.example/2.jpg"
        zed = Product.objects.get(handle="zz")
        assert (zed.slug, zed.attributes, zed.custom_fields) == (
            "another-slug",
            {"fibre": "wool"},
            {"season": "=2+2"},
        )
        assert zed.publish_at == datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
        prices = Price.objects.filter(variant__sku="Z-S")
        assert dict(prices.values_list("currency", "amount_cents")) == {
            "USD": 1999,
            "JPY": 3000,
            "EUR": 1799,
        }


@pytest.mark.covers("I6")
@pytest.mark.parametrize("form", ["native", "shopify", "woocommerce"])
def test_no_cell_of_an_export_begins_as_a_formula_does(form: Format, store: StoreRef) -> None:
    define()
    fill()

    rows = list(csv.reader(io.StringIO(export(form).decode())))

    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")] == []
    assert any(cell.startswith("'=1+1") for cell in cells)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", [*SAMPLES, "demo"])
def test_real_files_come_back_as_they_went_out(
    name: str, form: Format, acme: StoreRef, globex: StoreRef
) -> None:
    path = FOLDER / name if name in SAMPLES else DEMO
    if not path.exists():
        pytest.skip(f"{name} is not here")
    with enter_store(acme):
        report = run(path.read_bytes())
        assert report.error_count == 0
        if name in SAMPLES:
            assert (report.created, report.variants, report.images) == SAMPLES[name]
        second = run(path.read_bytes())
        assert (second.created, second.updated, second.error_count) == (0, 0, 0)
        first = export(form)

    assert there_and_back(first, form, globex).decode() == first.decode()


@pytest.mark.parametrize("form", ["shopify", "woocommerce"])
def test_a_price_in_another_currency_is_not_told_where_no_currency_can_be_named(
    form: Format, store: StoreRef
) -> None:
    run(b"handle,name,sku,price,currency\na,Ant,A,17.99,EUR\nb,Bee,B,12.00,USD\n")

    rows = list(csv.DictReader(io.StringIO(export(form).decode())))

    prices = [row["Price" if form == "shopify" else "Regular price"] for row in rows]
    assert prices == ["", "12.00"]
