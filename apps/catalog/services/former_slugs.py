"""Remember the slugs that something had, so that its old addresses lead to it (PEER-75)."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from apps.catalog.models import FormerSlug
from apps.catalog.text import clean_line, is_id
from apps.common.errors import ValidationFailed

_SLUG: Final = re.compile(r"[-a-zA-Z0-9_]{1,255}")


def keep_slug(owner: str, owner_id: UUID, before: str, now: str) -> None:
    """Note that the owner had the slug `before`; the caller has just given it `now`.

    owner: a `SlugOwner`. A slug that several had leads to the one that had it last. In the
    caller's transaction, after the new slug was accepted.
    """
    if before == now:
        return
    FormerSlug.objects.filter(owner=owner, slug=now, owner_id=owner_id).delete()
    FormerSlug.objects.update_or_create(owner=owner, slug=before, defaults={"owner_id": owner_id})


def forget_slugs(owner: str, owner_id: UUID) -> None:
    """The owner is gone: its old addresses lead nowhere any more."""
    FormerSlug.objects.filter(owner=owner, owner_id=owner_id).delete()


def fit_slug(value: str) -> str:
    """A slug that was chosen. Raises ValidationFailed: one that reads as an id is never found."""
    slug = clean_line("slug", value)
    if not _SLUG.fullmatch(slug) or is_id(slug):
        detail = "Send 1 to 255 letters, digits, hyphens or underscores that are no id."
        raise ValidationFailed.of("slug", "invalid", detail)
    return slug
