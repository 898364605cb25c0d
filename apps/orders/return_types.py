"""What the services of returns are told: values with no table behind them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ReturnLineRequest:
    """So many units of an order's line that are to come back, and why.

    exchange_variant_id: what is wanted instead; None for the money.
    """

    line_id: UUID
    quantity: int
    reason: str
    comment: str = ""
    exchange_variant_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReceivedUnits:
    """Units of an order's line that came back. restock: they can be sold again."""

    line_id: UUID
    quantity: int
    restock: bool = True
