"""An order's amounts shared among its vendors, to the last subunit (ORD-17, PEER-33, P8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.common.money import allocate
from apps.orders.pricing.freight import Freight
from apps.orders.pricing.types import LinePrice, PartPrice


@dataclass(slots=True)
class _Sums:
    subtotal: int = 0
    discount: int = 0
    tax: int = 0
    shipping: int = 0
    sent: int = 0


def parts_of(lines: Sequence[LinePrice], freights: Sequence[Freight]) -> tuple[PartPrice, ...]:
    """One per vendor, in the order in which the vendors appear.

    A charge that carries the goods of several vendors is shared among them by what those goods
    cost after discounts, by largest remainder.
    """
    sums: dict[UUID, _Sums] = {}
    for line in lines:
        part = sums.setdefault(line.item.vendor_id, _Sums())
        part.subtotal += line.subtotal_cents
        part.discount += line.discount_cents
        part.tax += line.tax_cents
        if line.item.requires_shipping:
            part.sent += line.subtotal_cents - line.discount_cents
    for freight in freights:
        carried = [sums[vendor_id] for vendor_id in freight.charge.vendor_ids]
        worths = [part.sent for part in carried]
        shares = allocate(freight.paid_cents, worths)
        tax_shares = allocate(freight.tax_cents, worths)
        for part, share, tax in zip(carried, shares, tax_shares, strict=True):
            part.shipping += share
            part.tax += tax
    return tuple(
        PartPrice(
            vendor_id=vendor_id,
            subtotal_cents=part.subtotal,
            discount_cents=part.discount,
            tax_cents=part.tax,
            shipping_cents=part.shipping,
            total_cents=part.subtotal - part.discount + part.tax + part.shipping,
        )
        for vendor_id, part in sums.items()
    )
