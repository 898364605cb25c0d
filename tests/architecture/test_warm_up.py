"""What a worker process does before its first task."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from django.template import engines

from config.celery import warm_up


@pytest.fixture
def _collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.covers("EVT-12")
@pytest.mark.usefixtures("_collector")
def test_a_worker_has_connected_and_loaded_templates_and_fonts_before_its_first_task(
    db: None,
) -> None:
    from reportlab.pdfbase import pdfmetrics

    warm_up()

    (loader,) = engines["django"].engine.template_loaders
    cached = {key for key in loader.get_template_cache if "order_confirmation.html" in key}
    assert cached
    assert {"Label", "LabelBold"} <= set(pdfmetrics.getRegisteredFontNames())
    assert gc.get_freeze_count() > 0
