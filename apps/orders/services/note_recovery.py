"""A cart that was told as abandoned has become an order after all (PEER-17)."""

from __future__ import annotations

from uuid import UUID

from apps.orders.models import Cart


def note_recovery(*, cart_id: UUID) -> None:
    """Mark the cart as recovered if it had been told as abandoned. One statement; repeatable."""
    Cart.objects.filter(pk=cart_id, abandoned_at__isnull=False).update(recovered=True)
