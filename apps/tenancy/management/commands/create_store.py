"""`manage.py create_store acme --name "Acme"`: a store that serves at once."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.common.errors import DomainError
from apps.tenancy.provisioning import Owner
from apps.tenancy.services.create_store import create_store


class Command(BaseCommand):
    """Create a store with its schema, host name and, if asked, its owner."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Slug, name, currency, further domains, owner."""
        parser.add_argument("slug")
        parser.add_argument("--name", default="")
        parser.add_argument("--currency", default="USD")
        parser.add_argument("--domain", action="append", default=[], help="may be repeated")
        parser.add_argument("--owner-email", default="")
        parser.add_argument(
            "--owner-password", default="", help="or set OWNER_PASSWORD, which shells do not log"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Create it and print its host. Exits 1 with the reason when it cannot be."""
        password = options["owner_password"] or os.environ.get("OWNER_PASSWORD", "")
        owner = None
        if options["owner_email"]:
            if not password:
                raise CommandError("Give the owner a password: --owner-password or OWNER_PASSWORD.")
            owner = Owner(email=options["owner_email"], password=password)
        try:
            store = create_store(
                slug=options["slug"],
                name=options["name"] or options["slug"].replace("-", " ").title(),
                currency=options["currency"].upper(),
                domains=tuple(options["domain"]),
                owner=owner,
            )
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(self.style.SUCCESS(f"{store.slug} serves at {store.ref.domain}"))
