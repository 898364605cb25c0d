"""Products in FusionCommerce's own columns."""

from __future__ import annotations

import pytest

from apps.catalog.importing import (
    ImportFileError,
    ParsedDownload,
    ParsedImage,
    ParsedProduct,
    ParsedVariant,
    RowError,
)

from . import read, read_errors, read_one, read_products

pytestmark = pytest.mark.covers("CAT-16")

HEADER = "sku,name,description,price,currency,inventory\n"


def test_a_row_with_only_the_basic_columns_becomes_a_simple_product() -> None:
    found = read(HEADER + "MUG-1,Mug,A mug.,12.50,EUR,7\n")

    assert found == [
        ParsedProduct(
            row=2,
            handle="",
            name="Mug",
            description="A mug.",
            vendor="",
            categories=(),
            brand="",
            tags=(),
            is_active=True,
            is_featured=False,
            kind="simple",
            external_url="",
            images=(),
            downloads=(),
            children_skus=(),
            variants=(
                ParsedVariant(
                    row=2,
                    sku="MUG-1",
                    options=(),
                    price_cents=1250,
                    compare_at_price_cents=None,
                    currency="EUR",
                    inventory=7,
                    weight_grams=None,
                    barcode="",
                    track_inventory=True,
                    requires_shipping=True,
                ),
            ),
        )
    ]


def test_every_optional_column_is_read() -> None:
    product = read_one(
        "sku,name,price,slug,vendor,category,brand,tags,compare_at_price,weight_grams,barcode,"
        "is_active,is_featured,track_inventory,requires_shipping,images\n"
        "MUG-1,Mug,12.50,blue-mug,Clayworks,Home > Kitchen | Sale,Kiln,blue|hand made,15,340,"
        "2000000000008,no,TRUE,0,No,Front > https://x.example/1.jpg | https://x.example/2.jpg\n"
    )

    assert product.handle == "blue-mug"
    assert product.vendor == "Clayworks"
    assert product.categories == (("Home", "Kitchen"), ("Sale",))
    assert product.brand == "Kiln"
    assert product.tags == ("blue", "hand made")
    assert (product.is_active, product.is_featured) == (False, True)
    assert product.images == (
        ParsedImage("https://x.example/1.jpg", "Front", 1),
        ParsedImage("https://x.example/2.jpg", "", 2),
    )
    (variant,) = product.variants
    assert variant.compare_at_price_cents == 1500
    assert variant.weight_grams == 340
    assert variant.barcode == "2000000000008"
    assert variant.inventory is None
    assert (variant.track_inventory, variant.requires_shipping) == (False, False)


@pytest.mark.covers("CAT-15")
def test_consecutive_rows_with_one_handle_are_the_variants_of_one_product() -> None:
    products = read_products(
        "sku,name,price,handle,option1_name,option1_value,option2_name,option2_value\n"
        "T-S,Tee,10,tee,Size,S,Colour,Red\n"
        "T-M,,11,tee, size ,M,,Red\n"
        "T-L,Tee,12,TEE,Sizes,L,,Red\n"
        "CAP,Cap,5,cap,,,,\n"
    )

    assert [(product.handle, product.kind) for product in products] == [
        ("tee", "variable"),
        ("cap", "simple"),
    ]
    assert [
        (variant.row, variant.sku, variant.options, variant.price_cents)
        for variant in products[0].variants
    ] == [
        (2, "T-S", (("Size", "S"), ("Colour", "Red")), 1000),
        (3, "T-M", (("Size", "M"), ("Colour", "Red")), 1100),
        (4, "T-L", (("Size", "L"), ("Colour", "Red")), 1200),
    ]


def test_a_handle_that_is_no_slug_is_made_one() -> None:
    assert read_one("sku,name,price,handle\nA,B,1,Größe & Farbe\n").handle == "grösse-farbe"


def test_pictures_of_continuation_rows_join_those_of_the_product_once_each() -> None:
    product = read_one(
        "sku,name,price,handle,option1_name,option1_value,images\n"
        "A,Tee,1,tee,Size,S,https://x.example/1.jpg\n"
        "B,,1,tee,,M,https://x.example/2.jpg|https://x.example/1.jpg\n"
    )

    assert [image.url for image in product.images] == [
        "https://x.example/1.jpg",
        "https://x.example/2.jpg",
    ]


@pytest.mark.covers("C-05", "PAY-11")
@pytest.mark.parametrize(
    ("price", "currency", "subunits"),
    [
        ("12.5", "USD", 1250),
        ("0", "USD", 0),
        ("500", "JPY", 500),
        ("1.250", "KWD", 1250),
        ("12.500", "usd", 1250),
        ("19.99", "", 1999),
    ],
)
def test_prices_become_integers_in_the_subunit_of_their_currency(
    price: str, currency: str, subunits: int
) -> None:
    product = read_one(HEADER + f"A,B,,{price},{currency},\n", currency="EUR")

    assert product.variants[0].price_cents == subunits
    assert product.variants[0].currency == (currency.upper() or "EUR")


