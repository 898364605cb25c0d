"""Writes the catalog as files that importing reads back. `export_products` is the door."""

from .writer import FORMATS, Format, export_products

__all__ = ["FORMATS", "Format", "export_products"]
