"""Who buys what in a round, and how it ends: made up from a seed, so a round can be had again."""

from __future__ import annotations

import random
from dataclasses import dataclass

# How a buyer goes on, and how many of a hundred do.
FATES = {
    "pays": 30,
    "pays later": 10,
    "pays with a second card": 8,
    "pays at the last moment": 30,
    "cancels": 8,
    "pays and cancels": 6,
    "leaves": 8,
}
WAREHOUSES = ("main", "east", "west")
# Of what the buyers want, so much is there.
_SCARCE = 0.6
_MEAN_UNITS = 3


@dataclass(frozen=True, slots=True)
class Good:
    """Something for sale. seller: whose it is, 0 for the store's own. stock: by warehouse."""

    sku: str
    seller: int
    stock: dict[str, int]


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody with a basket. key: what their one order is called, however often they ask."""

    key: str
    basket: tuple[tuple[str, int], ...]
    fate: str

    @property
    def email(self) -> str:
        """Their address."""
        return f"{self.key}@example.com"


@dataclass(frozen=True, slots=True)
class Round:
    """The goods of a round and the buyers who want them."""

    name: str
    goods: tuple[Good, ...]
    buyers: tuple[Buyer, ...]


def plan_round(name: str, *, buyers: int, hot: bool, seed: int) -> Round:
    """Buyers of 1 to 5 units each, in baskets of 1 to 3 SKUs, or of one SKU that all want."""
    rng = random.Random(f"{name}:{seed}")
    skus = [f"{name}-HOT"] if hot else [f"{name}-{letter}" for letter in "ABCDEF"]
    each = max(int(buyers * _MEAN_UNITS * _SCARCE / len(skus) / len(WAREHOUSES)), 1)
    goods = tuple(
        Good(sku, index % 3, dict.fromkeys(WAREHOUSES, each)) for index, sku in enumerate(skus)
    )
    people = tuple(
        Buyer(
            key=f"{name}-{number}".lower(),
            basket=_basket(rng, skus),
            fate=rng.choices(list(FATES), weights=list(FATES.values()))[0],
        )
        for number in range(buyers)
    )
    return Round(name, goods, people)


def _basket(rng: random.Random, skus: list[str]) -> tuple[tuple[str, int], ...]:
    units = rng.randint(1, 5)
    kinds = rng.sample(skus, min(rng.randint(1, 3), units, len(skus)))
    counts = dict.fromkeys(kinds, 1)
    for _ in range(units - len(kinds)):
        counts[rng.choice(kinds)] += 1
    return tuple(counts.items())
