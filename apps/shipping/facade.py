"""The door of shipping."""

from __future__ import annotations

from apps.shipping.carriers.text import load_fonts


def warm_up() -> None:
    """Load what the first label would wait for."""
    load_fonts()


__all__ = ["warm_up"]
