"""`manage.py create_store acme --name "Acme"`: a store that serves at once."""

from __future__ import annotations

import json
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
        """All that a store can have; see docs/guides/operate-stores.md."""
        parser.add_argument("slug")
        parser.add_argument("--name", default="")
        parser.add_argument("--currency", default="USD")
        parser.add_argument("--domain", action="append", default=[], help="may be repeated")
        parser.add_argument("--locale", default="en", help="such as de-AT")
        parser.add_argument("--timezone", default="UTC", help="such as Europe/Vienna")
        parser.add_argument("--stripe-account", default="", help="acct_…")
        parser.add_argument("--sandbox", action="store_true", help="it never sells for real")
        for kind in ("setting", "branding"):
            parser.add_argument(
                f"--{kind}",
                action="append",
                default=[],
                metavar="KEY=VALUE",
                help="VALUE is JSON, or else a text; may be repeated",
            )
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
                locale=options["locale"],
                timezone=options["timezone"],
                stripe_account_id=options["stripe_account"],
                is_sandbox=options["sandbox"],
                settings=_pairs("setting", options["setting"]),
                branding=_pairs("branding", options["branding"]),
                owner=owner,
            )
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(self.style.SUCCESS(f"{store.slug} serves at {store.ref.domain}"))


def _pairs(kind: str, pairs: list[str]) -> dict[str, Any]:
    """`key=value` as a dictionary. Raises CommandError."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not key or not equals:
            raise CommandError(f"--{kind} takes KEY=VALUE, not '{pair}'.")
        try:
            found[key] = json.loads(text)
        except ValueError:
            found[key] = text
    return found
