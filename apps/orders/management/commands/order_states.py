"""Write docs/guides/order-states.md from the tables of states."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.orders.state_guide import GUIDE, render


class Command(BaseCommand):
    """`manage.py order_states`; with `--show` it is printed instead."""

    help = "Write the guide to the states of an order from their tables."

    def add_arguments(self, parser: CommandParser) -> None:
        """Its options."""
        parser.add_argument("--show", action="store_true", help="print it, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Render, and write or print."""
        text = render()
        if options["show"]:
            self.stdout.write(text)
            return
        GUIDE.write_text(text, encoding="utf-8")
        self.stdout.write(f"Wrote {GUIDE.name}.")
