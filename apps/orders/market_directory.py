"""Answers the catalog's questions about markets."""

from __future__ import annotations

from apps.orders.models import Market


class OrderMarkets:
    """See `apps.catalog.ports.MarketDirectory`."""

    def exists(self, code: str) -> bool:
        """Whether there is a market of this code, be it active or not."""
        return Market.objects.filter(code=code).exists()
