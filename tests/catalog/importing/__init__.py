"""Tests of the CSV readers speak through `open_products` only."""

from __future__ import annotations

import io

import pytest

from apps.catalog.importing import ImportFileError, ParsedProduct, RowError, open_products


def read(
    text: str | bytes,
    *,
    currency: str = "USD",
    dialect: str | None = None,
    encoding: str | None = None,
) -> list[ParsedProduct | RowError]:
    """Everything that a file with this content yields."""
    data = text.encode() if isinstance(text, str) else text
    return list(
        open_products(
            io.BytesIO(data), default_currency=currency, dialect=dialect, encoding=encoding
        )
    )


def read_products(text: str | bytes, *, currency: str = "USD") -> list[ParsedProduct]:
    """The products of a file that has no errors."""
    found = read(text, currency=currency)
    assert [item for item in found if isinstance(item, RowError)] == []
    return [item for item in found if isinstance(item, ParsedProduct)]


def read_one(text: str | bytes, *, currency: str = "USD") -> ParsedProduct:
    """The only product of a file that has no errors."""
    (product,) = read_products(text, currency=currency)
    return product


def read_errors(text: str | bytes, *, currency: str = "USD") -> list[tuple[int, str, str]]:
    """Row, column and code of every error."""
    return [
        (item.row, item.column, item.code)
        for item in read(text, currency=currency)
        if isinstance(item, RowError)
    ]


def refusal(
    data: str | bytes, *, dialect: str | None = None, encoding: str | None = None
) -> ImportFileError:
    """The error that a file as a whole is refused with."""
    with pytest.raises(ImportFileError) as caught:
        read(data, dialect=dialect, encoding=encoding)
    return caught.value
