"""`check_stock --repair`: every count is explained again, and the ledger says why (I-06)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command

from apps.catalog.types import VariantInfo
from apps.common.context import StoreRef
from apps.events.models import Event
from apps.inventory.audit import find_differences
from apps.inventory.models import BackorderPolicy, Reservation, StockLevel, StockMovement
from apps.inventory.services.repair_stock import repair_stock
from apps.inventory.services.reserve_order import reserve_order
from apps.inventory.services.set_backorder import set_backorder
from tests.inventory.factories import (
    demand,
    held_by,
    ledger_of,
    level_of,
    make_variant,
    make_warehouse,
)

ORDER = UUID(int=7)


@pytest.fixture
def tee() -> VariantInfo:
    """Five on hand of which an order holds two, and a rule that lets one more be sold."""
    variant = make_variant("TEE", 5)
    set_backorder(sku="TEE", limit=4)
    reserve_order(order_id=ORDER, lines=[demand(variant, 2)])
    return variant


def levels(**values: Any) -> Callable[[], Any]:
    return lambda: StockLevel.objects.update(**values)


def ledger(kind: str, **values: Any) -> Callable[[], Any]:
    return lambda: StockMovement.objects.filter(kind=kind).update(**values)


def lost(model: Any, **which: Any) -> Callable[[], Any]:
    return lambda: model.objects.filter(**which).delete()


DAMAGE: dict[str, tuple[Callable[[], Any], list[str], tuple[int, int], tuple[int, int]]] = {
    "a level says more than the ledger": (
        levels(on_hand=9),
        ["TEE in main: on_hand 9 -> 5, the ledger says so"],
        (5, 2),
        (0, 0),
    ),
    "a level says less than the ledger": (
        levels(on_hand=2),
        ["TEE in main: on_hand 2 -> 5, the ledger says so"],
        (5, 2),
        (0, 0),
    ),
    "a level holds less than orders do": (
        levels(reserved=1),
        ["TEE in main: reserved 1 -> 2, orders hold as many"],
        (5, 2),
        (0, 0),
    ),
    "a level and the ledger hold what no order does": (
        lost(Reservation, order_id=ORDER),
        [
            "TEE in main: reserved 2 -> 0, orders hold as many",
            "TEE in main: ledger reserved 2 -> 0, orders hold as many",
        ],
        (5, 0),
        (0, -2),
    ),
    "the ledger forgot that an order holds": (
        ledger("reservation", reserved_delta=1),
        ["TEE in main: ledger reserved 1 -> 2, orders hold as many"],
        (5, 2),
        (0, 1),
    ),
    "the ledger has less than orders hold": (
        ledger("import", on_hand_delta=1),
        [
            "TEE in main: on_hand 5 -> 2, orders hold as many",
            "TEE in main: ledger on_hand 1 -> 2, orders hold as many",
        ],
        (2, 2),
        (1, 0),
    ),
    "a level is gone": (
        lost(StockLevel),
        [
            "TEE in main: on_hand 0 -> 5, the ledger says so",
            "TEE in main: reserved 0 -> 2, orders hold as many",
        ],
        (5, 2),
        (0, 0),
    ),
    "everything of one level": (
        levels(on_hand=7, reserved=7),
        [
            "TEE in main: on_hand 7 -> 5, the ledger says so",
            "TEE in main: reserved 7 -> 2, orders hold as many",
        ],
        (5, 2),
        (0, 0),
    ),
    "the rule counts units that nobody waits for": (
        lambda: BackorderPolicy.objects.update(backordered=3),
        ["TEE: backordered 3 -> 0, so many wait"],
        (5, 2),
        (0, 0),
    ),
}


@pytest.mark.covers("I-06", "MOON-09")
@pytest.mark.parametrize("damage", list(DAMAGE))
def test_each_damage_is_repaired_told_and_explained(
    store: StoreRef, tee: VariantInfo, damage: str, capsys: Any
) -> None:
    spoil, lines, level, deltas = DAMAGE[damage]
    spoil()
    with pytest.raises(CommandError, match="in the stock of"):
        call_command("check_stock", store=store.slug)
    capsys.readouterr()

    call_command("check_stock", store=store.slug, repair=True)

    told = capsys.readouterr().out.splitlines()
    assert told == [*lines, f"The stock of {store.slug} is consistent."]
    assert find_differences() == []
    assert level_of(tee) == level
    (row,) = StockMovement.objects.filter(kind="correction")
    assert (row.on_hand_delta, row.reserved_delta) == deltas
    assert row.reason


@pytest.mark.covers("I-06", "PEER-29")
def test_waiting_units_that_no_rule_counts_get_their_rule_back(
    store: StoreRef, capsys: Any
) -> None:
    tee = make_variant("TEE")
    set_backorder(sku="TEE", limit=4)
    order_id = uuid4()
    reserve_order(order_id=order_id, lines=[demand(tee, 3)])
    BackorderPolicy.objects.all().delete()
    call_command("check_stock", store=store.slug, repair=True)
    rule = BackorderPolicy.objects.get()
    assert (rule.variant_id, rule.backordered, rule.limit) == (tee.id, 3, 3)
    assert capsys.readouterr().out.splitlines()[:2] == [
        "TEE: backordered 0 -> 3, so many wait",
        "TEE: backorder limit 0 -> 3, so many wait",
    ]
    assert ledger_of(tee) == [("correction", 0, 0)]
    assert StockMovement.objects.get().reason == "The rule counted 0 back-ordered, 3 wait"


@pytest.mark.covers("I-06", "PEER-29")
def test_what_a_repair_finds_free_goes_to_those_who_wait(store: StoreRef) -> None:
    tee = make_variant("TEE", 2)
    set_backorder(sku="TEE", limit=4)
    gone, waits = uuid4(), uuid4()
    reserve_order(order_id=gone, lines=[demand(tee, 2)])
    reserve_order(order_id=waits, lines=[demand(tee, 1)])
    Reservation.objects.filter(order_id=gone).delete()
    repair_stock()
    assert held_by(waits) == [("main", 1, 0, "held")]
    assert level_of(tee) == (2, 1)
    assert BackorderPolicy.objects.get().backordered == 0
    assert find_differences() == []


@pytest.mark.covers("I-06", "CAT-07")
def test_who_watches_hears_that_there_is_some_again(store: StoreRef) -> None:
    tee = make_variant("TEE", 3)
    make_warehouse("far")
    StockLevel.objects.filter(variant_id=tee.id).update(on_hand=0)
    repair_stock()
    event = Event.objects.get(topic="product.back_in_stock")
    assert event.payload["sku"] == "TEE"


@pytest.mark.covers("I-06")
def test_what_is_consistent_is_left_alone(store: StoreRef, tee: VariantInfo) -> None:
    before = ledger_of(tee)
    assert repair_stock() == []
    assert ledger_of(tee) == before
