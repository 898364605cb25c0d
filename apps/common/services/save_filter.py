"""Keep, and forget, what somebody asks for again and again on a page of admin."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db import transaction

from apps.common.errors import ValidationFailed
from apps.common.models import SavedFilter

MOST: Final = 30
_NOT_KEPT: Final = frozenset({"p", "edit", "_changelist_filters"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def save_filter(*, owner_id: UUID, path: str, name: str, query: str) -> SavedFilter:
    """Keep the filters of a page under a name; the same name again replaces them.

    query: the part of the address behind the question mark; which page of the list is not kept.
    Raises ValidationFailed for a blank or long name, for nothing to keep, and for more than MOST.
    """
    name = name.strip()
    if not 0 < len(name) <= 60 or _CONTROL.search(name):
        raise ValidationFailed.of("name", "invalid", "Give it a name of 1 to 60 characters.")
    pairs = [(key, text) for key, text in parse_qsl(query[:4000]) if key not in _NOT_KEPT]
    kept = urlencode(pairs)
    if not kept or len(kept) > 2000:
        raise ValidationFailed.of("query", "invalid", "Choose filters first, then save them.")
    with transaction.atomic():
        mine = SavedFilter.objects.filter(owner_id=owner_id, path=path)
        if mine.exclude(name=name).count() >= MOST:
            detail = f"A page has at most {MOST} saved filters: remove one first."
            raise ValidationFailed.of("name", "too_many", detail)
        saved, _ = SavedFilter.objects.update_or_create(
            owner_id=owner_id, path=path, name=name, defaults={"query": kept}
        )
    return saved


def forget_filter(*, owner_id: UUID, filter_id: UUID) -> None:
    """Remove one of somebody's own filters; another's stays."""
    SavedFilter.objects.filter(owner_id=owner_id, pk=filter_id).delete()


def forget_filters(owner_id: UUID) -> None:
    """Remove all of somebody's filters, in which other people may be named (CMP-01)."""
    SavedFilter.objects.filter(owner_id=owner_id).delete()
