"""`manage.py rotate_signing_key --store acme`: sign tokens with a new key."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from apps.accounts.services.rotate_signing_key import rotate_signing_key
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, all_stores, enter_store
from apps.tenancy.commands import StoreCommand


class Command(StoreCommand):
    """Rotate one store's key, or everybody's; `platform` is the operators' host."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which stores, and how urgent it is."""
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--store", metavar="SLUG")
        where.add_argument("--all", action="store_true", help="every serving store, and platform")
        parser.add_argument(
            "--compromised",
            action="store_true",
            help="the keys became known: stop every token now, everybody signs in again",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate. Exits 1 for a store that does not exist."""
        everywhere = options.pop("all")
        if not everywhere and options["store"] != PUBLIC.slug:
            super().handle(*args, **options)
            return
        options.pop("store")
        for store in [PUBLIC, *all_stores()] if everywhere else [PUBLIC]:
            with enter_store(store) as ref:
                self.handle_store(ref, **options)

    def handle_store(self, store: StoreRef, **options: Any) -> None:
        """Rotate the store's key."""
        kid = rotate_signing_key(compromised=options["compromised"])
        self.stdout.write(self.style.SUCCESS(f"{store.slug} signs with {kid}"))
