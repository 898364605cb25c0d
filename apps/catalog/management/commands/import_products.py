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
from apps.catalog.importing.dialects import NAMES
from apps.catalog.services.import_products import MATCHES, ImportReport, import_products
from apps.catalog.services.import_refusals import Refusals
from apps.catalog.services.run_import import keep_report
from apps.common.context import StoreRef
from apps.common.money import MoneyError
from apps.tenancy.commands import StoreCommand


class Command(StoreCommand):
    """Import products: our own CSV or JSON Lines, Shopify's CSV or WooCommerce's."""

    help = (
        "Import products from a CSV or JSON Lines file. Products that are there are changed, and "
        "running the same file again changes nothing. Exits 1 when the file cannot be read, when "
        "nothing could be imported, or when --on-error=abort met an error."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and how to take it."""
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--dialect", choices=NAMES, help="found out by itself")
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
            "--match", choices=MATCHES, default="", help="what products are known by"
        )
        parser.add_argument(
            "--only",
            choices=["prices", "stock", "prices,stock"],
            default="",
            help="take nothing else, for SKUs that are there",
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="THEIRS=OURS",
            help="which of our columns a column of the file is; may be repeated",
        )
        parser.add_argument(
            "--failed", metavar="FILE", help="write the refused rows there, to be mended"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="do everything, report, and roll it back"
        )
        parser.add_argument("--limit-errors", type=int, default=100, metavar="N", help="to list")

    def handle_store(self, store: StoreRef, **options: Any) -> None:
        """Import and report. Raises CommandError, which exits 1."""
        path = Path(options["file"])
        self._refusals = Refusals()
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
        if options["failed"]:
            self._write_failed(path, report, options)
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
                match=options["match"],
                only=options["only"],
                mapping=_mapping(options["map"]),
                watcher=self._refusals if options["failed"] else None,
                limit_errors=options["limit_errors"],
                progress=partial(_show, bar),
            )

    def _write_failed(self, path: Path, report: ImportReport, options: dict[str, Any]) -> None:
        try:
            with Path(options["failed"]).open("wb") as out:
                self._refusals.write(
                    path, out, report, {**options, "mapping": _mapping(options["map"])}
                )
        except OSError as error:
            raise CommandError(f"--failed {options['failed']}: {error}") from error

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


def _mapping(pairs: list[str]) -> dict[str, str]:
    """`["Article=sku"]` as a dictionary. Raises CommandError."""
    for pair in pairs:
        if "=" not in pair:
            raise CommandError(f"--map {pair}: write THEIRS=OURS.")
    return {theirs: ours for theirs, _, ours in (pair.rpartition("=") for pair in pairs)}


def _show(bar: Any, read: int) -> None:
    """Move the progress bar to the bytes read so far."""
    bar.update(read - bar.n)
