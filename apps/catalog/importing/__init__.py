"""Reads product CSV files of several shops into plain values. `open_products` is the door."""

from .reader import ProductReader, open_products
from .types import (
    ImportFileError,
    ParsedDownload,
    ParsedImage,
    ParsedProduct,
    ParsedVariant,
    RowError,
)

__all__ = [
    "ImportFileError",
    "ParsedDownload",
    "ParsedImage",
    "ParsedProduct",
    "ParsedVariant",
    "ProductReader",
    "RowError",
    "open_products",
]
