"""Tell of a row lock that nothing holds: one taken where the app opened no transaction."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.transaction import TransactionManagementError

_HELD = re.compile(
    r"\A\s*SELECT\b.*(\bFOR\s+(NO\s+KEY\s+)?(UPDATE|SHARE)\b|_advisory_xact_lock)",
    re.IGNORECASE | re.DOTALL,
)


def refuse_free_locks(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Raise TransactionManagementError for a lock that only the test's own transaction holds.

    A test runs inside a transaction, so that what the app forgets to open is never missed:
    Django's own check passes, and raw SQL has none.
    """
    blocks = connection.atomic_blocks
    if (not blocks or blocks[-1]._from_testcase) and _HELD.match(str(sql)):
        raise TransactionManagementError(f"Locks outside of a transaction: {sql}")
    return execute(sql, params, many, context)
