"""Put new products of an import on show, while the import goes on."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Final
from uuid import UUID

from django.db import connections, transaction

from apps.catalog.locks import hold_products
from apps.catalog.services.write_documents import write_documents
from apps.catalog.storefront import bump_on_commit
from apps.events.contracts import ProductsImported
from apps.events.facade import run_inline

# The subscriber that an import works for itself.
SHOW: Final = "catalog.show_imported"


def show_products(product_ids: Sequence[UUID]) -> None:
    """Write the documents of these products as they are now, none of one that is gone. ADR 16.

    Locks the products.
    """
    with transaction.atomic():
        hold_products(product_ids)
        write_documents(product_ids)
        bump_on_commit()


class Shower:
    """Works what `ProductsImported` owes in a thread and connection of its own.

    A kill loses nothing: the delivery's lease runs out, and a worker shows the products.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="show")
        self._running: Future[bool] | None = None

    def show(self, event: ProductsImported, event_id: UUID) -> None:
        """After the commit that published the event. Waits for the one before, and returns."""
        self.wait()
        self._running = self._threads.submit(copy_context().run, run_inline, event, event_id, SHOW)

    def wait(self) -> None:
        """Until everything is on show that this was given, or is left to a worker."""
        if self._running is not None:
            running, self._running = self._running, None
            running.result()

    def close(self) -> None:
        """Wait, and give the connection back."""
        try:
            self.wait()
        finally:
            self._threads.submit(connections.close_all).result()
            self._threads.shutdown()
