"""`manage.py rebuild_search --store acme`."""

from __future__ import annotations

from typing import Any

from apps.catalog.services.rebuild_search_terms import rebuild_search_terms
from apps.common.context import StoreRef
from apps.tenancy.commands import StoreCommand


class Command(StoreCommand):
    """Count the words of a store's products anew, and stem its synonyms in its language."""

    help = (
        "Rebuild the vocabulary of search from what is on show. Not needed in daily work: a task "
        "keeps it up to date. Products' own index is part of their documents."
    )

    def handle_store(self, store: StoreRef, **options: Any) -> None:
        """Rebuild and say how many words there are."""
        self.stdout.write(f"{rebuild_search_terms()} words")
