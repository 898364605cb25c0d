"""What shipping asks of a carrier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class CarrierError(Exception):
    """The carrier refused or did not answer; the caller tries again with the same key."""


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """A parcel to be labelled. Addresses have the fields of an order's `shipping_address`."""

    order_number: str
    to_address: Mapping[str, str]
    from_address: Mapping[str, str] = field(default_factory=dict)
    weight_grams: int = 0
    service: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A bought label: `pdf` is one page, ready to print."""

    tracking_number: str
    pdf: bytes
    service: str


class Carrier(Protocol):
    """Takes parcels. Both calls talk to the outside: never make them inside a transaction."""

    name: str

    def buy_label(self, request: LabelRequest, idempotency_key: str) -> Label:
        """Buy a label; the same key gives the same label and costs nothing. Raises CarrierError."""
        ...

    def void_label(self, tracking_number: str, idempotency_key: str) -> None:
        """Give an unused label back; voiding it twice is no error. Raises CarrierError."""
        ...
