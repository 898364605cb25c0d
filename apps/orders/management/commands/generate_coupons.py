"""`manage.py generate_coupons --store acme SUMMER --count 500`: new codes, one a line."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from apps.common.context import StoreRef
from apps.common.errors import DomainError
from apps.orders.services.generate_coupons import generate_coupons
from apps.tenancy.commands import StoreCommand


class Command(StoreCommand):
    """Generates coupons of a promotion and prints their codes."""

    help = "Generate coupons of a promotion; prints their codes, one a line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The promotion, and what `generate_coupons` takes."""
        super().add_arguments(parser)
        parser.add_argument("promotion", help="the promotion's code")
        parser.add_argument("--count", type=int, required=True, help="how many: 1 to 10,000")
        parser.add_argument("--prefix", default="", help="what every code begins with")
        parser.add_argument("--length", type=int, default=10, help="random characters: 8 to 24")
        parser.add_argument(
            "--max-uses", type=int, default=1, help="orders that may use each; 0 is any number"
        )
        parser.add_argument("--batch", default="", help="what the batch is called")

    def handle_store(self, store: StoreRef, **options: Any) -> None:
        """Make them; the batch's name goes to standard error, the codes to standard output."""
        try:
            batch = generate_coupons(
                promotion_code=options["promotion"],
                count=options["count"],
                prefix=options["prefix"],
                length=options["length"],
                max_uses=options["max_uses"] or None,
                batch=options["batch"],
            )
        except DomainError as error:
            reasons = "; ".join(f"{one.field}: {one.detail}" for one in error.errors)
            raise CommandError(reasons or error.detail) from error
        self.stderr.write(f"Batch {batch.name} of {store.slug}: {len(batch.codes)} coupon(s).")
        self.stdout.write("\n".join(batch.codes))
