"""`manage.py check_stock --store S`: does the ledger still explain every unit? (I-06)"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from apps.common.context import StoreRef
from apps.inventory.audit import find_differences
from apps.inventory.metrics import note_check
from apps.inventory.services.repair_stock import repair_stock
from apps.tenancy.commands import StoreCommand


class Command(StoreCommand):
    """Compares levels with the ledger and with what reservations hold; repairs what it is told to.

    What it finds is what `/metrics` tells from then on.
    """

    help = "Check that levels equal the sum of the ledger and of what orders hold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add `--repair`."""
        super().add_arguments(parser)
        parser.add_argument(
            "--repair",
            action="store_true",
            help="Put every difference right, with a line in the ledger for each.",
        )

    def handle_store(self, store: StoreRef, *, repair: bool = False, **options: Any) -> None:
        """Print every repair and every difference left; exit with 1 when there is one."""
        for done in repair_stock() if repair else []:
            place = _place(done.sku, done.warehouse)
            self.stdout.write(f"{place}: {done.what} {done.before} -> {done.after}, {done.why}")
        differences = find_differences()
        note_check(store.slug, len(differences))
        for row in differences:
            place = _place(row.sku, row.warehouse)
            self.stdout.write(f"{place}: {row.what} is {row.level}, {row.source} {row.expected}")
        if differences:
            raise CommandError(f"{len(differences)} differences in the stock of {store.slug}.")
        self.stdout.write(f"The stock of {store.slug} is consistent.")


def _place(sku: str, warehouse: str) -> str:
    return f"{sku} in {warehouse}" if warehouse else sku
