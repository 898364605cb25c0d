"""What payments hands to other apps: frozen, with no table behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PaymentInfo:
    """One attempt to pay an order; amounts are in the subunit of `currency`.

    client_secret: for the payer alone.
    """

    id: UUID
    order_id: UUID
    status: str
    amount_cents: int
    authorized_cents: int
    captured_cents: int
    refunded_cents: int
    currency: str
    gateway: str
    client_secret: str
    capture_method: str
    failure_code: str
    failure_message: str
    created_at: datetime
    authorized_at: datetime | None
    captured_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefundInfo:
    """Money on its way back; `status` is pending, processed or failed."""

    id: UUID
    payment_id: UUID
    amount_cents: int
    currency: str
    status: str
    reason: str
    failure_message: str
    created_at: datetime
    processed_at: datetime | None
