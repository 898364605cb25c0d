"""Clean away what nobody finished and nothing shows (DIG-04)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, ManyToOneRel, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.catalog.media.naming import keys_of
from apps.catalog.models import ChangeRequest, MediaFile, RequestStatus, Upload
from apps.common import storage
from apps.common.storage import ASSETS

TEMPORARY_FOR: Final = timedelta(hours=24)
# What was uploaded and is to be shown later, by a form that is still open or a plan for tomorrow.
UNUSED_FOR: Final = timedelta(days=7)
_MOST = 1_000


def clean_media() -> int:
    """Erase uploads and temporary files of more than 24 hours, and what has been kept for a week
    and is used by nothing; returns how many. Safe to repeat. Must not run in a transaction.
    """
    return _uploads() + _strays() + _unused()


def _uploads() -> int:
    old = Upload.objects.filter(created_at__lt=timezone.now() - TEMPORARY_FOR)
    rows = list(old.order_by("created_at")[:_MOST])
    storage.erase(*(row.key for row in rows))
    Upload.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _strays() -> int:
    """What lies among the temporary files without an upload that is still open."""
    keys = list(storage.old_temporary(timezone.now() - TEMPORARY_FOR))[:_MOST]
    open_ones = set(Upload.objects.filter(key__in=keys).values_list("key", flat=True))
    gone = [key for key in keys if key not in open_ones]
    storage.erase(*gone)
    return len(gone)


def _unused() -> int:
    unused = _unreferenced().filter(created_at__lt=timezone.now() - UNUSED_FOR)
    erased = 0
    for file in unused.order_by("created_at")[:_MOST]:
        if _named_in_a_request(file):
            continue
        try:
            with transaction.atomic():
                locked = _unreferenced().select_for_update(of=("self",)).filter(pk=file.pk)
                if not locked.exists():
                    continue
                MediaFile.objects.filter(pk=file.pk).delete()
        except IntegrityError:
            # Somebody has begun to show it in this moment.
            continue
        # No other row ever gets this key, so nothing that is new can be erased here.
        storage.erase(*keys_of(file))
        erased += 1
    return erased


def _unreferenced() -> QuerySet[MediaFile]:
    """Files of no product that no row of any kind refers to, assets of the store apart."""
    rows = MediaFile.objects.filter(product=None).exclude(key__startswith=f"{ASSETS}/")
    for key in _references():
        others = key.model._default_manager.filter(**{key.name: OuterRef("pk")})
        rows = rows.filter(~Exists(others))
    return rows


def _references() -> Iterator[Any]:
    """Every foreign key to a file, also of models that are added later; uploads do not count."""
    for relation in MediaFile._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel) and relation.related_model is not Upload:
            yield relation.field


def _named_in_a_request(file: MediaFile) -> bool:
    """Whether a change that waits to be approved would show it."""
    waiting = Q(status__in=[RequestStatus.OPEN, RequestStatus.CHANGES])
    return ChangeRequest.objects.filter(waiting, proposed__icontains=file.key).exists()
