"""The states of stock documents and the steps between them (PEER-27)."""

from __future__ import annotations

from django.db import models


class TransferStatus(models.TextChoices):
    """Where the goods of a transfer are."""

    DRAFT = "draft", "Draft"
    IN_TRANSIT = "in_transit", "In transit"
    PARTIALLY_RECEIVED = "partially_received", "Partially received"
    RECEIVED = "received", "Received"
    CANCELLED = "cancelled", "Cancelled"


class PurchaseOrderStatus(models.TextChoices):
    """How far a supplier's delivery is."""

    DRAFT = "draft", "Draft"
    ORDERED = "ordered", "Ordered"
    PARTIALLY_RECEIVED = "partially_received", "Partially received"
    RECEIVED = "received", "Received"
    CANCELLED = "cancelled", "Cancelled"


_T, _P = TransferStatus, PurchaseOrderStatus
# A transfer of which something has come is closed by receiving, not cancelled: what is still
# missing then has a reason.
TRANSFER_STEPS: dict[str, frozenset[str]] = {
    _T.DRAFT: frozenset({_T.IN_TRANSIT, _T.CANCELLED}),
    _T.IN_TRANSIT: frozenset({_T.PARTIALLY_RECEIVED, _T.RECEIVED, _T.CANCELLED}),
    _T.PARTIALLY_RECEIVED: frozenset({_T.PARTIALLY_RECEIVED, _T.RECEIVED}),
    _T.RECEIVED: frozenset(),
    _T.CANCELLED: frozenset(),
}
# What a supplier never brings of a partially received order is given up by cancelling the rest.
PURCHASE_STEPS: dict[str, frozenset[str]] = {
    _P.DRAFT: frozenset({_P.ORDERED, _P.CANCELLED}),
    _P.ORDERED: frozenset({_P.PARTIALLY_RECEIVED, _P.RECEIVED, _P.CANCELLED}),
    _P.PARTIALLY_RECEIVED: frozenset({_P.PARTIALLY_RECEIVED, _P.RECEIVED, _P.CANCELLED}),
    _P.RECEIVED: frozenset(),
    _P.CANCELLED: frozenset(),
}


def transfer_may(current: str, target: str) -> bool:
    """Whether the table of transfers lists the step."""
    return target in TRANSFER_STEPS.get(current, frozenset())


def purchase_may(current: str, target: str) -> bool:
    """Whether the table of purchase orders lists the step."""
    return target in PURCHASE_STEPS.get(current, frozenset())
