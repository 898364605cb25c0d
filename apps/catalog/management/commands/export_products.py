"""`manage.py export_products products.csv --store acme`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from apps.catalog.exporting import FORMATS, Format, export_products
from apps.catalog.models import Vendor
from apps.common.context import StoreRef
from apps.tenancy.commands import StoreCommand


class Command(StoreCommand):
    """Export all products as our own CSV or JSON Lines, Shopify's CSV or WooCommerce's."""

    help = "Export all products to a file, or to standard output where the file is '-'."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and what is to be in it."""
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--format", choices=FORMATS, help="by the file's name, else native")
        parser.add_argument("--vendor", default="", metavar="SLUG", help="this vendor's alone")

    def handle_store(self, store: StoreRef, **options: Any) -> None:
        """Write the file. Raises CommandError, which exits 1."""
        vendor_id = self._vendor(options["vendor"])
        by_name: Format = "jsonl" if options["file"].endswith(".jsonl") else "native"
        chosen: Format = options["format"] or by_name
        pieces = export_products(chosen, vendor_id)
        if options["file"] == "-":
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            return
        try:
            with Path(options["file"]).open("wb") as file:
                for piece in pieces:
                    file.write(piece)
        except OSError as error:
            raise CommandError(f"{options['file']}: {error}") from error

    def _vendor(self, slug: str) -> UUID | None:
        if not slug:
            return None
        found = Vendor.objects.filter(slug=slug).values_list("id", flat=True).first()
        if found is None:
            raise CommandError(f"There is no vendor '{slug}'.")
        return found
