"""Base of the commands that work in one store."""

from __future__ import annotations

from abc import ABC, abstractmethod
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.common.context import StoreRef
from apps.common.errors import DomainError
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.models import Store


class StoreCommand(BaseCommand, ABC):
    """Takes `--store SLUG`, enters the store and calls `handle_store` inside it.

    A DomainError becomes one line and exit code 1.
    """

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add `--store`; subclasses add theirs after calling this."""
        parser.add_argument("--store", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find and enter the store."""
        slug = options.pop("store")
        with enter_store(PUBLIC):
            store = Store.objects.filter(slug=slug).prefetch_related("domains").first()
        if store is None:
            raise CommandError(f"There is no store '{slug}'. Create it: manage.py create_store.")
        try:
            with enter_store(store.ref) as ref:
                self.handle_store(ref, **options)
        except DomainError as error:
            raise CommandError(error.detail) from error

    @abstractmethod
    def handle_store(self, store: StoreRef, **options: Any) -> None:
        """Do the work, inside the store."""
