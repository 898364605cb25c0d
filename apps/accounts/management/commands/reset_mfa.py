"""`manage.py reset_mfa ada@example.com --store acme`: for who lost telephone and backup codes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from apps.accounts.errors import UserNotFound
from apps.accounts.models import User
from apps.accounts.services.remove_mfa import clear_mfa
from apps.common.context import StoreRef
from apps.common.errors import DomainError
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.commands import StoreCommand


class Command(StoreCommand):
    """Turn off the two-step sign-in of one user, where nobody is left who may do it in admin."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, and where."""
        parser.add_argument("email")
        parser.add_argument("--store", default="", metavar="SLUG", help="else an operator")

    def handle(self, *args: Any, **options: Any) -> None:
        """In the store, or in the public schema where none is named."""
        if options["store"]:
            super().handle(*args, **options)
            return
        try:
            with enter_store(PUBLIC):
                self.handle_store(PUBLIC, email=options["email"])
        except DomainError as error:
            raise CommandError(error.detail) from error

    def handle_store(self, store: StoreRef, **options: Any) -> None:
        """Turn it off. Exits 1 with the reason when that cannot be."""
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise UserNotFound
        clear_mfa(user_id=user.pk)
        self.stdout.write(self.style.SUCCESS(f"{user.email} signs in by password alone now"))
