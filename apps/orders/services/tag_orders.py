"""Tag orders (PEER-12)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from apps.common.errors import ValidationFailed
from apps.orders.facts import remember, write
from apps.orders.locks import locked_order
from apps.orders.models import Order

MOST_TAGS = 20
_LONGEST = 50


def tag_order(*, order_id: UUID, tags: Sequence[str]) -> list[str]:
    """Let these be the order's tags, in lower case, sorted, each once; returns them.

    Locks the order. Raises OrderNotFound, ValidationFailed (`tags`: `too_many`, `too_long`).
    """
    with transaction.atomic():
        order = locked_order(order_id)
        return _set(order, tags)


def add_tag(*, order_id: UUID, tag: str) -> list[str]:
    """Put one more tag on the order. Locks the order. Raises as `tag_order` does."""
    with transaction.atomic():
        order = locked_order(order_id)
        return _set(order, [*order.tags, tag])


def _set(order: Order, tags: Sequence[str]) -> list[str]:
    wanted = sorted({tag.strip().lower() for tag in tags if tag.strip()})
    if len(wanted) > MOST_TAGS:
        raise ValidationFailed.of("tags", "too_many", f"An order has at most {MOST_TAGS} tags.")
    if any(len(tag) > _LONGEST for tag in wanted):
        detail = f"A tag has at most {_LONGEST} characters."
        raise ValidationFailed.of("tags", "too_long", detail)
    if wanted != order.tags:
        old, new = ", ".join(order.tags), ", ".join(wanted)
        write(order, tags=wanted)
        remember(order, field="tags", old=old[:40], new=new[:40] or "–")
    return wanted
