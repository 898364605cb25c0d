"""What can go wrong with an order, each with its machine code and HTTP status."""

from __future__ import annotations

from collections.abc import Sequence

from apps.common.errors import DomainError, FieldError, InvalidTransition, NotFound
from apps.events.contracts import Shortage


class OrderNotFound(NotFound):
    """There is no such order, or the caller may not know of it."""

    code = "order_not_found"
    title = "There is no such order"


class PriceChanged(DomainError):
    """The buyer saw another price than the catalog has now; `errors` carry the current ones."""

    code = "price_changed"
    title = "A price has changed"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("Show the current prices to the buyer and ask again.", errors=errors)


class OutOfStock(DomainError):
    """At least one line could not be reserved; the order was cancelled and nothing is held."""

    code = "out_of_stock"
    title = "There is not enough stock"

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        rows = [
            {"sku": row.sku, "requested": row.requested, "available": row.available}
            for row in shortages
        ]
        first = "; ".join(f"{row['sku']}: {row['available']} available" for row in rows[:5])
        super().__init__(f"Lower the quantities. {first}".strip(), extra={"shortages": rows})


class StepNotPossible(InvalidTransition):
    """The table of states does not list the step, or it is not taken by hand."""


__all__ = ["OrderNotFound", "OutOfStock", "PriceChanged", "StepNotPossible"]
