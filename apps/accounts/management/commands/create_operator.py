"""`manage.py create_operator ops@example.com`: somebody who runs the platform."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.roles import PLATFORM_ROLES, Role
from apps.accounts.services.create_user import create_user
from apps.common.errors import DomainError
from apps.common.stores import PUBLIC, enter_store


class Command(BaseCommand):
    """Create an operator in the public schema; stores have users of their own."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """E-mail, password, role."""
        parser.add_argument("email")
        parser.add_argument(
            "--password", default="", help="or set OPERATOR_PASSWORD, which shells do not log"
        )
        parser.add_argument("--role", default=str(Role.OPERATOR), choices=sorted(PLATFORM_ROLES))

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the operator. Exits 1 with the reason when that cannot be."""
        password = options["password"] or os.environ.get("OPERATOR_PASSWORD", "")
        if not password:
            raise CommandError("Give a password: --password or OPERATOR_PASSWORD.")
        try:
            with enter_store(PUBLIC):
                user = create_user(email=options["email"], password=password, role=options["role"])
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(self.style.SUCCESS(f"{user.email} may sign in as {user.role}"))
