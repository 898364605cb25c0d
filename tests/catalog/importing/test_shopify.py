"""Shopify's product export, both generations."""

from __future__ import annotations

import pytest

from apps.catalog.importing import ImportFileError, ParsedImage, ParsedProduct, RowError

from . import read, read_errors, read_one, read_products

pytestmark = pytest.mark.covers("CAT-16", "PEER-60")

OLD = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,"
    "Variant Price,Variant Compare At Price,Variant Requires Shipping,Variant Barcode,Image Src,"
    "Image Position,Image Alt Text,Variant Image,Status\n"
)
NEW = (
    "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,"
    "Status,SKU,Barcode,Option1 name,Option1 value,Price,Compare-at price,Inventory tracker,"
    "Inventory quantity,Weight value (grams),Requires shipping,Product image URL,Image position,"
    "Image alt text,Variant image URL\n"
)
SHORT = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src\n"


def test_the_older_header_is_read_in_full() -> None:
    product = read_one(
        OLD + 'tee,Tee,<p>Soft.</p>,Loom,Shirts,"cotton, summer",true,Size,S,Colour,Red,T-S-R,180,'
        "shopify,4,19.90,25.00,true,'0123456789012,https://x.example/1.jpg,1,Front,,active\n"
    )

    assert product.handle == "tee"
    assert product.name == "Tee"
    assert product.description == "<p>Soft.</p>"
    assert product.vendor == "Loom"
    assert product.categories == (("Shirts",),)
    assert product.tags == ("cotton", "summer")
    assert product.is_active
    assert product.kind == "variable"
    assert product.images == (ParsedImage("https://x.example/1.jpg", "Front", 1),)
    (variant,) = product.variants
    assert variant.options == (("Size", "S"), ("Colour", "Red"))
    assert (variant.sku, variant.barcode) == ("T-S-R", "0123456789012")
    assert (variant.price_cents, variant.compare_at_price_cents) == (1990, 2500)
    assert (variant.inventory, variant.weight_grams) == (4, 180)
    assert (variant.track_inventory, variant.requires_shipping) == (True, True)
    assert variant.currency == "USD"


@pytest.mark.covers("PEER-60")
def test_the_newer_header_is_read_in_full() -> None:
    product = read_one(
        NEW + "Tee,tee,Soft.,Loom,Apparel > Clothing > Shirts,Basics,cotton,TRUE,Draft,T-S,123,"
        "Size,S,19.9,,shopify,4,180.5,FALSE,https://x.example/1.jpg,1,Front,\n"
    )

    assert (product.handle, product.name, product.description) == ("tee", "Tee", "Soft.")
    assert product.categories == (("Apparel", "Clothing", "Shirts"),)
    assert not product.is_active
    (variant,) = product.variants
    assert (variant.sku, variant.price_cents, variant.inventory) == ("T-S", 1990, 4)
    assert (variant.weight_grams, variant.requires_shipping) == (181, False)


def test_continuation_rows_are_variants_and_the_first_spelling_of_an_option_stands() -> None:
    product = read_one(
        SHORT + "tee,Tee,Size,S,T-S,10,\ntee,, SIZE ,M,T-M,11,\ntee,,Sizes,L,T-L,12,\n"
    )

    assert [(item.row, item.sku, item.options) for item in product.variants] == [
        (2, "T-S", (("Size", "S"),)),
        (3, "T-M", (("Size", "M"),)),
        (4, "T-L", (("Size", "L"),)),
    ]


def test_a_row_with_nothing_but_a_picture_is_no_variant() -> None:
    product = read_one(
        "Handle,Title,Option1 Name,Option1 Value,Variant Price,Image Src,Image Position,"
        "Image Alt Text,Variant Image\n"
        "tee,Tee,Size,S,10,https://x.example/b.jpg,2,,https://x.example/v.jpg\n"
        "tee,,,M,11,https://x.example/a.jpg,1,First,https://x.example/b.jpg\n"
        "tee,,,,,https://x.example/c.jpg,3,,\n"
    )

    assert len(product.variants) == 2
    assert product.images == (
        ParsedImage("https://x.example/a.jpg", "First", 1),
        ParsedImage("https://x.example/b.jpg", "", 2, "TEE-M"),
        ParsedImage("https://x.example/c.jpg", "", 3),
        ParsedImage("https://x.example/v.jpg", "", 4, "TEE-S"),
    )


def test_the_default_title_means_no_options() -> None:
    product = read_one(SHORT + "tee,Tee,Title,Default Title,T,10,\n")

    assert (product.kind, product.variants[0].options) == ("simple", ())


