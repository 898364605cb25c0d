"""`manage.py migrate_stores`: bring public, the template and every store to the code's version."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.tenancy.services.migrate_stores import migrate_stores


class Command(BaseCommand):
    """Compares one version per store; a store that is up to date is not touched."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate and say what was behind."""
        behind = migrate_stores(lambda schema: self.stdout.write(f"migrating {schema}"))
        self.stdout.write(self.style.SUCCESS(f"{behind} stores migrated."))
