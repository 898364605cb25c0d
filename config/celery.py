"""The Celery application: deliveries, sweeps and expiry."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, worker_process_init

from apps.tenancy.postgresql.probe import refuse_wrong_pooling
from config.checks import refuse_unsafe_production
from config.processes import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("fusioncommerce")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def refuse(**kwargs: Any) -> None:
    """Neither worker nor beat starts in an unsafe production, or on a server shared unawares."""
    refuse_unsafe_production()
    refuse_wrong_pooling()


@worker_process_init.connect
def warm_up(**kwargs: Any) -> None:
    """Do once, before the first task, what its delivery would otherwise wait for: connect, load
    the mails' templates and the labels' fonts (EVT-12).
    """
    from django.db import connection as connection_of_thread

    from apps.common.stores import PUBLIC, enter_store
    from apps.notifications.facade import warm_up as load_templates
    from apps.shipping.facade import warm_up as load_fonts

    connection: Any = connection_of_thread
    # Outside of a task it is in no schema: not even a forgotten signal handler reads public's rows.
    connection.leave_home()
    with enter_store(PUBLIC), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    load_templates()
    load_fonts()
    settle()
