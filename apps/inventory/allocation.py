"""From which warehouses an order's units are taken: pure, and the store's choice (INV-12).

A warehouse's rank is its `priority`, or with `nearest` first how near it is to the destination:
the same area of postal codes, the same region, the same country, anywhere.

With splitting, every line is taken by rank, from as many warehouses as it needs. Without, one
warehouse serves the whole order if any can; else each SKU of the order comes from one warehouse,
the first by rank that has all of it; a SKU that no single warehouse can serve is short. What is
short may still be back-ordered; then the warehouse that has most gives what it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

# Two postal codes of one country that begin alike are of one area.
_AREA = 2
Place = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the store's settings say: `strategy` is `priority` or `nearest`."""

    strategy: str = "priority"
    split: bool = True

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Rules:
        """The rules of a store's settings."""
        return cls(
            strategy=str(settings.get("allocation_strategy", "priority")),
            split=bool(settings.get("allocation_split", True)),
        )


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an order goes, as far as is known."""

    country: str = ""
    state: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A warehouse as ranking sees it."""

    id: UUID
    code: str
    priority: int
    address: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Want:
    """What one order line asks for."""

    line_id: UUID
    variant_id: UUID
    units: int


@dataclass(frozen=True, slots=True)
class Share:
    """Units of a line, and the warehouse that gives them."""

    line_id: UUID
    variant_id: UUID
    warehouse_id: UUID
    units: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Who gives what; `missing` is what nobody gives, by line, without the lines that lack nothing.

    The shares of a line and what it misses add up to what it wants.
    """

    shares: tuple[Share, ...]
    missing: Mapping[UUID, int]


def rank(
    sources: Sequence[Source], rules: Rules, destination: Destination | None = None
) -> list[UUID]:
    """The warehouses' ids, the one to take from first at the head."""

    def key(source: Source) -> tuple[int, int, str]:
        far = _distance(source.address, destination) if rules.strategy == "nearest" else 0
        return far, source.priority, source.code

    return [source.id for source in sorted(sources, key=key)]


def _distance(address: Mapping[str, Any], destination: Destination | None) -> int:
    """0 for the same area, 1 for the same region, 2 for the same country, else 3."""
    if destination is None or not destination.country:
        return 3
    if str(address.get("country", "")).upper() != destination.country.upper():
        return 3
    here, there = _area(str(address.get("postal_code", ""))), _area(destination.postal_code)
    if here and here == there:
        return 0
    region, wanted = str(address.get("state", "")), destination.state
    return 1 if region and region.strip().casefold() == wanted.strip().casefold() else 2


def _area(postal_code: str) -> str:
    plain = "".join(char for char in postal_code if char.isalnum()).upper()
    return plain[:_AREA] if len(plain) >= _AREA else ""


def allocate(
    wants: Sequence[Want], free: Mapping[Place, int], ranking: Sequence[UUID], *, split: bool
) -> Plan:
    """Who serves which line.

    free: (variant, warehouse) → units that can be sold. Never gives more than is free; with
    `split` nothing is missing that all warehouses together have, without it nothing that a single
    one has.
    """
    left = dict(free)
    if split:
        return _served(wants, left, dict.fromkeys({want.variant_id for want in wants}, ranking))
    demand = demands(wants)
    whole = next(
        (
            place
            for place in ranking
            if all(free.get((variant, place), 0) >= units for variant, units in demand.items())
        ),
        None,
    )
    chosen = {
        variant: [whole] if whole is not None else _single(variant, units, free, ranking)
        for variant, units in demand.items()
    }
    return _served(wants, left, chosen)


def demands(wants: Sequence[Want]) -> dict[UUID, int]:
    """Variant → units, lines of one variant added up (I-04)."""
    total: dict[UUID, int] = {}
    for want in wants:
        total[want.variant_id] = total.get(want.variant_id, 0) + want.units
    return total


def _single(
    variant: UUID, units: int, free: Mapping[Place, int], ranking: Sequence[UUID]
) -> list[UUID]:
    """The one warehouse that a SKU comes from: the first that has all of it, else who has most."""
    for place in ranking:
        if free.get((variant, place), 0) >= units:
            return [place]
    best = max(ranking, key=lambda place: free.get((variant, place), 0), default=None)
    return [] if best is None else [best]


def _served(
    wants: Sequence[Want], left: dict[Place, int], chosen: Mapping[UUID, Sequence[UUID]]
) -> Plan:
    shares: list[Share] = []
    missing: dict[UUID, int] = {}
    for want in wants:
        units = want.units
        for place in chosen[want.variant_id]:
            given = min(units, left.get((want.variant_id, place), 0))
            if given <= 0:
                continue
            units -= given
            left[want.variant_id, place] -= given
            shares.append(Share(want.line_id, want.variant_id, place, given))
        if units > 0:
            missing[want.line_id] = missing.get(want.line_id, 0) + units
    return Plan(tuple(shares), missing)
