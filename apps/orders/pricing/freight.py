"""What the chosen way of sending costs, charge by charge, with its tax."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.orders.pricing import taxes
from apps.orders.pricing.types import (
    SHIPPING,
    Basket,
    Charge,
    Entry,
    Option,
    Rules,
    TaxRule,
)


@dataclass(frozen=True, slots=True)
class Freight:
    """One charge: its price, what of it is paid, and the tax added to it or contained in it."""

    charge: Charge
    price_cents: int
    paid_cents: int
    tax_cents: int
    tax_included_cents: int
    rule: TaxRule | None

    def entries(self, *, include_tax: bool) -> tuple[Entry, ...]:
        """The charge, what a promotion took off it, and its tax."""
        name = self.charge.name
        found = [self._entry("shipping", name, self.price_cents)]
        if self.paid_cents != self.price_cents:
            off = self.paid_cents - self.price_cents
            found.append(self._entry("promotion", f"Free shipping: {name}", off))
        if self.rule is not None:
            detail = {
                "percent": f"{self.rule.percent.normalize():f}",
                "base_cents": self.paid_cents,
                "included_cents": self.tax_included_cents,
                "included": include_tax,
            }
            label = f"{self.rule.name} on {name}"
            found.append(self._entry("tax", label, self.tax_cents, detail))
        return tuple(found)

    def _entry(
        self, step: str, label: str, amount_cents: int, detail: Mapping[str, Any] | None = None
    ) -> Entry:
        charge = self.charge
        return Entry(
            step,
            label,
            amount_cents,
            code=charge.method,
            vendor_id=charge.vendor_id,
            detail=detail or {},
        )


def freights_of(
    option: Option | None, basket: Basket, rules: Rules, *, free: bool
) -> tuple[Freight, ...]:
    """The charges of the chosen option; with `free` nothing of them is paid or taxed.

    A buyer who owes no tax pays the price without the tax that it contains.
    """
    if option is None:
        return ()
    rule = taxes.rate_for(rules.taxes, basket.place, SHIPPING)
    return tuple(_freight(charge, basket, rule, free=free) for charge in option.charges)


def _freight(charge: Charge, basket: Basket, rule: TaxRule | None, *, free: bool) -> Freight:
    price = charge.amount_cents
    if rule is not None and basket.tax_exempt and basket.prices_include_tax:
        price = taxes.without(price, rule.percent)
    paid = 0 if free else price
    if rule is None or basket.tax_exempt:
        return Freight(charge, price, paid, 0, 0, None)
    if basket.prices_include_tax:
        return Freight(charge, price, paid, 0, taxes.contained(paid, rule.percent), rule)
    return Freight(charge, price, paid, taxes.added(paid, rule.percent), 0, rule)
