"""Make the pictures of a restored store right."""

from __future__ import annotations

from apps.catalog.services.refresh_documents import refresh_documents
from apps.tenancy.provisioning import Restored


def settle_media(restored: Restored) -> None:
    """A clone is another store, so the addresses of its pictures are others: its documents tell
    the first store's, and are written anew. In the transaction that fills the clone's schema.
    """
    if restored.way == "clone":
        refresh_documents(every=True)
