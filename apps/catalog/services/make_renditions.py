"""Make a picture's smaller copies, and show them (PEER-79)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.catalog.locks import lock_products
from apps.catalog.media.limits import WIDTHS
from apps.catalog.media.naming import rendition_key
from apps.catalog.models import MediaFile, MediaState
from apps.catalog.services.write_documents import write_documents
from apps.catalog.storefront import bump_on_commit
from apps.common import storage
from apps.common.storage import FileMissing
from apps.common.uploads import CleanImage, WrongFileType, smaller_images


def make_renditions(file_id: UUID) -> Callable[[], None] | None:
    """Write WebP copies of the widths that are smaller than the picture; safe to repeat.

    Must not run in a transaction. Answers with what is to be done in one: note the copies and
    rewrite the documents of the products that show the picture. None when there is nothing to do.
    """
    file = MediaFile.objects.filter(pk=file_id, state=MediaState.PENDING).first()
    if file is None:
        return None
    try:
        with storage.open_file(file.key) as content:
            made = smaller_images(content, WIDTHS)
    except (FileMissing, WrongFileType):
        return lambda: _note(file_id, MediaState.FAILED, {})
    copies = put_renditions(file.key, made)
    return lambda: _note(file_id, MediaState.READY, copies)


def put_renditions(key: str, made: Mapping[int, CleanImage]) -> dict[str, Any]:
    """Write the copies beside the picture; answers with what is to be noted of them."""
    copies = {}
    for width, copy in made.items():
        where = rendition_key(key, width)
        storage.put(where, copy.content, copy.media_type)
        copies[str(width)] = {
            "key": where,
            "width": copy.width,
            "height": copy.height,
            "size": len(copy.content),
        }
    return copies


def _note(file_id: UUID, state: str, copies: dict[str, Any]) -> None:
    with transaction.atomic():
        products = lock_products(Q(images__file_id=file_id))
        MediaFile.objects.filter(pk=file_id).update(state=state, renditions=copies)
        write_documents(products)
        bump_on_commit()
