"""WooCommerce's product export."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps.catalog.importing import ImportFileError, ParsedDownload, ParsedProduct, RowError

from . import read, read_errors, read_one, read_products

pytestmark = pytest.mark.covers("CAT-16", "PEER-61")

HEADER = (
    "ID,Type,SKU,Name,Published,Is featured?,Description,In stock?,Stock,Weight (kg),Sale price,"
    "Regular price,Categories,Tags,Images,Parent,Grouped products,External URL,"
    "Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s),"
    "Download 1 name,Download 1 URL\n"
)
FIELDS = [name.rstrip("?").removesuffix("(s)").split(" (")[0] for name in HEADER.strip().split(",")]


def row(**cells: str) -> str:
    """A line with these cells; a name has underscores for spaces, and no brackets or `?`."""
    by_name = {name.replace("_", " "): value for name, value in cells.items()}
    assert set(by_name) <= set(FIELDS)
    return ",".join(f'"{by_name.get(name, "")}"' for name in FIELDS) + "\n"


def variable(**cells: str) -> str:
    return row(**{"Type": "variable", "SKU": "tee", "Name": "Tee", "ID": "7"} | cells)


def variation(**cells: str) -> str:
    return row(
        **{"Type": "variation", "Parent": "tee", "Regular_price": "20", "Published": "1"}
        | {"Attribute_1_name": "Size"}
        | cells
    )


def simple(**cells: str) -> str:
    return row(**{"Type": "simple", "SKU": "a", "Name": "A", "Regular_price": "5"} | cells)


def test_a_simple_product_is_read_in_full() -> None:
    product = read_one(
        HEADER
        + simple(
            Published="1",
            Is_featured="1",
            Description="Warm.",
            Stock="4",
            Weight="0.35",
            Sale_price="4.50",
            Categories="Clothing > Hoodies, Sale",
            Tags="warm, blue",
            Images="https://x.example/1.jpg, https://x.example/2.jpg,https://x.example/3.jpg",
        )
    )

    assert (product.handle, product.name, product.kind) == ("a", "A", "simple")
    assert (product.is_active, product.is_featured) == (True, True)
    assert product.description == "Warm."
    assert product.categories == (("Clothing", "Hoodies"), ("Sale",))
    assert product.tags == ("warm", "blue")
    assert [image.url[-5:] for image in product.images] == ["1.jpg", "2.jpg", "3.jpg"]
    (variant,) = product.variants
    assert (variant.price_cents, variant.compare_at_price_cents) == (450, 500)
    assert (variant.inventory, variant.track_inventory) == (4, True)
    assert (variant.weight_grams, variant.requires_shipping) == (350, True)


def test_variations_find_their_parent_before_after_and_by_id() -> None:
    found = read_products(
        HEADER
        + variation(SKU="t-s", Attribute_1_value="S")
        + simple()
        + variable(Attribute_1_name="size", Attribute_1_value="S, M, L")
        + simple(SKU="b")
        + variation(SKU="t-m", Attribute_1_value="M", Parent="id:7")
        + variation(SKU="t-l", Attribute_1_value="L", Parent="ID: 7")
    )

    # The tee is there as soon as its last variation is.
    assert [product.handle for product in found] == ["a", "b", "tee"]
    tee = found[2]
    assert (tee.row, tee.kind) == (4, "variable")
    assert sorted((item.row, item.sku, item.options) for item in tee.variants) == [
        (2, "t-s", (("size", "S"),)),
        (6, "t-m", (("size", "M"),)),
        (7, "t-l", (("size", "L"),)),
    ]


def test_an_attribute_that_a_variation_leaves_open_is_no_option() -> None:
    product = read_one(
        HEADER
        + variable()
        + variation(SKU="t", Attribute_1_value="S", Attribute_2_name="Colour", Attribute_2_value="")
    )

    assert product.variants[0].options == (("Size", "S"),)


def test_blank_skus_of_variations_are_made_of_the_parent_and_the_attributes() -> None:
    product = read_one(
        HEADER + variable() + variation(Attribute_1_value="S") + variation(Attribute_1_value="M")
    )

    assert [variant.sku for variant in product.variants] == ["TEE-S", "TEE-M"]


def test_blank_skus_of_simple_products_are_made_of_their_names() -> None:
    first, second = read_products(
        HEADER + simple(SKU="", Name="Big Mug", ID="1") + simple(SKU="", Name="Big Mug", ID="2")
    )

    assert (first.handle, first.variants[0].sku) == ("big-mug", "BIG-MUG")
    assert (second.handle, second.variants[0].sku) == ("big-mug-2", "BIG-MUG-2")


def test_a_variation_weighs_what_its_parent_does_unless_it_says_otherwise() -> None:
    product = read_one(
        HEADER
        + variable(Weight="1")
        + variation(Attribute_1_value="S")
        + variation(Attribute_1_value="M", Weight="1.2")
    )

    assert [variant.weight_grams for variant in product.variants] == [1000, 1200]


@pytest.mark.parametrize(
    ("header", "weight", "grams"),
    [
        ("Weight (kg)", "0.25", 250),
        ("Weight (g)", "250", 250),
        ("Weight (lbs)", "2", 907),
        ("Weight (oz)", "8", 227),
        ("Weight", "1", 1000),
    ],
)
def test_the_header_names_the_unit_of_weight(header: str, weight: str, grams: int) -> None:
    product = read_one(f"Type,SKU,Name,Regular price,{header}\nsimple,a,A,1,{weight}\n")

    assert product.variants[0].weight_grams == grams


def test_pictures_and_files_of_variations_join_those_of_the_product() -> None:
    product = read_one(
        HEADER
        + variable(Images="https://x.example/1.jpg")
        + variation(Attribute_1_value="S", Images="https://x.example/1.jpg")
        + variation(
            Attribute_1_value="M",
            Images="https://x.example/2.jpg",
            Download_1_name="Guide",
            Download_1_URL="https://x.example/guide.pdf",
        )
    )

    assert [image.url[-5:] for image in product.images] == ["1.jpg", "2.jpg"]
    assert product.downloads == (ParsedDownload("Guide", "https://x.example/guide.pdf"),)


def test_a_variation_that_is_not_published_is_left_out() -> None:
    product = read_one(
        HEADER
        + variable()
        + variation(Attribute_1_value="S", Published="0")
        + variation(Attribute_1_value="M")
    )

    assert [variant.sku for variant in product.variants] == ["TEE-M"]


def test_a_group_names_its_children_by_sku_and_comes_last() -> None:
    found = read_products(
        HEADER
        + row(Type="grouped", SKU="set", Name="Set", Grouped_products="a, id:5, elsewhere")
        + simple()
        + simple(SKU="b", ID="5")
    )

    assert [product.handle for product in found] == ["a", "b", "set"]
    assert (found[2].kind, found[2].children_skus) == ("grouped", ("a", "b", "elsewhere"))
    assert found[2].variants == ()


def test_an_external_product_has_an_address_and_no_stock() -> None:
    product = read_one(
        HEADER + simple(Type="external", External_URL="https://x.example/buy", In_stock="1")
    )

    assert (product.kind, product.external_url) == ("external", "https://x.example/buy")
    (variant,) = product.variants
    assert (variant.price_cents, variant.inventory) == (500, None)
    assert (variant.track_inventory, variant.requires_shipping) == (False, False)


@pytest.mark.parametrize(
    ("kind", "expected", "requires_shipping"),
    [
        ("simple, downloadable, virtual", "digital", False),
        ("simple, virtual", "simple", False),
        ("simple,downloadable", "digital", True),
        ("", "simple", True),
    ],
)
def test_the_type_cell_may_say_several_things(
    kind: str, expected: str, requires_shipping: bool
) -> None:
    product = read_one(HEADER + simple(Type=kind))

    assert product.kind == expected
    assert product.variants[0].requires_shipping is requires_shipping


@pytest.mark.parametrize(
    ("stock", "in_stock", "expected"),
    [
        ("12", "1", (12, True)),
        ("0", "0", (0, True)),
        ("", "1", (None, False)),
        ("", "", (None, False)),
        ("", "backorder", (None, False)),
        ("", "0", (0, True)),
        ("parent", "1", (None, True)),
    ],
)
def test_stock_is_counted_only_where_the_shop_counted_it(
    stock: str, in_stock: str, expected: tuple[int | None, bool]
) -> None:
    (variant,) = read_one(HEADER + simple(Stock=stock, In_stock=in_stock)).variants

    assert (variant.inventory, variant.track_inventory) == expected


@pytest.mark.parametrize(("published", "is_active"), [("1", True), ("0", False), ("-1", False)])
def test_drafts_and_private_products_are_inactive(published: str, is_active: bool) -> None:
    assert read_one(HEADER + simple(Published=published)).is_active is is_active


@pytest.mark.parametrize(
    ("starts", "ends", "price_cents"),
    [(-2, -1, 500), (-1, 1, 300), (1, 2, 500), (None, 1, 300), (-1, None, 300)],
)
def test_a_sale_price_counts_only_while_the_sale_lasts(
    starts: int | None, ends: int | None, price_cents: int
) -> None:
    def day(offset: int | None) -> str:
        if offset is None:
            return ""
        return f"{datetime.now(UTC).date() + timedelta(days=offset)} 00:00:00"

    product = read_one(
        "SKU,Name,Regular price,Sale price,Date sale price starts,Date sale price ends\n"
        f"a,A,5,3,{day(starts)},{day(ends)}\n"
    )

    assert product.variants[0].price_cents == price_cents


def test_commas_inside_a_name_are_written_after_a_backslash() -> None:
    product = read_one(HEADER + simple(Categories=r"Cups\, saucers > Small, Sale"))

    assert product.categories == (("Cups, saucers", "Small"), ("Sale",))


@pytest.mark.parametrize(
    ("rows", "errors"),
    [
        (simple(Regular_price=""), [(2, "Regular price", "price_missing")]),
        (simple(Sale_price="x"), [(2, "Sale price", "invalid_amount")]),
        (simple(Stock="-1"), [(2, "Stock", "negative_number")]),
        (simple(Type="subscription"), [(2, "Type", "unknown_type")]),
        (simple(Type="external"), [(2, "External URL", "url_missing")]),
        (simple(Published="perhaps"), [(2, "Published", "not_a_flag")]),
        (simple() + simple(), [(3, "SKU", "duplicate_sku")]),
        (variable(), [(2, "Type", "no_variations")]),
        (variation(Parent="lost"), [(2, "Parent", "parent_missing")]),
        (variation(Parent=""), [(2, "Parent", "parent_missing")]),
        (simple(SKU="tee") + variation(), [(3, "Parent", "parent_missing")]),
        (
            variable() + variation(Attribute_1_value="S", Regular_price=""),
            [(3, "Regular price", "price_missing")],
        ),
        (
            variable() + 2 * variation(Attribute_1_value="S"),
            [(4, "", "duplicate_options")],
        ),
        (
            row(Type="grouped", Name="Set", Grouped_products="id:99"),
            [(2, "Grouped products", "child_missing")],
        ),
    ],
)
def test_faults_name_row_and_column(rows: str, errors: list[tuple[int, str, str]]) -> None:
    assert read_errors(HEADER + rows) == errors


def test_one_bad_variation_takes_its_product_along_and_no_other() -> None:
    found = read(
        HEADER
        + variable()
        + variation(Attribute_1_value="S", Stock="x")
        + simple()
        + simple(SKU="b")
    )

    assert [item.row for item in found if isinstance(item, RowError)] == [3]
    assert [item.handle for item in found if isinstance(item, ParsedProduct)] == ["a", "b"]


def test_a_file_without_prices_is_refused_as_a_whole() -> None:
    with pytest.raises(ImportFileError) as caught:
        read("ID,Type,SKU,Name,Categories,Parent\n1,simple,a,A,B,\n")

    assert (caught.value.code, caught.value.column) == ("missing_column", "Regular price")
