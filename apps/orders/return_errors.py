"""What can go wrong with a return, each with its machine code and HTTP status."""

from __future__ import annotations

from apps.common.errors import DomainError, NotFound


class ReturnNotFound(NotFound):
    """There is no such return, or the caller may not know of it."""

    code = "return_not_found"
    title = "There is no such return"


class NotReturnable(DomainError):
    """Nothing of the order can be sent back as it stands."""

    code = "not_returnable"
    title = "Nothing of this order can be returned now"


class ReturnWindowClosed(DomainError):
    """The time in which the store takes goods back is over; its staff may still do it."""

    code = "return_window_closed"
    title = "The time to return this order is over"


class RefundTooLarge(DomainError):
    """More is to go back than the units that came are worth; `available_cents` says how much is."""

    code = "refund_too_large"
    status = 422
    title = "The refund is larger than what is left"

    def __init__(self, detail: str, *, available_cents: int) -> None:
        super().__init__(detail, extra={"available_cents": available_cents})


__all__ = ["NotReturnable", "RefundTooLarge", "ReturnNotFound", "ReturnWindowClosed"]
