"""How much memory an import takes, however long the file is."""

from __future__ import annotations

import tracemalloc
from io import BytesIO

import pytest

from apps.catalog.models import Product
from apps.catalog.services import import_products as module
from apps.catalog.services.import_products import import_products
from apps.common.context import StoreRef


def _peak_megabytes(first: int, count: int) -> float:
    """The most memory in use at once while so many products come in."""
    rows = "".join(f"S{n},Product {n},{n % 90}.50,7\n" for n in range(first, first + count))
    file = BytesIO(("sku,name,price,inventory\n" + rows).encode())
    tracemalloc.start()
    try:
        assert import_products(file).created == count
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.covers("CAT-16", "I-60")
def test_four_times_the_rows_need_no_more_memory(
    store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 1_000)
    _peak_megabytes(0, 1_000)

    few = _peak_megabytes(1_000, 2_000)
    many = _peak_megabytes(3_000, 8_000)

    assert Product.objects.count() == 11_000
    assert many < few * 1.5 < 30
