"""Nothing of these tests is left in the broker."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def hints(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Hints to the worker are collected, not sent; tests work the inbox by hand."""
    from apps.payments.tasks import work_inbox

    sent: list[Any] = []
    monkeypatch.setattr(work_inbox, "apply_async", lambda *args, **kwargs: sent.append(kwargs))
    return sent
