"""A mail backend for machines without a mail server: one file per message, by its Message-ID."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from apps.common.context import current
from apps.common.ids import uuid7

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


class FileBackend(BaseEmailBackend):
    """Writes `EMAIL_FILE_PATH/<store>/<message id>.eml`; a repeat replaces its own file."""

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.root = Path(settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each message; returns how many."""
        for message in email_messages:
            self._write(message)
        return len(email_messages)

    def _write(self, message: EmailMessage) -> None:
        mail = message.message()
        store = current().store
        folder = self.root / (_safe(store.slug) if store else "platform")
        folder.mkdir(parents=True, exist_ok=True)
        local_part = str(mail["Message-ID"]).strip("<>").partition("@")[0]
        target = folder / f"{_safe(local_part)}.eml"
        # Renamed when complete: whoever looks into the folder never finds half a mail.
        partial = folder / f".{target.stem}.{uuid7()}"
        partial.write_bytes(mail.as_bytes())
        partial.replace(target)


def _safe(name: str) -> str:
    return _UNSAFE.sub("-", name)[:150] or "message"
