"""Files as real shops exported them. They are not ours to ship, so the tests skip without them."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from apps.catalog.importing import ParsedDownload, ParsedProduct, RowError, open_products

pytestmark = pytest.mark.covers("PEER-60", "PEER-61")

FOLDER = Path(
    os.environ.get("FUSIONCOMMERCE_SAMPLE_DATA")
    or Path(__file__).parents[3].parent / "shared" / "data"
)


def load(name: str) -> dict[str, ParsedProduct]:
    """The products of a real file by handle; not one of its rows may be an error."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    found = list(open_products(path, default_currency="USD"))
    assert [item for item in found if isinstance(item, RowError)] == []
    return {item.handle: item for item in found if isinstance(item, ParsedProduct)}


def counts(products: dict[str, ParsedProduct]) -> tuple[int, int, int, int]:
    """Products, variants, pictures and downloads."""
    return (
        len(products),
        sum(len(product.variants) for product in products.values()),
        sum(len(product.images) for product in products.values()),
        sum(len(product.downloads) for product in products.values()),
    )


def test_the_shopify_apparel_file_is_read_whole() -> None:
    products = load("shopify_apparel.csv")

    assert counts(products) == (20, 22, 20, 0)
    variants = [variant for product in products.values() for variant in product.variants]
    assert {variant.inventory for variant in variants} == {1}
    assert sum(variant.price_cents for variant in variants) == 129_500
    assert len({variant.sku for variant in variants}) == 22
    assert {product.vendor for product in products.values()} == {"partners-demo"}
    assert Counter(product.tags for product in products.values()) == {("men",): 6, ("women",): 14}
    top = products["classic-varsity-top"]
    assert [(variant.row, variant.sku, variant.options) for variant in top.variants] == [
        (3, "CLASSIC-VARSITY-TOP-SMALL", (("Size", "Small"),)),
        (4, "CLASSIC-VARSITY-TOP-MEDIUM", (("Size", "Medium"),)),
        (5, "CLASSIC-VARSITY-TOP-LARGE", (("Size", "Large"),)),
    ]
    assert products["ocean-blue-shirt"].variants[0].sku == "OCEAN-BLUE-SHIRT"
    assert "waterproof jacket\N{NO-BREAK SPACE}in" in products["navy-sport-jacket"].description


def test_the_woocommerce_sample_file_is_read_whole() -> None:
    products = load("woocommerce_sample_products.csv")

    assert counts(products) == (15, 21, 26, 3)
    assert Counter(product.kind for product in products.values()) == {
        "simple": 9,
        "variable": 2,
        "digital": 2,
        "grouped": 1,
        "external": 1,
    }
    hoodie = products["cc-hoodie"]
    assert hoodie.categories == (("Clothing", "Hoodies"),)
    assert len(hoodie.images) == 7
    assert [
        (variant.sku, variant.options, variant.price_cents, variant.compare_at_price_cents)
        for variant in hoodie.variants
    ] == [
        ("cc-hoodie-red", (("Color", "Red"), ("Logo", "No")), 4200, 4500),
        ("cc-hoodie-green", (("Color", "Green"), ("Logo", "No")), 4500, None),
        ("cc-hoodie-blue", (("Color", "Blue"), ("Logo", "No")), 4500, None),
        ("cc-hoodie-red-logo", (("Color", "Red"), ("Logo", "Yes")), 4500, None),
        ("cc-hoodie-blue-logo", (("Color", "Blue"), ("Logo", "Yes")), 4500, None),
        ("cc-hoodie-green-logo", (("Color", "Green"), ("Logo", "Yes")), 4500, None),
    ]
    assert [variant.options for variant in products["cc-tee"].variants] == [
        (("Color", "Blue"),),
        (("Color", "Green"),),
        (("Color", "Red"),),
    ]
    assert products["cc-logo-collection"].children_skus == (
        "cc-hoodie-with-logo",
        "cc-beanie-logo",
        "cc-tshirt-logo",
    )
    assert [download.name for download in products["cc-album"].downloads] == ["Album", "Single 2"]
    assert isinstance(products["cc-single"].downloads[0], ParsedDownload)
    assert products["cp-donation"].external_url == "https://www.classicpress.net/donate/"
    assert {
        (variant.inventory, variant.track_inventory)
        for product in products.values()
        for variant in product.variants
    } == {(None, False)}