def test_blank_skus_are_made_of_the_handle_and_the_options() -> None:
    text = SHORT + (
        "ocean-blue-shirt,Shirt,Title,Default Title,,50,\n"
        "varsity-top,Top,Size,Small,,60,\n"
        "varsity-top,,,Extra Large,,60,\n"
        "varsity,Top,Style,Top Small,,60,\n"
    )

    skus = [variant.sku for product in read_products(text) for variant in product.variants]

    assert skus[:3] == ["OCEAN-BLUE-SHIRT", "VARSITY-TOP-SMALL", "VARSITY-TOP-EXTRA-LARGE"]
    # The fourth would read like the second, so a hash tells them apart, the same in every run.
    assert skus[3] == "VARSITY-TOP-SMALL-0C4BEBFD"


def test_a_made_sku_is_short_and_keeps_what_ascii_cannot_show() -> None:
    text = SHORT + f"{'long-' * 20}name,A,,,,1,\nمعطف,B,,,,1,\ncafé-crème,C,,,,1,\n"

    long, arabic, french = (product.variants[0].sku for product in read_products(text))

    assert len(long) <= 64
    assert long.startswith("LONG-LONG-LONG-")
    assert len(arabic) == 8
    assert french == "CAFE-CREME"


def test_without_a_handle_the_title_makes_one() -> None:
    first, second = read_products(SHORT + ",Blue Tee,,,A,1,\n,Red Tee,,,B,1,\n")

    assert (first.handle, second.handle) == ("blue-tee", "red-tee")


@pytest.mark.parametrize(
    ("published", "status", "is_active"),
    [
        ("true", "active", True),
        ("", "", True),
        ("false", "active", False),
        ("true", "draft", False),
        ("true", "Archived", False),
    ],
)
def test_only_what_is_published_and_active_is_for_sale(
    published: str, status: str, is_active: bool
) -> None:
    header = "Handle,Title,Variant Price,Published,Status\n"

    assert read_one(header + f"a,A,1,{published},{status}\n").is_active is is_active


def test_stock_is_left_alone_where_the_export_has_none() -> None:
    header = "Handle,Title,Variant Price,Variant Inventory Qty,Variant Inventory Tracker\n"

    found = read_products(header + "a,A,1,,\nb,B,1,,shopify\nc,C,1,1,\n")

    assert [(item.variants[0].inventory, item.variants[0].track_inventory) for item in found] == [
        (None, False),
        (None, True),
        (1, True),
    ]


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ("tee,,,,A,1,\n", (2, "Title", "name_missing")),
        ("tee,Tee,,,A,,\n", (2, "Variant Price", "price_missing")),
        ("tee,Tee,,,A,12.345,\n", (2, "Variant Price", "too_precise")),
        ("tee,Tee,Size,S,A,1,\ntee,,,M,A,1,\n", (3, "Variant SKU", "duplicate_sku")),
        ("tee,Tee,Size,S,A,1,\ntee,,,S,B,1,\n", (3, "", "duplicate_options")),
        ("tee,Tee,Size,S,A,1,\ntee,,,,B,1,\n", (3, "", "option_missing")),
        ("tee,Tee,,S,A,1,\n", (2, "Option1 Name", "option_name_missing")),
        ("tee,Tee,,,A,1,pic.jpg\n", (2, "Image Src", "bad_url")),
        ("tee,=Tee,,,A,1,\n", (2, "Title", "formula_cell")),
    ],
)
def test_faults_name_the_columns_as_the_file_does(rows: str, error: tuple[int, str, str]) -> None:
    assert read_errors(SHORT + rows) == [error]


def test_a_handle_that_comes_back_is_one_error_for_all_its_rows() -> None:
    found = read(SHORT + "a,A,Size,S,1,1,\nb,B,,,2,1,\na,A,Size,M,3,1,\na,,,L,4,1,\n")

    assert [item.row for item in found if isinstance(item, ParsedProduct)] == [2, 3]
    assert [(item.row, item.code) for item in found if isinstance(item, RowError)] == [
        (4, "handle_not_consecutive")
    ]


def test_an_export_without_prices_is_refused_as_a_whole() -> None:
    with pytest.raises(ImportFileError) as caught:
        read("Handle,Title,SKU,Available\na,A,B,1\n")

    assert (caught.value.code, caught.value.column) == ("missing_column", "Variant Price")


def test_an_unknown_status_is_an_error() -> None:
    assert read_errors("Handle,Title,Variant Price,Status\na,A,1,lost\n") == [
        (2, "Status", "unknown_status")
    ]
