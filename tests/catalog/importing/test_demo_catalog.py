"""The demo catalog that a new store can be filled with."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.catalog.importing import ParsedProduct, open_products

pytestmark = pytest.mark.covers("CAT-16", "CAT-15")

CATALOG = Path(__file__).parents[3] / "apps" / "catalog" / "demo" / "catalog.csv"


@pytest.fixture(scope="module")
def products() -> list[ParsedProduct]:
    """The demo products; the default currency is a wrong one, so every row must name its own."""
    found = list(open_products(CATALOG, default_currency="JPY", dialect="native"))
    assert all(isinstance(item, ParsedProduct) for item in found)
    return [item for item in found if isinstance(item, ParsedProduct)]


def test_the_demo_catalog_has_no_errors_and_enough_to_look_at(
    products: list[ParsedProduct],
) -> None:
    variants = [variant for product in products for variant in product.variants]

    assert (len(products), len(variants)) == (64, 134)
    assert {variant.currency for variant in variants} == {"USD"}
    assert len({product.handle for product in products}) == 64
    assert len({product.description for product in products}) == 64
    assert all(5 <= (variant.inventory or 0) <= 120 for variant in variants)
    assert sum(variant.compare_at_price_cents is not None for variant in variants) > 15
    assert sum(product.is_featured for product in products) == 10


def test_the_demo_catalog_has_vendors_and_a_tree_of_categories(
    products: list[ParsedProduct],
) -> None:
    assert {product.vendor for product in products} == {
        "Northfold Trading",
        "Harbour & Pine",
        "Tallow Street Makers",
        "Kestrel Supply",
    }
    assert {product.categories for product in products} == {
        (("Home", "Kitchen"),),
        (("Home", "Lighting"),),
        (("Home", "Textiles"),),
        (("Clothing", "Tops"),),
        (("Clothing", "Knitwear"),),
        (("Clothing", "Accessories"),),
        (("Outdoors", "Camping"),),
        (("Outdoors", "Garden"),),
    }


def test_barcodes_are_internal_numbers_with_a_right_check_digit(
    products: list[ParsedProduct],
) -> None:
    barcodes = [variant.barcode for product in products for variant in product.variants]

    assert len(set(barcodes)) == len(barcodes)
    for barcode in barcodes:
        digits = [int(digit) for digit in barcode]
        assert len(digits) == 13
        assert digits[0] == 2
        assert (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0
