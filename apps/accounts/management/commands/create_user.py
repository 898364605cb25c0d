"""`manage.py create_user --store acme --email ada@example.com --role admin`: a store's user."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from apps.accounts.roles import PLATFORM_ROLES, Role
from apps.accounts.services.create_user import create_user
from apps.common.context import StoreRef
from apps.tenancy.commands import StoreCommand


class Command(StoreCommand):
    """Create a user of a store with any of its roles."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Store, e-mail, password, role, names, vendor."""
        super().add_arguments(parser)
        parser.add_argument("--email", required=True)
        parser.add_argument(
            "--password", default="", help="or set USER_PASSWORD, which shells do not log"
        )
        roles = [role for role in Role.values if role not in PLATFORM_ROLES]
        parser.add_argument("--role", default=str(Role.CUSTOMER), choices=roles)
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--vendor", type=UUID, default=None, help="id, for vendors' users")

    def handle_store(self, store: StoreRef, **options: Any) -> None:
        """Create the user in the store. Exits 1 with the reason when that cannot be."""
        password = options["password"] or os.environ.get("USER_PASSWORD", "")
        if not password:
            raise CommandError("Give a password: --password or USER_PASSWORD.")
        user = create_user(
            email=options["email"],
            password=password,
            role=options["role"],
            first_name=options["first_name"],
            last_name=options["last_name"],
            vendor_id=options["vendor"],
        )
        self.stdout.write(
            self.style.SUCCESS(f"{user.email} may sign in at {store.slug} as {user.role}")
        )