def test_a_compare_at_price_that_is_not_above_the_price_is_no_saving() -> None:
    products = read_products("sku,name,price,compare_at_price\nA,B,5,5\nC,D,5,0\nE,F,5,5.01\n")

    assert [product.variants[0].compare_at_price_cents for product in products] == [
        None,
        None,
        501,
    ]


def test_a_semicolon_file_may_write_decimal_commas() -> None:
    products = read_products("sku;name;price\nA;Mug, blue;12,50\nB;Cup;3.75\n")

    assert [(item.name, item.variants[0].price_cents) for item in products] == [
        ("Mug, blue", 1250),
        ("Cup", 375),
    ]


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        (",Mug,,1,USD,1", "sku", "sku_missing"),
        ("A,,,1,USD,1", "name", "name_missing"),
        ("A, ,,1,USD,1", "name", "name_missing"),
        ("A,Mug,,,USD,1", "price", "price_missing"),
        ("A,Mug,,-1,USD,1", "price", "negative_amount"),
        ('A,Mug,,"1,234.50",USD,1', "price", "invalid_amount"),
        ("A,Mug,,1e3,USD,1", "price", "invalid_amount"),
        ("A,Mug,,NaN,USD,1", "price", "invalid_amount"),
        ("A,Mug,,1.005,USD,1", "price", "too_precise"),
        ("A,Mug,,100.5,JPY,1", "price", "too_precise"),
        ("A,Mug,,1000000000,USD,1", "price", "amount_too_large"),
        ("A,Mug,,1,XXQ,1", "currency", "unknown_currency"),
        ("A,Mug,,1,USD,-1", "inventory", "negative_number"),
        ("A,Mug,,1,USD,1.5", "inventory", "not_an_integer"),
        ("A,Mug,,1,USD,many", "inventory", "not_an_integer"),
        ("A,Mug,,1,USD,٣", "inventory", "not_an_integer"),
        ("A,Mug,,1,USD,2147483648", "inventory", "number_too_large"),
        ("A" * 65 + ",Mug,,1,USD,1", "sku", "too_long"),
        ("A," + "m" * 256 + ",,1,USD,1", "name", "too_long"),
        ("A,Mug," + "d" * 100_001 + ",1,USD,1", "description", "too_long"),
        ("A,=Mug,,1,USD,1", "name", "formula_cell"),
        ("A,@Mug,,1,USD,1", "name", "formula_cell"),
        ("A,\tMug,,1,USD,1", "name", "formula_cell"),
        ("-A,Mug,,1,USD,1", "sku", "formula_cell"),
        ("+A,Mug,,1,USD,1", "sku", "formula_cell"),
        ("A,Mug,=1+1,1,USD,1", "description", "formula_cell"),
        ("A\0B,Mug,,1,USD,1", "sku", "control_character"),
        ("A,Mug,nul \0,1,USD,1", "description", "control_character"),
        ('A,"Mug\nblue",,1,USD,1', "name", "control_character"),
        ("A,Mug,,1,USD,1,surplus", "", "too_many_cells"),
    ],
)
def test_a_wrong_cell_names_its_row_column_and_fault(cells: str, column: str, code: str) -> None:
    found = read_errors(HEADER + "OK-1,Cup,,1,USD,1\n" + cells + "\n")

    assert found == [(3, column, code)]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("handle", "!!", "bad_handle"),
        ("vendor", "=V", "formula_cell"),
        ("vendor", "v" * 121, "too_long"),
        ("tags", "t" * 51, "too_long"),
        ("images", "https://x.example/" + "i" * 1000, "too_long"),
        ("handle", "h" * 256, "too_long"),
        ("brand", "@B", "formula_cell"),
        ("category", "Home > =Kitchen", "formula_cell"),
        ("tags", "blue|-red", "formula_cell"),
        ("compare_at_price", "x", "invalid_amount"),
        ("weight_grams", "-5", "negative_number"),
        ("weight_grams", "heavy", "not_a_number"),
        ("weight_grams", "99999999999", "number_too_large"),
        ("barcode", "8.71E+12", "rounded_barcode"),
        ("is_active", "maybe", "not_a_flag"),
        ("kind", "weird", "unknown_kind"),
        ("images", "javascript:alert(1)", "bad_url"),
        ("external_url", "/there", "bad_url"),
        ("option1_value", "Red", "option_name_missing"),
    ],
)
def test_a_wrong_cell_of_an_optional_column_is_named_too(column: str, cell: str, code: str) -> None:
    errors = read_errors(f"sku,name,price,{column}\nA,Mug,1,{cell}\n")

    reported = column if column != "option1_value" else "option1_name"
    assert errors == [(2, reported, code)]


