"""Reads product files of several shops into plain values. `open_products` is the door."""

from .reader import LevelReader, ProductReader, open_levels, open_products
from .refused import refused_rows
from .types import (
    ImportFileError,
    ParsedDownload,
    ParsedImage,
    ParsedLevel,
    ParsedPrice,
    ParsedProduct,
    ParsedVariant,
    ProductExtra,
    RowError,
    VariantExtra,
)

__all__ = [
    "ImportFileError",
    "LevelReader",
    "ParsedDownload",
    "ParsedImage",
    "ParsedLevel",
    "ParsedPrice",
    "ParsedProduct",
    "ParsedVariant",
    "ProductExtra",
    "ProductReader",
    "RowError",
    "VariantExtra",
    "open_levels",
    "open_products",
    "refused_rows",
]
