"""What a worker process does before its first task."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection as connection_of_thread
from django.template import engines

from config.celery import warm_up

connection: Any = connection_of_thread


@pytest.fixture
def _as_before(db: None) -> Iterator[None]:
    """This process is no worker: what warming up did to it is undone."""
    before, home = gc.get_threshold(), connection._home
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    connection._home = home
    connection.restore_tenant(home)


@pytest.mark.covers("EVT-12")
@pytest.mark.usefixtures("_as_before")
def test_a_worker_has_connected_and_loaded_templates_and_fonts_before_its_first_task(
    db: None,
) -> None:
    from reportlab.pdfbase import pdfmetrics

    warm_up()

    (loader,) = engines["django"].engine.template_loaders
    cached = {key for key in loader.get_template_cache if "order_confirmation.html" in key}
    assert cached
    assert {"Latin", "LatinBold"} <= set(pdfmetrics.getRegisteredFontNames())
    assert gc.get_freeze_count() > 0