def test_all_faults_of_a_row_are_told_and_good_products_are_kept() -> None:
    found = read(HEADER + "A,,,x,USD,1.5\nB,Cup,,2,USD,3\n")

    assert [(item.row, item.column) for item in found if isinstance(item, RowError)] == [
        (2, "name"),
        (2, "price"),
        (2, "inventory"),
    ]
    assert [item.name for item in found if isinstance(item, ParsedProduct)] == ["Cup"]


def test_the_detail_says_what_to_do() -> None:
    (error,) = read(HEADER + "A,=Mug,,1,USD,1\n")

    assert error == RowError(
        2,
        "name",
        "formula_cell",
        "'=Mug' would run as a formula in a spreadsheet. Remove the leading character, or write "
        "an apostrophe before it.",
    )


def test_an_apostrophe_before_a_formula_sign_makes_it_text() -> None:
    product = read_one(HEADER + "A,'-20% Tee,'=nice=,1,USD,1\n")

    assert (product.name, product.description) == ("-20% Tee", "=nice=")


def test_a_description_may_be_a_list_over_several_lines() -> None:
    product = read_one(HEADER + 'A,B,"- one\n- two\ttabbed",1,USD,1\n')

    assert product.description == "- one\n- two\ttabbed"


def test_one_bad_variant_takes_its_product_along_but_not_the_next() -> None:
    header = "sku,name,price,handle,option1_name,option1_value\n"

    found = read(header + "A,Tee,1,tee,Size,S\nB,,x,tee,,M\nC,Cap,1,cap,,\n")

    assert [(item.row, type(item).__name__) for item in found] == [
        (3, "RowError"),
        (4, "ParsedProduct"),
    ]


def test_a_sku_that_stands_in_the_file_twice_is_refused_the_second_time() -> None:
    assert read_errors(HEADER + "A,B,,1,USD,1\na,B,,1,USD,1\nA,B,,1,USD,1\n") == [
        (4, "sku", "duplicate_sku")
    ]


@pytest.mark.parametrize(
    ("second", "column", "code"),
    [
        ("B,,1,tee,,S", "", "duplicate_options"),
        ("B,,1,tee,,s", "", "duplicate_options"),
        ("B,,1,tee,,", "", "option_missing"),
    ],
)
def test_variants_must_differ_in_their_options(second: str, column: str, code: str) -> None:
    header = "sku,name,price,handle,option1_name,option1_value\n"

    assert read_errors(header + f"A,Tee,1,tee,Size,S\n{second}\n") == [(3, column, code)]


def test_a_handle_that_comes_back_later_is_refused_and_the_first_product_kept() -> None:
    found = read("sku,name,price,handle\nA,Tee,1,tee\nB,Cap,1,cap\nC,Tee,1,tee\n")

    assert [(item.row, type(item).__name__) for item in found] == [
        (2, "ParsedProduct"),
        (3, "ParsedProduct"),
        (4, "RowError"),
    ]
    assert isinstance(found[2], RowError)
    assert (found[2].column, found[2].code) == ("handle", "handle_not_consecutive")


def test_kinds_that_are_not_plain_goods_have_columns_of_their_own() -> None:
    group, link, song = read_products(
        "sku,name,price,kind,children,external_url,downloads\n"
        "SET,Set,,grouped,MUG-1|CUP-1,,\n"
        "LINK,Link,3,external,,https://x.example/buy,\n"
        "SONG,Song,1,digital,,,Song.flac > https://x.example/s.flac|https://x.example/t.flac\n"
    )

    assert (group.kind, group.children_skus, group.variants) == ("grouped", ("MUG-1", "CUP-1"), ())
    assert (link.kind, link.external_url) == ("external", "https://x.example/buy")
    assert song.downloads == (
        ParsedDownload("Song.flac", "https://x.example/s.flac"),
        ParsedDownload("Song", "https://x.example/t.flac"),
    )


@pytest.mark.parametrize("missing", ["sku", "name", "price"])
def test_a_missing_required_column_is_named(missing: str) -> None:
    columns = [name for name in ("sku", "name", "price", "inventory") if name != missing]

    with pytest.raises(ImportFileError) as caught:
        read(",".join(columns) + "\na,b,c\n")

    assert (caught.value.code, caught.value.column, caught.value.row) == (
        "missing_column",
        missing,
        1,
    )


def test_the_columns_may_stand_in_any_order_and_case_with_padding() -> None:
    product = read_one(" Price , NAME,Compare At Price,  sku\n 5 , Mug ,6, A \n")

    assert product.name == "Mug"
    assert product.variants[0].sku == "A"
    assert product.variants[0].price_cents == 500
    assert product.variants[0].compare_at_price_cents == 600
