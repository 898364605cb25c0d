"""What can go wrong with a payment, each with its machine code and HTTP status."""

from __future__ import annotations

from uuid import UUID

from apps.common.errors import DomainError, FieldError, InvalidTransition, NotFound


class PaymentNotFound(NotFound):
    """There is no such payment, or the caller may not know of it."""

    code = "payment_not_found"
    title = "There is no such payment"


class OrderNotPayable(DomainError):
    """The order is not waiting for money."""

    code = "order_not_payable"
    title = "This order cannot be paid now"


class OrderHeld(DomainError):
    """The order stands still until somebody lets it go (PEER-13)."""

    code = "order_held"
    title = "The order is held"


class NothingToPay(DomainError):
    """Nothing of the order is due."""

    code = "nothing_to_pay"
    title = "There is nothing to pay"


class PaymentOpen(DomainError):
    """Another payment of the order stands; it must end before a new one starts (I-16)."""

    code = "payment_open"
    title = "The order has a payment already"

    def __init__(self, payment_id: UUID, status: str) -> None:
        super().__init__(
            f"Payment {payment_id} of this order is {status}.",
            extra={"payment_id": str(payment_id), "payment_status": status},
        )


class UnknownPaymentMethod(DomainError):
    """The gateway knows no such method; the value is not repeated, it may be a card number."""

    code = "unknown_payment_method"
    status = 400
    title = "The payment method is not known"

    def __init__(self) -> None:
        detail = "Send a token of the payment gateway such as pm_card_visa, never card data."
        super().__init__(detail, errors=[FieldError("payment_method", self.code, detail)])


class StepNotPossible(InvalidTransition):
    """The payment's state does not allow this step."""


class AmountTooLarge(DomainError):
    """More than is authorised and due, or more than is left to refund."""

    code = "amount_too_large"
    status = 422
    title = "The amount is too large"

    def __init__(self, detail: str, *, available_cents: int) -> None:
        super().__init__(
            detail,
            errors=[FieldError("amount_cents", self.code, detail)],
            extra={"available_cents": available_cents},
        )


class GatewayRefused(DomainError):
    """The gateway said no to a step on an existing payment."""

    code = "gateway_refused"
    title = "The payment gateway refused this step"


class OutcomeUnknown(DomainError):
    """The gateway did not answer in time; nothing is lost and the same call may be repeated."""

    code = "gateway_unavailable"
    status = 503
    title = "The payment gateway did not answer"


class SignatureRefused(DomainError):
    """A webhook whose signature is missing, wrong or too old."""

    code = "invalid_signature"
    status = 400
    title = "The signature is not valid"


class EventRefused(Exception):
    """A signed event that does not fit the payment it names: kept as failed, nothing applied (P4).

    Not for clients: it stands in the inbox row.
    """


class PaymentUnknownYet(Exception):
    """An event of a payment that is not committed here yet: it is tried again (P11)."""
