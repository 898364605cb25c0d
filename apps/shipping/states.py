"""The states of a parcel and the steps between them (SHP-07)."""

from __future__ import annotations

from apps.shipping.models import ShipmentStatus

TRANSITIONS: dict[str, frozenset[str]] = {
    ShipmentStatus.PENDING: frozenset({ShipmentStatus.LABEL_CREATED, ShipmentStatus.CANCELLED}),
    ShipmentStatus.LABEL_CREATED: frozenset({ShipmentStatus.SHIPPED, ShipmentStatus.CANCELLED}),
    ShipmentStatus.SHIPPED: frozenset(
        {ShipmentStatus.IN_TRANSIT, ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED}
    ),
    ShipmentStatus.IN_TRANSIT: frozenset({ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED}),
    ShipmentStatus.DELIVERED: frozenset(),
    ShipmentStatus.RETURNED: frozenset(),
    ShipmentStatus.CANCELLED: frozenset(),
}

# Packed, and still in the house: its units are neither shipped nor free for another parcel.
WAITING = (ShipmentStatus.PENDING, ShipmentStatus.LABEL_CREATED)


def can_move(current: str, target: str) -> bool:
    """Whether the table lists the step."""
    return target in TRANSITIONS.get(current, frozenset())
