"""The door of notifications, which nobody calls: they react to events."""

from __future__ import annotations

from pathlib import Path

from django.template.loader import get_template

_TEMPLATES = Path(__file__).parent / "templates" / "notifications"


def warm_up() -> None:
    """Compile the mails' templates and write one to nobody: the first real mail need not wait."""
    for path in _TEMPLATES.iterdir():
        get_template(f"notifications/{path.name}")
    get_template("notifications/welcome.html").render({})


__all__ = ["warm_up"]
