"""Show what has come into its publish window, and take away what has left it. ADR 12."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from apps.catalog.indexing import SHOWN
from apps.catalog.locks import lock_products
from apps.catalog.services.product_events import updated_events
from apps.catalog.services.write_documents import write_documents
from apps.catalog.storefront import bump_on_commit
from apps.common.database import ids_array
from apps.events.facade import publish_many

log = structlog.get_logger(__name__)

# Up to when everything that was to appear has appeared; where it is forgotten, all is looked at.
_KEPT_UNTIL: Final = "catalog:windows"
# Longer than any transaction that may set a moment and commit after it.
_SLACK: Final = timedelta(minutes=15)
_CHUNK: Final = 500
# Both of all products, or of `ids` alone.
_OPENED: Final = f"""
SELECT p.id FROM catalog_product p JOIN catalog_vendor vendor ON vendor.id = p.vendor_id
WHERE p.publish_at > %(since)s AND p.publish_at <= statement_timestamp() AND {SHOWN}
  AND NOT EXISTS (SELECT FROM catalog_productdocument d WHERE d.product_id = p.id)
  AND (%(ids)s::uuid[] IS NULL OR p.id = ANY(%(ids)s::uuid[]))
ORDER BY p.id
"""  # noqa: S608 - of modules' own constants
_CLOSED: Final = """
SELECT d.product_id FROM catalog_productdocument d
WHERE d.hidden_from <= statement_timestamp()
  AND (%(ids)s::uuid[] IS NULL OR d.product_id = ANY(%(ids)s::uuid[]))
ORDER BY d.product_id
"""


def keep_windows() -> int:
    """Write the documents of products whose `publish_at` has come, delete those of products whose
    `unpublish_at` has; returns how many products that were.

    Transactions of at most 500 products, whose rows they lock. Publishes ProductUpdated with
    `published` or `unpublished`. Safe to repeat and to interrupt. Serves CAT-01, PEER-58.
    """
    began, since, moved = timezone.now(), _since(), 0
    for statement, what in ((_OPENED, "published"), (_CLOSED, "unpublished")):
        ids = _due(statement, since)
        for first in range(0, len(ids), _CHUNK):
            moved += _write(statement, since, ids[first : first + _CHUNK], what)
    _remember(began)
    return moved


def _write(statement: str, since: datetime, product_ids: Sequence[UUID], what: str) -> int:
    with transaction.atomic():
        locked = lock_products(Q(pk__in=list(product_ids)))
        # Asked again: while we waited somebody may have hidden one, or another run moved it.
        due = _due(statement, since, locked)
        if due:
            write_documents(due)
            publish_many(updated_events(due, {pk: [what] for pk in due}))
            bump_on_commit()
        return len(due)


def _due(statement: str, since: datetime, among: Sequence[UUID] | None = None) -> list[UUID]:
    ids = None if among is None else ids_array(among)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"since": since, "ids": ids})
        return [row[0] for row in cursor.fetchall()]


def _since() -> datetime:
    try:
        kept = cache.get(_KEPT_UNTIL)
    except Exception as error:
        log.warning("windows_cache_down", error=repr(error))
        kept = None
    # PostgreSQL's oldest moments are older, but none that a product has.
    return kept if isinstance(kept, datetime) else datetime(1970, 1, 1, tzinfo=UTC)


def _remember(began: datetime) -> None:
    try:
        cache.set(_KEPT_UNTIL, began - _SLACK, timeout=24 * 3600)
    except Exception as error:
        log.warning("windows_cache_down", error=repr(error))
