"""What the sequences may leave out, because it reaches nothing but the outside."""

from __future__ import annotations

import pytest

from apps.events import registry
from apps.shipping.carriers import local
from apps.shipping.labels import label_key_for
from apps.shipping.services import buy_label


@pytest.fixture
def without_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is written to, and labels are not drawn.

    Everything that touches money, stock or a state runs as ever, its subscribers too.
    """
    kept = {
        topic: [one for one in subscribers if not one.name.startswith("notifications.")]
        for topic, subscribers in registry._by_topic.items()
    }
    monkeypatch.setattr(registry, "_by_topic", kept)
    monkeypatch.setattr(local, "draw_label", lambda *args, **kwargs: b"%PDF-")
    monkeypatch.setattr(buy_label, "store_label", lambda number, pdf: label_key_for(number))
