"""What the catalog asks of whoever keeps stock, and of whoever keeps markets.

Inventory and orders register their answers at start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID


class StockSource(Protocol):
    """Keeps stock by variant."""

    def availability(self, product_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Units that can be sold of every variant of the products, in one query.

        A variant that nothing is kept of may be left out.
        """
        ...

    def available_variants(self, variant_ids: Sequence[UUID]) -> list[UUID]:
        """Those of which at least one unit can be sold, in one query that joins nothing large.

        For writers: of rows that are not committed yet PostgreSQL has no figures, and may plan a
        join of thousands of them as if there were ten.
        """
        ...

    def on_hand(self, product_ids: Sequence[UUID]) -> dict[UUID, int]:
        """What the default warehouse holds of every variant of the products, in one query.

        What `set_initial` would have to be told to change nothing.
        """
        ...

    def set_initial(self, rows: Sequence[tuple[UUID, int]], reason: str) -> int:
        """Make the default warehouse hold so many units of each variant (id, units); returns how
        many had fewer or more.

        In the caller's transaction, in bulk; a variant that holds as many already is left alone.
        """
        ...

    def renew_statistics(self) -> None:
        """Have the database count its tables anew; for use after many calls of `set_initial`."""
        ...


class NoStock:
    """The default: nobody keeps stock, so nothing is known of any."""

    def availability(self, product_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Nothing."""
        return {}

    def available_variants(self, variant_ids: Sequence[UUID]) -> list[UUID]:
        """None."""
        return []

    def on_hand(self, product_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Nothing."""
        return {}

    def set_initial(self, rows: Sequence[tuple[UUID, int]], reason: str) -> int:
        """Kept nowhere."""
        return 0

    def renew_statistics(self) -> None:
        """There are none."""


_source: list[StockSource] = [NoStock()]


def register_stock_source(source: StockSource) -> None:
    """Have `source` asked from now on."""
    _source[:] = [source]


def stock() -> StockSource:
    """Who keeps stock."""
    return _source[0]


class MarketDirectory(Protocol):
    """Knows the store's markets."""

    def exists(self, code: str) -> bool:
        """Whether there is a market of this code, be it active or not."""
        ...


class AnyMarket:
    """The default: nobody keeps markets, so any code may be one."""

    def exists(self, code: str) -> bool:
        """It may."""
        return True


_markets: list[MarketDirectory] = [AnyMarket()]


def register_market_directory(directory: MarketDirectory) -> None:
    """Have `directory` asked from now on."""
    _markets[:] = [directory]


def markets() -> MarketDirectory:
    """Who keeps markets."""
    return _markets[0]
