"""What a payment gateway is to us (PAY-06): a small interface and frozen answers.

A gateway is always called with no transaction open. It knows nothing of our tables; what it
answers is applied by `services/apply_gateway_state.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID


class GatewayError(Exception):
    """A call to a gateway that brought no success. `code` and `message` hold no card data."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class GatewayDeclined(GatewayError):
    """The gateway said no, and that is final for this call.

    result: the gateway's own record when it keeps one of the refused attempt.
    """

    def __init__(self, code: str, message: str, result: GatewayResult | None = None) -> None:
        super().__init__(code, message)
        self.result = result


class GatewayUnavailable(GatewayError):
    """Nobody knows what happened (timeout, 5xx, reset, rate limit). Ask again with the same key.

    Never reported as a failed payment (R16).
    """


class SignatureInvalid(Exception):
    """A webhook that the gateway did not sign, signed too long ago, or that is no event."""


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """What is to be paid. `amount_cents` is in the subunit of `currency`, and so sent (I-58)."""

    payment_id: UUID
    order_id: UUID
    store_id: UUID
    amount_cents: int
    currency: str
    payment_method: str
    capture_method: str

    @property
    def metadata(self) -> dict[str, str]:
        """What the gateway keeps beside the money, so that every event names its payment (P4)."""
        return {
            "store_id": str(self.store_id),
            "order_id": str(self.order_id),
            "payment_id": str(self.payment_id),
        }


@dataclass(frozen=True, slots=True)
class RefundResult:
    """One refund as the gateway has it; `status` is pending, processed or failed."""

    gateway_refund_id: str
    amount_cents: int
    status: str
    refund_id: str = ""
    failure_message: str = ""


@dataclass(frozen=True, slots=True)
class GatewayResult:
    """What the gateway says of a payment, in our words; amounts are totals so far.

    status: one of `PaymentState`. amount_cents: what the payment was created for.
    raw: what is worth keeping of the answer; holds neither secrets nor card data.
    """

    gateway_id: str
    status: str
    amount_cents: int
    currency: str
    authorized_cents: int = 0
    captured_cents: int = 0
    refunded_cents: int = 0
    client_secret: str = ""
    failure_code: str = ""
    failure_message: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    refunds: tuple[RefundResult, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """A message of the gateway.

    `result` (a payment) or `refund` tells what happened; neither is set for what does not concern
    us (P3). `problem` says why an event that should concern us cannot be read.
    """

    event_id: str
    type: str
    payload: Mapping[str, Any]
    result: GatewayResult | None = None
    refund: RefundResult | None = None
    problem: str = ""


class Gateway(Protocol):
    """A payment gateway. Every call raises GatewayDeclined or GatewayUnavailable.

    `key` is the idempotency key: the same key never has a second effect.
    """

    name: str

    def accepts(self, payment_method: str) -> bool:
        """Whether the text can be a payment method of this gateway at all."""
        ...

    def create(self, request: ChargeRequest, *, key: str) -> GatewayResult:
        """Start the payment: authorise it, and capture it unless `capture_method` is manual."""
        ...

    def capture(self, gateway_id: str, *, amount_cents: int, key: str) -> GatewayResult:
        """Take authorised money; what is not taken is let go."""
        ...

    def void(self, gateway_id: str, *, key: str) -> GatewayResult:
        """Let the authorised money go."""
        ...

    def refund(
        self, gateway_id: str, *, amount_cents: int, refund_id: UUID, key: str
    ) -> RefundResult:
        """Give captured money back."""
        ...

    def retrieve(self, gateway_id: str) -> GatewayResult:
        """What the gateway knows of the payment now."""
        ...

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> GatewayEvent:
        """Verify and read a webhook. Raises SignatureInvalid."""
        ...

    def read_event(self, payload: Mapping[str, Any]) -> GatewayEvent:
        """Read an event that was verified before. Raises SignatureInvalid for no event at all."""
        ...
