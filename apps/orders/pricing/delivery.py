"""What it costs to send a basket: zones, methods, rate tables (PEER-16, PEER-30)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from apps.orders.pricing.taxes import plain_code
from apps.orders.pricing.types import Charge, Item, MethodRule, Option, Place, Rules

_Key = tuple[UUID | None, str]


def options_for(
    items: Sequence[Item],
    worths: Sequence[int],
    rules: Rules,
    *,
    place: Place,
    currency: str,
) -> tuple[Option, ...]:
    """Every way to send the items to the place, as the methods stand; none when some of it cannot
    be sent, or when nothing needs sending.

    worths: what the lines cost after discounts. Goods of a vendor who has methods of their own for
    the place travel by those, each vendor's for itself; all other goods travel together by the
    store's. A vendor who does not have the chosen method takes the store's, then their cheapest.
    Goods that nobody has any way to send (`Rules.sends`) are in no charge.
    """
    parcels = [one for one in _parcels(items, worths) if rules.sends(one.vendor_id)]
    if not parcels:
        return ()
    owners = {None, *(parcel.vendor_id for parcel in parcels)}
    served = _served([rule for rule in rules.methods if rule.vendor_id in owners], place)
    codes = dict.fromkeys(code for _, code in served)
    found = [_option(code, parcels, served, currency) for code in codes]
    return tuple(option for option in found if option is not None)


class _Parcel:
    """A vendor's goods that need sending."""

    def __init__(self, vendor_id: UUID) -> None:
        self.vendor_id = vendor_id
        self.worth = 0
        self.weight = 0


def _parcels(items: Sequence[Item], worths: Sequence[int]) -> list[_Parcel]:
    parcels: dict[UUID, _Parcel] = {}
    for item, worth in zip(items, worths, strict=True):
        if item.requires_shipping:
            parcel = parcels.setdefault(item.vendor_id, _Parcel(item.vendor_id))
            parcel.worth += worth
            parcel.weight += item.quantity * item.weight_grams
    return list(parcels.values())


def _served(methods: Sequence[MethodRule], place: Place) -> dict[_Key, MethodRule]:
    """The methods of the zone that describes the place best, for each vendor and for the store."""
    best: dict[UUID | None, tuple[int, int]] = {}
    for rule in methods:
        nearness = _nearness(rule, place)
        if nearness is not None:
            best[rule.vendor_id] = max(best.get(rule.vendor_id, (-1, -1)), nearness)
    return {
        (rule.vendor_id, rule.code): rule
        for rule in methods
        if rule.vendor_id in best and _nearness(rule, place) == best[rule.vendor_id]
    }


def _nearness(rule: MethodRule, place: Place) -> tuple[int, int] | None:
    """How well the zone describes the place; None when it does not."""
    if rule.countries and place.country not in rule.countries:
        return None
    if rule.states and place.state.casefold() not in rule.states:
        return None
    code = plain_code(place.postal_code)
    prefixes = [len(one) for one in rule.postal_prefixes if code.startswith(one)]
    if rule.postal_prefixes and not prefixes:
        return None
    return max(prefixes, default=0), bool(rule.states) + bool(rule.countries)


def _option(
    code: str, parcels: Sequence[_Parcel], served: dict[_Key, MethodRule], currency: str
) -> Option | None:
    """The charges when the buyer chooses this code; None when something cannot be sent."""
    together: dict[_Key, list[_Parcel]] = {}
    for parcel in parcels:
        rule = _rule_for(code, parcel, served, currency)
        if rule is None:
            return None
        together.setdefault((rule.vendor_id, rule.code), []).append(parcel)
    if not any(key[1] == code for key in together):
        return None
    charges = []
    for key, group in together.items():
        amount = _cost(served[key], group, currency)
        if amount is None:
            return None
        rule = served[key]
        vendors = tuple(parcel.vendor_id for parcel in group)
        charges.append(Charge(rule.code, rule.name, amount, vendors, rule.vendor_id))
    named = next(served[key] for key in together if key[1] == code)
    days = [served[key] for key in together]
    return Option(
        code=code,
        name=named.name,
        amount_cents=sum(charge.amount_cents for charge in charges),
        charges=tuple(charges),
        min_days=_latest([rule.min_days for rule in days]),
        max_days=_latest([rule.max_days for rule in days]),
        description=named.description,
    )


def _latest(days: Sequence[int | None]) -> int | None:
    """The basket is complete when its last parcel has come; nobody knows when one is silent."""
    known = [day for day in days if day is not None]
    return max(known) if len(known) == len(days) else None


def _rule_for(
    code: str, parcel: _Parcel, served: dict[_Key, MethodRule], currency: str
) -> MethodRule | None:
    vendor = parcel.vendor_id
    for key in ((vendor, code), (None, code)):
        if key in served and _cost(served[key], [parcel], currency) is not None:
            return served[key]
    for owner in (vendor, None):
        costs = [
            (cost, rule.code, rule)
            for (whose, _), rule in served.items()
            if whose == owner and (cost := _cost(rule, [parcel], currency)) is not None
        ]
        if costs:
            return min(costs, key=lambda row: row[:2])[2]
    return None


def _cost(rule: MethodRule, parcels: Sequence[_Parcel], currency: str) -> int | None:
    """The price of sending the parcels as one; None when the table does not serve them."""
    worth = sum(parcel.worth for parcel in parcels)
    weight = sum(parcel.weight for parcel in parcels)
    if rule.max_weight_grams is not None and weight > rule.max_weight_grams:
        return None
    measure = {"weight": weight, "price": worth}.get(rule.basis, 0)
    rows = [row for row in rule.rates if row.currency == currency and row.start <= measure]
    if not rows:
        return None
    if currency in rule.free_from and worth >= rule.free_from[currency]:
        return 0
    return max(rows, key=lambda row: row.start).amount_cents
