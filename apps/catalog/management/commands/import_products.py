"""`manage.py import_products products.csv --store acme`."""

from __future__ import annotations

import gc
import sys
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from apps.catalog.importing import ImportFileError
from apps.catalog.services.import_products import ImportReport, import_products
from apps.catalog.services.run_import import keep_report
from apps.common.context import StoreRef
from apps.common.money import MoneyError
from apps.tenancy.commands import StoreCommand


class Command(StoreCommand):
    """Import products from a CSV file: FusionCommerce's own, Shopify's or WooCommerce's."""

    help = (
        "Import products from a CSV file. Products that are there are changed, and running the "
        "same file again changes nothing. Exits 1 when the file cannot be read, when nothing "
        "could be imported, or when --on-error=abort met an error."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and how to take it."""
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--dialect", choices=["native", "shopify", "woocommerce"], help="found out by itself"
        )
        parser.add_argument("--encoding", help="UTF-8 unless the file says otherwise")
        parser.add_argument(
            "--currency", default="", help="of prices without one; the store's own if not given"
        )
        parser.add_argument("--vendor", default="", metavar="SLUG", help="whose products these are")
        parser.add_argument(
            "--on-error",
            choices=["skip", "abort"],
            default="skip",
            help="keep the good products, or write nothing at all",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="do everything, report, and roll it back"
        )
        parser.add_argument("--limit-errors", type=int, default=100, metavar="N", help="to list")

    def handle_store(self, store: StoreRef, **options: Any) -> None:
        """Import and report. Raises CommandError, which exits 1."""
        path = Path(options["file"])
        # Walking what lives on anyway, over and over, would cost a third of the import: what the
        # process started with is walked no more, and a batch not at every 700 of its rows.
        gc.freeze()
        gc.set_threshold(50_000)
        try:
            report = self._import(path, options)
        except (OSError, LookupError) as error:
            raise CommandError(f"{path}: {error}") from error
        except ImportFileError as error:
            where = f"line {error.row}: " if error.row else ""
            raise CommandError(f"{path}: {where}{error.detail}") from error
        except MoneyError as error:
            raise CommandError(f"--currency: {error.detail}") from error
        if report.written and not options["dry_run"]:
            keep_report(report, file_name=path.name)
        self._tell(report, options)

    def _import(self, path: Path, options: dict[str, Any]) -> ImportReport:
        with tqdm(
            total=path.stat().st_size,
            unit="B",
            unit_scale=True,
            desc=path.name,
            disable=not sys.stderr.isatty(),
        ) as bar:
            return import_products(
                path,
                dialect=options["dialect"],
                encoding=options["encoding"],
                currency=options["currency"].upper(),
                vendor=options["vendor"],
                on_error=options["on_error"],
                dry_run=options["dry_run"],
                limit_errors=options["limit_errors"],
                progress=partial(_show, bar),
            )

    def _tell(self, report: ImportReport, options: dict[str, Any]) -> None:
        for error in report.errors:
            column = f", column {error.column}" if error.column else ""
            self.stderr.write(f"line {error.row}{column}: {error.detail}")
        if report.error_count > len(report.errors):
            self.stderr.write(f"… and {report.error_count - len(report.errors)} more errors")
        self.stdout.write(
            f"{report.created} products created, {report.updated} updated, "
            f"{report.unchanged} unchanged; {report.variants} variants, {report.images} images; "
            f"{report.error_count} errors; {report.seconds:.1f} s"
        )
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")
        elif not report.written:
            raise CommandError("Nothing was written because of the errors above.")
        if report.unreadable:
            raise CommandError("The file could not be read to its end.")
        if report.error_count and not report.created + report.updated + report.unchanged:
            raise CommandError("Nothing could be imported.")


def _show(bar: Any, read: int) -> None:
    """Move the progress bar to the bytes read so far."""
    bar.update(read - bar.n)
