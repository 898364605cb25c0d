"""Which of the prices that apply counts: pure, so that carts and orders agree (PEER-04, I-30)."""

from __future__ import annotations

from collections.abc import Iterable

from apps.catalog.types import PriceTier


def choose_price(prices: Iterable[PriceTier], quantity: int) -> PriceTier | None:
    """The price of one unit when `quantity` are bought, or None where no tier reaches so low.

    Within a list the tier of the greatest `min_quantity` that the quantity reaches stands for it.
    Of the override lists the least (priority, code) decides, also when it is dearer. Without one
    the lowest amount of the default list and the sales counts; of equal ones the default list's,
    then the least (priority, code).
    """
    reached: dict[str, PriceTier] = {}
    for tier in prices:
        best = reached.get(tier.list_code)
        if tier.min_quantity <= quantity and (
            best is None or tier.min_quantity > best.min_quantity
        ):
            reached[tier.list_code] = tier
    overrides = [tier for tier in reached.values() if tier.kind == "override"]
    if overrides:
        return min(overrides, key=lambda tier: (tier.priority, tier.list_code))
    return min(
        reached.values(),
        key=lambda tier: (
            tier.amount_cents,
            tier.kind != "default",
            tier.priority,
            tier.list_code,
        ),
        default=None,
    )
