"""`manage.py bootstrap`: what `make run` needs before it serves. Safe to run again.

Migrates, makes the demo store with the project's own catalog, and the first people: the demo
store's owner and the platform's operator, both with ADMIN_EMAIL and ADMIN_PASSWORD, or with a
password that is made up and printed once.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.facade import ensure_admin
from apps.common.errors import DomainError
from apps.common.stores import PUBLIC, all_stores, enter_store
from apps.tenancy.services.create_store import create_store
from apps.tenancy.services.migrate_stores import migrate_stores

DEMO_CATALOG = Path(__file__).resolve().parents[3] / "apps/catalog/demo/catalog.csv"
DEMO_SLUG = "demo"


class Command(BaseCommand):
    """Bring everything to the state in which the demo store sells."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is missing, and say what was done."""
        migrate_stores(lambda schema: self.stdout.write(f"Migrating {schema} ..."))
        if not any(store.slug == DEMO_SLUG for store in all_stores()):
            self.stdout.write("Making the demo store ...")
            create_store(slug=DEMO_SLUG, name="Demo Market", domains=("localhost",))
        demo = next(store for store in all_stores() if store.slug == DEMO_SLUG)
        # Importing again changes nothing, so a start that was cut short is simply completed.
        call_command("import_products", str(DEMO_CATALOG), store=DEMO_SLUG, verbosity=0)
        self._make_people(demo)

    def _make_people(self, demo: Any) -> None:
        email = os.environ.get("ADMIN_EMAIL") or "admin@example.com"
        given = os.environ.get("ADMIN_PASSWORD", "")
        password = given or f"Op-7-{secrets.token_urlsafe(12)}"
        made = False
        try:
            for place, role in ((demo, "owner"), (PUBLIC, "operator")):
                with enter_store(place):
                    made |= ensure_admin(
                        email=email, password=password, role=role, reset=bool(given)
                    )
        except DomainError as error:
            raise CommandError(f"ADMIN_EMAIL or ADMIN_PASSWORD: {error.detail}") from error
        if made and not given:
            self.stdout.write(self.style.SUCCESS(f"\nAdmin: {email}\nPassword: {password}"))
            self.stdout.write("Shown this once; ADMIN_EMAIL and ADMIN_PASSWORD set your own.\n")
