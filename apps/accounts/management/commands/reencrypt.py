"""`manage.py reencrypt`: after a new key was put in front of ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.services.reencrypt import reencrypt
from apps.common.crypto import DecryptionError
from apps.common.stores import PUBLIC, all_stores, enter_store


class Command(BaseCommand):
    """Rewrites what older keys encrypted, in the platform and in every store."""

    help = "Encrypt secrets at rest anew with the newest of ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Visit every schema; a value that no key reads is one line and exit code 1."""
        for store in [PUBLIC, *all_stores()]:
            with enter_store(store):
                try:
                    count = reencrypt()
                except DecryptionError as error:
                    raise CommandError(f"{store.slug}: {error}") from error
            if count:
                self.stdout.write(f"{store.slug}: {count} values rewritten")
        self.stdout.write("Everything is written with the newest key: the others may go.")
