"""The Celery application: deliveries, sweeps and expiry."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from config.processes import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("fusioncommerce")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def warm_up(**kwargs: Any) -> None:
    """Do once, before the first task, what its delivery would otherwise wait for: connect, load
    the mails' templates and the labels' fonts (EVT-12).
    """
    from django.db import connection

    from apps.common.stores import PUBLIC, enter_store
    from apps.notifications.facade import warm_up as load_templates
    from apps.shipping.facade import warm_up as load_fonts

    with enter_store(PUBLIC), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    load_templates()
    load_fonts()
    settle()
