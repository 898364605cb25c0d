"""Mails of a test stay in the test's own folder."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

Mails = Callable[..., list[EmailMessage]]


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.EMAIL_BACKEND = "apps.notifications.channels.file_mail.FileBackend"
    settings.PUBLIC_SCHEME, settings.PUBLIC_PORT = "https", ""


@pytest.fixture
def mails(tmp_path: Path) -> Mails:
    """`mails(slug="acme")`: the mails that a store has sent, oldest first."""

    def read(slug: str = "acme") -> list[EmailMessage]:
        files = sorted(
            (tmp_path / "mail" / slug).glob("*"), key=lambda path: path.stat().st_mtime_ns
        )
        return [
            message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[misc]
            for path in sorted(files, key=lambda path: path.stat().st_mtime_ns)
        ]

    return read
