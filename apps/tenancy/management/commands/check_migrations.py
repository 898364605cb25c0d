"""`manage.py check_migrations`: would a pending migration hold a strong lock on a big table?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.tenancy.migration_linter import lint_pending
from apps.tenancy.services.migrate_stores import stores_behind


class Command(BaseCommand):
    """Reads what public and the stores still lack, and changes nothing. Exits 1 on a finding."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How strict to be."""
        parser.add_argument(
            "--every-table",
            action="store_true",
            help="count every table as big, not only those above BIG_TABLE_ROWS",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was found."""
        findings = lint_pending(stores_behind(), every_table=options["every_table"])
        for finding in findings:
            self.stdout.write(str(finding))
        if findings:
            raise CommandError(
                f"{len(findings)} statements would keep a store from being served. Change them, "
                'or say in the migration why they are right: lock_ok = "…".'
            )
        self.stdout.write(self.style.SUCCESS("No pending migration holds a strong lock for long."))
