"""Write a note beside an order (PEER-12, ORD-27)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.common.context import current_actor
from apps.orders.facts import remember
from apps.orders.locks import locked_order
from apps.orders.models import OrderNote


def add_note(*, order_id: UUID, text: str, vendor_order_id: UUID | None = None) -> OrderNote:
    """Keep what staff, or with a `vendor_order_id` a vendor, wrote; the buyer never sees it.

    Locks the order. Raises OrderNotFound.
    """
    with transaction.atomic():
        order = locked_order(order_id)
        note = OrderNote.objects.create(
            order=order, vendor_order_id=vendor_order_id, text=text, author=current_actor()
        )
        remember(order, field="note", old="", new="added", reason=text)
        return note
