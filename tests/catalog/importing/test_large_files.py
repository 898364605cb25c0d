"""Files too large to hold in memory, and streams of every sort."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apps.catalog.importing import ImportFileError, ParsedProduct, RowError, open_products

from . import refusal

pytestmark = pytest.mark.covers("CAT-16", "I-60")

HEADER = "sku,name,price\n"


class Pipe(io.RawIOBase):
    """A stream that can neither seek nor say how long it is."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        taken, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


def peak_mebibytes(work: Callable[[], object]) -> float:
    """The most memory that was in use at once."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def test_a_cell_of_20_megabytes_is_refused_before_it_fills_the_memory() -> None:
    def chunks() -> Iterator[bytes]:
        yield HEADER.encode() + b'A,"'
        for _ in range(20):
            yield b"x" * 2**20
        yield b'",1\n'

    def work() -> None:
        with pytest.raises(ImportFileError) as caught:
            list(open_products(Pipe(chunks()), default_currency="USD"))  # type: ignore[arg-type]
        assert (caught.value.code, caught.value.row) == ("field_too_large", 2)

    assert peak_mebibytes(work) < 30


def test_a_quote_left_open_over_millions_of_lines_is_refused_early() -> None:
    error = refusal(HEADER + 'A,Mug,1\nB,"Cup,1\n' + "C,Jug,1\n" * 500_000)

    assert (error.code, error.row) == ("field_too_large", 3)


def test_endless_cells_in_one_record_are_refused() -> None:
    error = refusal(HEADER + ("x" * 1000 + ",") * 5000)

    assert (error.code, error.row) == ("field_too_large", 2)


def native_rows() -> Iterator[bytes]:
    yield b"sku,name,price,currency,inventory\n"
    for number in range(100_000):
        yield f"SKU-{number},Product {number},{number % 900}.50,USD,{number % 90}\n".encode()


def shopify_rows() -> Iterator[bytes]:
    yield b"Handle,Title,Option1 Name,Option1 Value,Variant Price\n"
    for number in range(100_000):
        title = f"Shirt {number}" if number % 4 == 0 else ""
        yield f"shirt-{number // 4},{title},Size,{number % 4},12.50\n".encode()


def woocommerce_rows() -> Iterator[bytes]:
    yield b"Type,SKU,Name,Regular price,Parent,Attribute 1 name,Attribute 1 value(s)\n"
    for number in range(100_000):
        family = number // 4
        if number % 4 == 0:
            yield f"variable,tee-{family},Tee {family},,,Size,\n".encode()
        else:
            yield f"variation,,,12.50,tee-{family},Size,{number % 4}\n".encode()


@pytest.mark.parametrize(
    ("rows", "products", "variants"),
    [
        (native_rows, 100_000, 100_000),
        (shopify_rows, 25_000, 100_000),
        (woocommerce_rows, 25_000, 75_000),
    ],
)
def test_100000_rows_need_little_memory(
    rows: Callable[[], Iterator[bytes]], products: int, variants: int
) -> None:
    found = [0, 0]

    def work() -> None:
        for product in open_products(Pipe(rows()), default_currency="USD"):  # type: ignore[arg-type]
            assert isinstance(product, ParsedProduct)
            found[0] += 1
            found[1] += len(product.variants)

    assert peak_mebibytes(work) < 30
    assert found == [products, variants]


@pytest.mark.covers("I5")
@pytest.mark.parametrize(("price", "faults"), [("1", 0), ("cheap", 5_000)])
def test_100000_rows_of_one_product_need_little_memory(price: str, faults: int) -> None:
    def rows() -> Iterator[bytes]:
        yield b"handle,name,sku,price,option1_name,option1_value\n"
        for number in range(100_000):
            yield f"tee,Tee,S{number},{price},Size,{number}\n".encode()

    found: list[object] = []

    def work() -> None:
        found.extend(open_products(Pipe(rows()), default_currency="USD"))  # type: ignore[arg-type]

    assert peak_mebibytes(work) < 30
    assert len([item for item in found if isinstance(item, RowError)]) == faults
    # One more than a product may have, so that it is refused.
    assert [len(item.variants) for item in found if isinstance(item, ParsedProduct)] == (
        [] if faults else [2_001]
    )


def test_progress_grows_to_the_size_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "catalog.csv"
    path.write_bytes(b"\xef\xbb\xbf" + b"".join(woocommerce_rows())[:200_000].rpartition(b"\n")[0])
    seen: list[int] = []

    for _ in open_products(path, default_currency="USD", progress=seen.append):
        pass

    assert seen == sorted(set(seen))
    assert len(seen) > 10
    assert seen[-1] == path.stat().st_size


def test_a_stream_is_read_from_where_it_stands_and_left_open() -> None:
    stream = io.BytesIO(b"preamble" + (HEADER + "A,Mug,1\n").encode())
    stream.seek(8)

    assert len(list(open_products(stream, default_currency="USD"))) == 1
    assert not stream.closed


def test_the_reader_says_what_it_found_the_file_to_be(tmp_path: Path) -> None:
    path = tmp_path / "catalog.csv"
    path.write_text("Type;SKU;Name;Regular price\n", encoding="utf-16")

    reader = open_products(str(path), default_currency="USD")

    assert (reader.dialect, reader.delimiter, reader.encoding) == ("woocommerce", ";", "utf-16-le")
    reader.close()
