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


class TotalChanged(DomainError):
    """The buyer saw another total, or another currency, than the order would have now."""

    code = "total_changed"
    title = "The total has changed"

    @classmethod
    def of(cls, *fields: str, total_cents: int, currency: str) -> TotalChanged:
        """The error with the total as it is now, in the currency's subunit, at these fields."""
        detail = f"The total is {total_cents} {currency} now. Show it and ask again."
        errors = [FieldError(field, cls.code, detail) for field in fields]
        return cls(detail, errors=errors, extra={"total_cents": total_cents, "currency": currency})


class NoPaymentsHere(DomainError):
    """Nobody has offered to take money."""

    code = "no_payments"
    title = "This deployment takes no payments"


class CartEmpty(DomainError):
    """There is nothing in the cart that could be bought."""

    code = "cart_empty"
    title = "The cart is empty"


class CartNotReady(DomainError):
    """Something in the cart stands in the way; `problems` says what."""

    code = "cart_not_ready"
    title = "The cart cannot be ordered as it is"


class OrderedAlready(DomainError):
    """The same call has placed its order before; a checkout answers with that one."""

    code = "ordered_already"
    title = "This order was placed before"


class PromotionExhausted(DomainError):
    """Somebody else took the last use in this very moment; nothing was ordered."""

    code = "promotion_exhausted"
    title = "The promotion has just been used up"

    @classmethod
    def of(cls, name: str) -> PromotionExhausted:
        """The error for one promotion or coupon."""
        detail = f"'{name}' has just been used up. Ask for the price again."
        return cls(detail, errors=[FieldError("coupon_codes", cls.code, detail)])


class CartNotFound(NotFound):
    """There is no open cart, or it is not the caller's."""

    code = "cart_not_found"
    title = "There is no such cart"


class CartItemNotFound(NotFound):
    """The caller's cart has no such line."""

    code = "cart_item_not_found"
    title = "There is no such line in the cart"


class CodeNotInCart(NotFound):
    """The caller's cart does not have this coupon code."""

    code = "coupon_not_found"
    title = "The cart does not have this code"


class UnknownCoupon(DomainError):
    """There is no coupon with this code."""

    code = "unknown_coupon"
    status = 400
    title = "There is no such coupon"

    def __init__(self) -> None:
        detail = "There is no coupon with this code."
        super().__init__(detail, errors=[FieldError("code", self.code, detail)])


class CreditLimitExceeded(DomainError):
    """The company would owe more than it may; nothing was ordered."""

    code = "credit_limit_exceeded"
    title = "The company's credit limit does not suffice"


class NotWaitingForApproval(DomainError):
    """There is nothing to approve or reject: the order is not held for that."""

    code = "not_waiting_for_approval"
    title = "The order does not wait for approval"


class InvoiceNotFound(NotFound):
    """There is no such invoice or credit note, or it is not the caller's."""

    code = "invoice_not_found"
    title = "There is no such invoice"


class OrganizationNotFound(NotFound):
    """There is no such company, or the caller has nothing to do with it."""

    code = "organization_not_found"
    title = "There is no such organization"


class OrganizationInUse(DomainError):
    """Orders were placed for it; it can be closed (`is_active`), not deleted."""

    code = "organization_in_use"
    title = "The organization has orders"


class DraftNotFound(NotFound):
    """There is no such draft."""

    code = "draft_not_found"
    title = "There is no such draft"


class DraftClosed(InvalidTransition):
    """The draft was accepted, cancelled, or has expired."""


class QuoteNotFound(NotFound):
    """No quote has this link."""

    code = "quote_not_found"
    title = "There is no such quote"


class QuoteOver(DomainError):
    """The quote was valid once."""

    code = "quote_over"
    status = 410
    title = "The quote is no longer valid"


class StepNotPossible(InvalidTransition):
    """The table of states does not list the step, or it is not taken by hand."""


__all__ = [
    "CartEmpty",
    "CartItemNotFound",
    "CartNotFound",
    "CartNotReady",
    "CodeNotInCart",
    "CreditLimitExceeded",
    "DraftClosed",
    "DraftNotFound",
    "InvoiceNotFound",
    "NoPaymentsHere",
    "NotWaitingForApproval",
    "OrderNotFound",
    "OrganizationInUse",
    "OrganizationNotFound",
    "OutOfStock",
    "PriceChanged",
    "PromotionExhausted",
    "QuoteNotFound",
    "QuoteOver",
    "StepNotPossible",
    "TotalChanged",
    "UnknownCoupon",
]
