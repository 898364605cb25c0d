"""Whatever a file holds, the reader answers with products, row errors or a refusal."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.catalog.importing import ImportFileError, ParsedProduct, RowError, open_products

from . import read

pytestmark = pytest.mark.covers("CAT-16", "I-60")

HEADER = "sku,name,price\n"


@settings(deadline=None)
@given(
    st.sampled_from(
        [
            "sku,name,description,price,currency,inventory,handle,option1_name,option1_value\n",
            "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src\n",
            "ID,Type,SKU,Name,Regular price,Sale price,Parent,Grouped products,Stock\n",
        ]
    ),
    st.lists(
        st.lists(
            st.one_of(
                st.text(max_size=6),
                st.sampled_from(
                    [
                        "a",
                        "b",
                        "1",
                        "0.5",
                        "-1",
                        "id:1",
                        "variable",
                        "variation",
                        "grouped",
                        "simple",
                        "=x",
                        "'",
                        '"',
                        '"a"',
                        " ",
                        "\t",
                        "\x00",
                        "https://x.example/a b",
                    ]
                ),
            ),
            max_size=11,
        ),
        max_size=8,
    ),
)
def test_whatever_stands_in_the_rows_gives_products_errors_or_a_refusal(
    header: str, rows: list[list[str]]
) -> None:
    text = header + "\n".join(",".join(cells) for cells in rows)

    try:
        found = read(text)
    except ImportFileError as error:
        if error.code in ("bad_quotes", "unclosed_quote"):
            return
        raise

    lines = text.count("\n") + text.count("\r") + 1
    assert all(2 <= item.row <= lines for item in found)
    skus = [
        variant.sku
        for item in found
        if isinstance(item, ParsedProduct)
        for variant in item.variants
    ]
    assert len(set(skus)) == len(skus)
    assert "" not in skus


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_only_a_refusal_is_raised(data: bytes) -> None:
    for content in (data, HEADER.encode() + data, b"\xff\xfe" + data):
        with suppress(ImportFileError):
            read(content)


@pytest.mark.parametrize(
    "encoding", ["utf-7", "idna", "punycode", "unicode_escape", "cp037", "cp1252", "utf-16"]
)
def test_odd_encodings_end_in_a_refusal_or_an_error_too(encoding: str) -> None:
    content = b"sku,name,price\nA,M+2AE-\\udc00\xfc\x81,1\n"
    found: list[object] = []

    with suppress(ImportFileError):
        found += open_products(io.BytesIO(content), default_currency="USD", encoding=encoding)

    assert all(isinstance(item, RowError) for item in found)
