"""`manage.py check_stock --store S`: does the ledger still explain every unit? (I-06)"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from apps.common.context import StoreRef
from apps.inventory.audit import find_differences
from apps.tenancy.commands import StoreCommand


class Command(StoreCommand):
    """Compares levels with the ledger and with what reservations hold."""

    help = "Check that levels equal the sum of the ledger and of what orders hold."

    def handle_store(self, store: StoreRef, **options: Any) -> None:
        """Print every difference; exit with 1 when there is one."""
        differences = find_differences()
        for row in differences:
            place = f"{row.sku} in {row.warehouse}" if row.warehouse else row.sku
            self.stdout.write(f"{place}: {row.what} is {row.level}, {row.source} {row.expected}")
        if differences:
            raise CommandError(f"{len(differences)} differences in the stock of {store.slug}.")
        self.stdout.write(f"The stock of {store.slug} is consistent.")
