"""Tell a worker, after commit, that a store has deliveries due.

Only a hint: the sweep finds whatever a lost hint leaves behind, so a broker that is down neither
fails the request nor loses anything. Hints are folded: while one waits in the queue, further
commits of the same store add none.
"""

from __future__ import annotations

import structlog
from django.core.cache import cache
from django.db import connection, transaction

from apps.common.context import current_store

log = structlog.get_logger(__name__)

# Long enough to fold a burst, short enough that a flag whose task was lost delays little.
FLAG_SECONDS = 2
FLAG_KEY = "events:wakeup"


def wake_on_commit() -> None:
    """Hint once, when the surrounding transaction commits."""
    if any(func is wake for _, func, *_ in connection.run_on_commit):
        return
    transaction.on_commit(wake, robust=False)


def wake() -> None:
    """Hint now that the current store has deliveries due."""
    from apps.events.tasks import drain_store  # the task imports the worker, which imports us

    try:
        if not cache.add(FLAG_KEY, 1, timeout=FLAG_SECONDS):
            return
        drain_store.apply_async(retry=False, ignore_result=True)
    except Exception as error:
        # Anything from a refused socket to a broker's protocol error: the sweep will find it.
        log.warning("wakeup_lost", store=current_store().slug, error=repr(error))


def clear_flag() -> None:
    """Called by the worker before it looks: commits from here on must hint again."""
    try:
        cache.delete(FLAG_KEY)
    except Exception as error:
        log.warning("wakeup_flag_not_cleared", error=repr(error))
