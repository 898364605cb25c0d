"""Let an order's fulfilment say that all of it came back (C-04)."""

from __future__ import annotations

from collections.abc import Sequence

from apps.orders.facts import remember, write
from apps.orders.models import Order, OrderLine
from apps.orders.states import FulfillmentStatus


def follow_returns(order: Order, lines: Sequence[OrderLine]) -> None:
    """Take each vendor order, and the order, all of whose shipped units came back to `returned`.

    The order's status stays. The order is locked by the caller; `lines` are all of its lines as
    they are now. Writes the history row.
    """
    if not any(line.returned_quantity for line in lines):
        return
    for part in order.vendor_orders.all():
        own = [line for line in lines if line.vendor_order_id == part.pk]
        if _all_back(own) and part.fulfillment_status != FulfillmentStatus.RETURNED:
            part.fulfillment_status = FulfillmentStatus.RETURNED
            part.save(update_fields=["fulfillment_status", "updated_at"])
    previous = order.fulfillment_status
    if _all_back(lines) and previous != FulfillmentStatus.RETURNED:
        write(order, fulfillment_status=FulfillmentStatus.RETURNED)
        remember(
            order,
            field="fulfillment_status",
            old=previous,
            new=FulfillmentStatus.RETURNED,
            reason="everything came back",
        )


def _all_back(lines: Sequence[OrderLine]) -> bool:
    """Whether all of it was sent and came back; what needs no parcel waits for none."""
    sent = [line for line in lines if line.requires_shipping] or list(lines)
    return all(line.returned_quantity == line.quantity for line in sent) and bool(sent)
