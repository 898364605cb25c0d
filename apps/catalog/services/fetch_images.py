"""Copy the pictures that products were imported with into the store's own storage (CAT-12, I9)."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.catalog.locks import lock_products
from apps.catalog.media.limits import LARGEST_IMAGE, WIDTHS
from apps.catalog.models import MOST_ATTEMPTS, MediaFile, ProductImage
from apps.catalog.services.keep_file import keep_clean_picture
from apps.catalog.services.write_documents import write_documents
from apps.catalog.storefront import bump_on_commit
from apps.common.context import current_store
from apps.common.errors import DomainError
from apps.common.fetching import Fetched, FetchError, fetch
from apps.common.scanning import ScannerUnavailable, scan
from apps.common.stores import still_serves
from apps.common.uploads import clean_image, smaller_images

_BATCH: Final = 8
_AT_ONCE: Final = 4
_TIMEOUT_SECONDS: Final = 5.0
# After the first failure; then four times as long each time: 8 minutes, half an hour, 2 hours, 8.
_FIRST_RETRY: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class _Due:
    image_id: UUID
    product_id: UUID
    vendor_id: UUID
    url: str


@dataclass(frozen=True, slots=True)
class _Result:
    """What came of one: a kept file, or why not, and whether it is worth another try."""

    due: _Due
    file: MediaFile | None = None
    error: str = ""
    retry: bool = False


def fetch_images(*, seconds: float = 20.0) -> int:
    """Fetch what is due in the current store, for so long; returns how many pictures came.

    A store that set `fetch_images` to false keeps the addresses it imported. Several processes
    share the work. What fails in a way that may pass is tried again later, MOST_ATTEMPTS times in
    all; `fetch_error` tells why. Must not run in a transaction.
    """
    if not settings.MEDIA_FETCH or not current_store().settings.get("fetch_images", True):
        return 0
    until, came = time.monotonic() + seconds, 0
    while time.monotonic() < until and still_serves():
        batch = _claim()
        if not batch:
            break
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            answers = list(pool.map(_ask, batch))
        results = [_kept(due, answer) for due, answer in zip(batch, answers, strict=True)]
        came += _note(results)
    return came


def _claim() -> list[_Due]:
    """Take the next ones; nobody else does until the time at which they are due again."""
    now = timezone.now()
    due = ProductImage.objects.filter(
        file=None, fetch_attempts__lt=MOST_ATTEMPTS, fetch_after__lte=now, product__deleted_at=None
    )
    with transaction.atomic():
        rows = list(
            due.select_for_update(skip_locked=True, of=("self",))
            .select_related("product")
            .order_by("fetch_after")[:_BATCH]
        )
        for row in rows:
            row.fetch_after = now + _FIRST_RETRY * 4**row.fetch_attempts
            row.fetch_attempts += 1
        ProductImage.objects.bulk_update(rows, ["fetch_after", "fetch_attempts"])
    return [_Due(row.pk, row.product_id, row.product.vendor_id, row.url) for row in rows]


def _ask(due: _Due) -> Fetched | FetchError | DomainError:
    """In a thread of its own: it touches the network, the virus scanner, and nothing else."""
    try:
        answer = fetch(due.url, max_bytes=LARGEST_IMAGE, timeout=_TIMEOUT_SECONDS)
        scan(io.BytesIO(answer.content))
    except (FetchError, DomainError) as error:
        return error
    return answer


def _kept(due: _Due, answer: Fetched | FetchError | DomainError) -> _Result:
    if isinstance(answer, FetchError):
        return _Result(due, error=f"{answer.code}: {answer.detail}", retry=answer.retry)
    if isinstance(answer, DomainError):
        # Nothing is wrong with the picture where the scanner is away.
        retry = isinstance(answer, ScannerUnavailable)
        return _Result(due, error=f"{answer.code}: {answer.detail}", retry=retry)
    try:
        clean = clean_image(io.BytesIO(answer.content))
        file = keep_clean_picture(
            clean,
            vendor_id=due.vendor_id,
            file_name=due.url.partition("?")[0].rsplit("/", 1)[-1],
            renditions=smaller_images(io.BytesIO(clean.content), WIDTHS),
        )
    except DomainError as error:
        reason = error.errors[0] if error.errors else None
        told = f"{reason.code}: {reason.detail}" if reason else f"{error.code}: {error.detail}"
        return _Result(due, error=told)
    return _Result(due, file=file)


def _note(results: Sequence[_Result]) -> int:
    """Give the rows their files, and rewrite the documents of their products once."""
    came: set[UUID] = set()
    with transaction.atomic():
        lock_products(Q(pk__in={result.due.product_id for result in results}))
        for result in results:
            rows = ProductImage.objects.filter(pk=result.due.image_id, file=None)
            if result.file is None:
                rows.update(fetch_error=result.error[:200], **_last(result.retry))
            elif _shows(result.due.product_id, result.file):
                twin = "same_picture: The product has this picture from another address."
                rows.update(fetch_error=twin, **_last(False))
            elif MediaFile.objects.select_for_update(no_key=True).filter(pk=result.file.pk):
                rows.update(file=result.file, fetch_error="", updated_at=timezone.now())
                came.add(result.due.product_id)
        write_documents(sorted(came))
        bump_on_commit()
    return sum(result.file is not None for result in results)


def _last(retry: bool) -> dict[str, int]:
    return {} if retry else {"fetch_attempts": MOST_ATTEMPTS}


def _shows(product_id: UUID, file: MediaFile) -> bool:
    return ProductImage.objects.filter(product_id=product_id, file=file).exists()
