"""`manage.py expire_campaigns --store S`: what beat does every half minute, now (GRP-08)."""

from __future__ import annotations

from typing import Any

from apps.common.context import StoreRef
from apps.group_commerce.services.advance_campaign import advance_campaigns
from apps.tenancy.commands import StoreCommand


class Command(StoreCommand):
    """Begins, closes and expires due campaigns."""

    help = "Begin scheduled campaigns whose time has come, close and expire those that are over."

    def handle_store(self, store: StoreRef, **options: Any) -> None:
        """Say how many moved."""
        self.stdout.write(f"{advance_campaigns()} campaigns moved in {store.slug}.")
