"""What reads of carts answer: whose a cart is, what it holds, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from apps.orders.models import Cart, CartLine
from apps.orders.pricing.types import LinePrice
from apps.orders.quoting import Quote
from apps.orders.resolving import ResolvedLine


@dataclass(frozen=True, slots=True)
class CartProblem:
    """One thing that is wrong. `blocking` ones must be cleared before an order is made of it.

    extra: what a program needs to say it in its own words; amounts are in the cart's currency.
    """

    code: str
    severity: str
    detail: str
    line_id: UUID | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As it is told, with the members of its code."""
        return {
            "code": self.code,
            "severity": self.severity,
            "detail": self.detail,
            "line_id": self.line_id,
            **self.extra,
        }


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a cart: a customer, or whoever has a guest cart's token; neither has none yet."""

    customer_id: UUID | None = None
    token_hash: str = ""


@dataclass(frozen=True, slots=True)
class CartReading:
    """A cart as it stands at this moment, priced. `cart` is None where there is none.

    quote, saved: of the lines to be bought, and of those saved for later; None without any cart.
    available: variant → units that can be sold or back-ordered, for those that are counted.
    token: the guest cart's, told once, when it was opened.
    """

    cart: Cart | None
    currency: str
    lines: tuple[CartLine, ...] = ()
    quote: Quote | None = None
    saved: Quote | None = None
    available: Mapping[UUID, int] = field(default_factory=dict)
    problems: tuple[CartProblem, ...] = ()
    token: str = ""

    @property
    def to_buy(self) -> list[tuple[CartLine, ResolvedLine, LinePrice | None]]:
        """The lines to be bought, each with what it means and costs, None where it cannot be."""
        if self.quote is None:
            return []
        priced = zip(self.quote.sold, self.quote.pricing.lines, strict=False)
        prices = {sold.variant.id: price for sold, price in priced if sold.variant}
        wanted = [line for line in self.lines if not line.saved_for_later]
        return [
            (line, resolved, None if resolved.refusal else prices.get(line.variant_id))
            for line, resolved in zip(wanted, self.quote.lines, strict=True)
        ]

    @property
    def prices(self) -> dict[UUID, int | None]:
        """Line → what one unit costs by the catalog, for those that can be bought."""
        return {
            line.pk: resolved.unit_price_cents
            for line, resolved, _ in self.to_buy
            if not resolved.refusal
        }

    def acknowledged(self, line_ids: Collection[UUID]) -> CartReading:
        """The same without news of prices of these lines: their buyer has just been told."""
        left = tuple(
            problem
            for problem in self.problems
            if problem.code != "price_changed" or problem.line_id not in line_ids
        )
        return replace(self, problems=left)

    @property
    def for_later(self) -> list[tuple[CartLine, ResolvedLine]]:
        """The lines saved for later, each with what it means and costs."""
        if self.saved is None:
            return []
        kept_lines = [line for line in self.lines if line.saved_for_later]
        return list(zip(kept_lines, self.saved.lines, strict=True))
