"""What orders asks of those who stand above it: the rates of tax, and the taking of money.

Whoever answers registers itself when the server starts; see docs/adr/0020.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from apps.orders.errors import NoPaymentsHere
from apps.orders.pricing.types import Place, TaxRule
from apps.orders.types import OrderInfo


@dataclass(frozen=True, slots=True)
class TaxRequest:
    """What a basket's rates are asked for.

    place: where it goes, None while nobody knows. currency: ISO 4217. own: what the store's own
    tables say of the place's country and postal code; they were read with the other rules, so they
    cost nothing.
    """

    place: Place | None
    currency: str
    own: tuple[TaxRule, ...]


class TaxProvider(Protocol):
    """Knows which rates hold at a place (PEER-03)."""

    def rates(self, request: TaxRequest) -> Sequence[TaxRule]:
        """Every rate that may hold there, of all categories; pricing takes the most specific.

        Asked for every price, mostly inside the transaction that writes a cart or an order, so it
        must not go outside: it answers from what is kept here. One whose rates are elsewhere has a
        task fetch them beforehand, into the store's own table (`put_tax_rates`) or one of its own.
        Without a rule the goods are not taxed.
        """
        ...


class OwnTables:
    """The default: the rates that the store keeps itself (`models.TaxRate`)."""

    def rates(self, request: TaxRequest) -> Sequence[TaxRule]:
        """Those of the store's own tables."""
        return request.own


_provider: list[TaxProvider] = [OwnTables()]


def register_tax_provider(provider: TaxProvider) -> None:
    """Have `provider` asked from now on."""
    _provider[:] = [provider]


def tax_provider() -> TaxProvider:
    """Who knows the rates."""
    return _provider[0]


@dataclass(frozen=True, slots=True)
class PaymentWish:
    """How the buyer pays. capture: `automatic`, or `manual` for a hold that is taken later."""

    payment_method: str
    capture: str = "automatic"


class PaymentStarter(Protocol):
    """Takes the money for an order in the call that places it (CRT-07, I-03)."""

    def check(self, wish: PaymentWish) -> None:
        """Raises a DomainError for a method that could never work, before anything is placed."""
        ...

    def open(self, order: OrderInfo, wish: PaymentWish, key: str) -> Any:
        """Write the payment down, in the transaction that places the order: one commit for both.

        key: what the caller calls the attempt. Returns what `finish` needs.
        """
        ...

    def finish(self, opened: Any) -> dict[str, Any]:
        """Ask the gateway, with no transaction open; returns the payment as it is told."""
        ...

    def repeat(
        self, order_id: UUID, wish: PaymentWish, *, user: Any, email: str, key: str
    ) -> dict[str, Any]:
        """The payment of an earlier call with the same key, gone on with where it was cut off."""
        ...


class NoPayments:
    """The default: nobody takes money, so an order can only be placed."""

    def check(self, wish: PaymentWish) -> None:
        """Raises NoPaymentsHere."""
        raise NoPaymentsHere

    def open(self, order: OrderInfo, wish: PaymentWish, key: str) -> Any:
        """Raises NoPaymentsHere."""
        raise NoPaymentsHere

    def finish(self, opened: Any) -> dict[str, Any]:
        """Raises NoPaymentsHere."""
        raise NoPaymentsHere

    def repeat(
        self, order_id: UUID, wish: PaymentWish, *, user: Any, email: str, key: str
    ) -> dict[str, Any]:
        """Raises NoPaymentsHere."""
        raise NoPaymentsHere


_payments: list[PaymentStarter] = [NoPayments()]


def register_payment_starter(starter: PaymentStarter) -> None:
    """Have `starter` take the money from now on."""
    _payments[:] = [starter]


def payment_starter() -> PaymentStarter:
    """Who takes money."""
    return _payments[0]
