"""`manage.py migrate_stores`: bring public, the template and every store to the code's version."""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.tenancy.errors import MigrationRefused
from apps.tenancy.migration_workers import in_parallel
from apps.tenancy.services.migrate_stores import (
    Report,
    migrate_stores,
    one_by_one,
    stores_behind,
)


class Command(BaseCommand):
    """Compares one version per store; a store that is up to date is not touched.

    Exits 1 when the canary or any store fails, and when it refuses to begin. Run it again: it
    goes on where it stopped.
    """

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to migrate, in which order, how many at a time."""
        cores = os.cpu_count() or 1
        parser.add_argument("--parallel", type=int, default=min(cores, 8), metavar="N")
        parser.add_argument(
            "--canary", default="", metavar="SLUG", help="goes first; else a sandbox, else by slug"
        )
        parser.add_argument("--store", default="", metavar="SLUG", help="only this one")
        parser.add_argument(
            "--keep-going", action="store_true", help="try the others after one has failed"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what is behind, and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate and say what was behind."""
        if options["parallel"] < 1:
            raise CommandError("--parallel is 1 or more.")
        try:
            behind = stores_behind(options["store"])
            if options["dry_run"]:
                self._list([store.slug for store in behind])
                return
            report = self._migrate(len(behind), options)
        except MigrationRefused as error:
            raise CommandError(str(error)) from error
        self._sum_up(report)

    def _list(self, slugs: list[str]) -> None:
        for slug in slugs:
            self.stdout.write(slug)
        self.stdout.write(f"{len(slugs)} stores are behind; nothing was migrated.")

    def _migrate(self, count: int, options: dict[str, Any]) -> Report:
        shown = options["verbosity"] > 0 and sys.stderr.isatty()
        # Worker processes take a second to start; a handful of stores is sooner done here.
        alone = options["parallel"] == 1 or count <= 2
        started = time.monotonic()
        with tqdm(total=count, unit="store", disable=not shown, file=sys.stderr) as bar:

            def tell(name: str) -> None:
                bar.set_postfix_str(name)
                if not shown and options["verbosity"] > 0:
                    self.stdout.write(f"migrating {name}")
                elif name not in {"public", "store_template"}:
                    bar.update()

            report = migrate_stores(
                tell,
                canary=options["canary"],
                only=options["store"],
                keep_going=options["keep_going"],
                runner=one_by_one if alone else in_parallel(options["parallel"]),
            )
        self.seconds = time.monotonic() - started
        return report

    def _sum_up(self, report: Report) -> None:
        told = f"{len(report.migrated)} stores migrated in {self.seconds:.1f} s."
        if not report.failed:
            self.stdout.write(self.style.SUCCESS(told))
            return
        self.stdout.write(told)
        for slug, problem in sorted(report.failed.items()):
            self.stderr.write(f"{slug}: {problem}")
        raise CommandError(
            f"{len(report.failed)} stores failed, {report.left} were not begun. "
            "What is migrated stays so; mend the cause and run it again."
        )
