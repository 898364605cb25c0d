"""What payments tells (PAY-08, PAY-09, C-17)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from apps.events.contracts.base import EventContract


class _PaymentFact(EventContract):
    """What every payment event carries; amounts are in the subunit of `currency`.

    `order_number` and `email` are the order's, for whoever tells the payer.
    """

    key_field: ClassVar[str] = "payment_id"
    publisher: ClassVar[str] = "payments"

    payment_id: UUID
    order_id: UUID
    status: str
    amount_cents: int
    currency: str
    gateway: str
    order_number: str = ""
    email: str = ""


class PaymentCreated(_PaymentFact):
    """A payment was initiated; no money has moved."""

    topic: ClassVar[str] = "payment.created"


class PaymentAuthorized(_PaymentFact):
    """The money is held for us and not taken yet."""

    topic: ClassVar[str] = "payment.authorized"

    authorized_cents: int


class PaymentSucceeded(_PaymentFact):
    """Money was captured. `captured_cents` is all that this payment has captured so far.

    order_captured_cents: what all payments of the order have captured, this one included.
    """

    topic: ClassVar[str] = "payment.succeeded"
    aliases: ClassVar[tuple[str, ...]] = ("payment.captured",)

    captured_cents: int
    order_captured_cents: int | None = None


class PaymentFailed(_PaymentFact):
    """The attempt failed; the order can be paid by another one."""

    topic: ClassVar[str] = "payment.failed"

    failure_code: str = ""
    failure_message: str = ""


class RefundProcessed(_PaymentFact):
    """Money went back. `refunded_cents` is all that this payment has given back so far.

    order_captured_cents, order_refunded_cents: of all payments of the order together. source_id:
    what orders said the money is due for, such as a return; None where somebody refunded by hand.
    """

    topic: ClassVar[str] = "refund.processed"

    refund_id: UUID
    refund_amount_cents: int
    captured_cents: int
    refunded_cents: int
    order_captured_cents: int | None = None
    order_refunded_cents: int | None = None
    reason: str = ""
    source_id: UUID | None = None
