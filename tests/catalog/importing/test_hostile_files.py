"""Files that are no CSV, are broken, or written by another spreadsheet than one hoped."""

from __future__ import annotations

import io

import pytest

from apps.catalog.importing import ImportFileError, ParsedProduct, RowError, open_products
from apps.common.money import MoneyError

from . import read, read_errors, read_one, read_products, refusal

pytestmark = pytest.mark.covers("CAT-16", "I-60")

HEADER = "sku,name,price\n"
GOOD = HEADER + "A,Müg,1\n"


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_files_are_read_whatever_their_byte_order_mark(encoding: str) -> None:
    assert read_one(GOOD.encode(encoding)).name == "Müg"


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_both_byte_orders_of_utf_16_are_read(order: str) -> None:
    assert read_one(("\ufeff" + GOOD).encode(order)).name == "Müg"


def test_a_latin_file_is_refused_with_line_and_byte_and_what_to_do() -> None:
    error = refusal(GOOD.encode("latin-1"))

    assert (error.code, error.row) == ("undecodable", 2)
    assert error.detail == (
        "Line 2 is not utf-8 (byte 18: invalid start byte). Save the file as UTF-8, or pass "
        "--encoding, for example --encoding cp1252."
    )


def test_the_undecodable_line_is_found_far_down_and_after_a_mark_too() -> None:
    filler = "".join(f"S{number},Mug,1\n" for number in range(5000))

    error = refusal(b"\xef\xbb\xbf" + (HEADER + filler).encode() + b"X,M\xfcg,1\n")

    assert (error.code, error.row) == ("undecodable", 5002)
    assert f"byte {3 + len(HEADER) + len(filler) + 3}:" in error.detail


def test_a_latin_file_is_read_when_its_encoding_is_passed() -> None:
    stream = io.BytesIO(GOOD.encode("cp1252"))

    (product,) = open_products(stream, default_currency="USD", encoding="cp1252")

    assert isinstance(product, ParsedProduct)
    assert product.name == "Müg"


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "base64"])
def test_an_encoding_that_is_none_is_refused(encoding: str) -> None:
    assert refusal(GOOD, encoding=encoding).code == "unknown_encoding"


def test_utf_16_without_a_mark_is_told_apart() -> None:
    error = refusal(HEADER.encode("utf-16-le"))

    assert error.code == "not_csv"
    assert "--encoding utf-16-le" in error.detail


# Not a CSV at all


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", "  \r\n"])
def test_an_empty_file_is_refused(content: str) -> None:
    assert refusal(content).code == "empty_file"


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04rest of a spreadsheet",
        b"\xd0\xcf\x11\xe0\xa1\xb1",
        b"%PDF-1.7",
        b"\x1f\x8b\x08\x00",
        b"<!doctype html><html>",
        b'[{"sku": "A"}]',
        b'\xef\xbb\xbf [{"sku": "A"}]',
    ],
)
def test_other_formats_are_refused_by_name(content: bytes) -> None:
    assert refusal(content).code == "not_csv"


def test_a_header_alone_has_no_products() -> None:
    assert read(HEADER) == []


def test_a_header_that_no_shop_writes_is_refused() -> None:
    error = refusal("first name,last name\nA,B\n")

    assert (error.code, error.row) == ("unknown_dialect", 1)
    assert "first name, last name" in error.detail


def test_a_dialect_may_be_given_but_must_exist() -> None:
    assert refusal(GOOD, dialect="magento").code == "unknown_dialect"
    assert refusal(GOOD, dialect="shopify").code == "missing_column"


def test_a_default_currency_that_is_none_is_refused() -> None:
    with pytest.raises(MoneyError):
        open_products(io.BytesIO(b""), default_currency="QQQ")


# Headers and separators


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_in_the_header(separator: str) -> None:
    lines = (("sku", '"name"', "price"), ("A", '"one, two; three"', "1"))

    text = "".join(separator.join(cells) + "\n" for cells in lines)

    assert read_one(text).name == "one, two; three"


def test_the_line_by_which_spreadsheets_name_the_separator_is_no_header() -> None:
    (error,) = read("sep=;\r\nsku;name;price\r\nA;;1\r\n")

    assert isinstance(error, RowError)
    assert (error.row, error.code) == (3, "name_missing")


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("sku,name,price,Price", "Price"),
        ("sku,name,price,handle,slug", "slug"),
        ("Handle,Title,Price,Variant Price", "Variant Price"),
    ],
)
def test_two_columns_for_one_thing_are_refused(header: str, column: str) -> None:
    error = refusal(header + "\n")

    assert (error.code, error.column) == ("duplicate_column", column)


def test_unknown_columns_may_repeat() -> None:
    assert read_one("sku,name,price,note,note,,\nA,Mug,1,x,y,,\n").name == "Mug"


# Rows


def test_rows_are_numbered_as_an_editor_does() -> None:
    text = (
        '"sku","name","description","price"\r\n'
        'A,Mug,"two\r\nlines",1\r\n'
        "\r\n"
        ",,,\r\n"
        "   \r\n"
        'B,,"three\n\nlines",1\r\n'
        "C,,,1\r\n"
    )

    assert read_errors(text) == [(7, "name", "name_missing"), (10, "name", "name_missing")]


def test_a_short_row_has_blank_cells_at_its_end() -> None:
    product = read_one("sku,name,price,inventory,vendor\nA,Mug,1\n")

    assert (product.vendor, product.variants[0].inventory) == ("", None)


def test_a_long_row_is_refused_unless_what_is_too_much_is_blank() -> None:
    assert read_one(HEADER + "A,Mug,1,,  ,\n").name == "Mug"
    assert read_errors(HEADER + "A,Mug,1,,x\n") == [(2, "", "too_many_cells")]


def test_a_quote_that_is_never_closed_is_refused_by_line() -> None:
    error = refusal(HEADER + 'A,Mug,1\nB,"Cup,1\nC,Jug,1\n')

    assert (error.code, error.row) == ("unclosed_quote", 3)


def test_a_quote_inside_a_quoted_cell_must_be_doubled() -> None:
    assert read_one(HEADER + 'A,"12"" plate",1\n').name == '12" plate'

    error = refusal(HEADER + 'A,Mug,1\nB,"12" plate",1\n')

    assert (error.code, error.row) == ("bad_quotes", 3)


def test_products_before_the_fault_have_been_handed_out() -> None:
    reader = open_products(
        io.BytesIO(f'{HEADER}A,Mug,1\nC,Cup,1\nB,"Jug,1\n'.encode()), default_currency="USD"
    )

    first = next(reader)

    assert isinstance(first, ParsedProduct)
    with pytest.raises(ImportFileError):
        list(reader)


def test_a_padded_and_quoted_cell_is_read_as_if_it_were_not_padded() -> None:
    assert read_one('sku, name, price\nA, "Mug, blue", 1\n').name == "Mug, blue"


def test_carriage_returns_alone_end_lines_too() -> None:
    assert [
        item.name for item in read_products(HEADER.replace("\n", "\r") + "A,Mug,1\rB,Cup,2\r")
    ] == [
        "Mug",
        "Cup",
    ]
