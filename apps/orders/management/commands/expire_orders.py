"""`manage.py expire_orders --store acme`: cancel what was not paid in time, now."""

from __future__ import annotations

from typing import Any

from apps.common.context import StoreRef
from apps.orders.services.expire_orders import expire_orders
from apps.tenancy.commands import StoreCommand


class Command(StoreCommand):
    """Cancels overdue unpaid orders of one store; prints how many."""

    help = "Cancel unpaid orders past their time and give their stock back."

    def handle_store(self, store: StoreRef, **options: Any) -> None:
        """Run until nothing overdue is left that nobody works on."""
        total = 0
        while cancelled := expire_orders():
            total += cancelled
        self.stdout.write(f"Cancelled {total} overdue order(s) in {store.slug}.")
