"""`manage.py refresh_documents --store acme`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from apps.catalog.services.refresh_documents import refresh_documents
from apps.common.context import StoreRef
from apps.tenancy.commands import StoreCommand


class Command(StoreCommand):
    """Write what shoppers read anew, where older code wrote it or it is missing."""

    help = (
        "Write the documents that shoppers read anew, where an older release wrote them or they "
        "are missing. Migrations do it by themselves. Safe to repeat and to interrupt."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which ones."""
        super().add_arguments(parser)
        parser.add_argument("--all", action="store_true", help="every document")

    def handle_store(self, store: StoreRef, **options: Any) -> None:
        """Write and tell how many."""
        written = refresh_documents(every=options["all"])
        self.stdout.write(f"{written} documents written")
