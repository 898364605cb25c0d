"""From which warehouses an order is taken: the rules by themselves, and the store's choice."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.events.models import Event
from apps.inventory.allocation import (
    Destination,
    Place,
    Rules,
    Source,
    Want,
    allocate,
    demands,
    rank,
)
from apps.inventory.models import Warehouse
from apps.inventory.services.reserve_order import reserve_order
from apps.inventory.services.set_stock import set_stock
from tests.inventory.factories import demand, held_by, level_of, make_variant, make_warehouse

VARIANTS = [UUID(int=number) for number in range(1, 4)]
PLACES = [UUID(int=number) for number in range(11, 15)]
WANTS = st.lists(
    st.tuples(st.sampled_from(VARIANTS), st.integers(1, 8)), min_size=1, max_size=6
).map(
    lambda rows: [
        Want(UUID(int=100 + n), variant, units) for n, (variant, units) in enumerate(rows)
    ]
)
FREE = st.dictionaries(
    st.tuples(st.sampled_from(VARIANTS), st.sampled_from(PLACES)), st.integers(0, 12)
)
RANKING = st.permutations(PLACES)


@pytest.mark.covers("INV-12", "I-04", "R1")
@given(wants=WANTS, free=FREE, ranking=RANKING, split=st.booleans())
def test_no_more_is_given_than_is_free_and_each_line_gets_or_misses_just_what_it_wants(
    wants: list[Want], free: dict[Place, int], ranking: list[UUID], split: bool
) -> None:
    plan = allocate(wants, free, ranking, split=split)
    taken: dict[Place, int] = {}
    for share in plan.shares:
        assert share.units > 0
        place = (share.variant_id, share.warehouse_id)
        taken[place] = taken.get(place, 0) + share.units
    assert all(units <= free.get(place, 0) for place, units in taken.items())
    for want in wants:
        given_units = sum(one.units for one in plan.shares if one.line_id == want.line_id)
        assert given_units + plan.missing.get(want.line_id, 0) == want.units


@pytest.mark.covers("INV-12", "I-08")
@given(wants=WANTS, free=FREE, ranking=RANKING, split=st.booleans())
def test_an_order_that_can_be_served_is_and_one_that_cannot_is_not(
    wants: list[Want], free: dict[Place, int], ranking: list[UUID], split: bool
) -> None:
    plan = allocate(wants, free, ranking, split=split)
    reach = sum if split else max
    servable = all(
        reach([free.get((variant, place), 0) for place in ranking]) >= units
        for variant, units in demands(wants).items()
    )
    assert servable == (not plan.missing)


@pytest.mark.covers("INV-12")
@given(wants=WANTS, free=FREE, ranking=RANKING)
def test_without_splitting_one_sku_comes_from_one_place_and_all_from_one_that_has_all(
    wants: list[Want], free: dict[Place, int], ranking: list[UUID]
) -> None:
    plan = allocate(wants, free, ranking, split=False)
    places: dict[UUID, set[UUID]] = {}
    for share in plan.shares:
        places.setdefault(share.variant_id, set()).add(share.warehouse_id)
    assert all(len(found) == 1 for found in places.values())
    whole = [
        place
        for place in ranking
        if all(free.get((one, place), 0) >= units for one, units in demands(wants).items())
    ]
    if whole:
        assert {share.warehouse_id for share in plan.shares} == {whole[0]}


@pytest.mark.covers("INV-12")
def test_nearest_goes_by_postal_area_then_region_then_country_then_priority() -> None:
    def place(code: str, priority: int, **address: str) -> Source:
        return Source(uuid4(), code, priority, address)

    sources = [
        place("paris", 0, country="FR", postal_code="10115"),
        place("nowhere", 1),
        place("munich", 2, country="DE", state="BY", postal_code="80331"),
        place("potsdam", 3, country="DE", state="BB", postal_code="14467"),
        place("berlin", 4, country="de", state="BE", postal_code="10 115"),
        place("spandau", 5, country="DE", state="be", postal_code="13581"),
    ]
    codes = {source.id: source.code for source in sources}
    destination = Destination("DE", "BE", "10-963")
    nearest = rank(sources, Rules("nearest"), destination)
    assert [codes[one] for one in nearest] == [
        "berlin",
        "spandau",
        "munich",
        "potsdam",
        "paris",
        "nowhere",
    ]
    unknown = rank(sources, Rules("nearest"), None)
    assert unknown == rank(sources, Rules("priority"), destination)
    assert codes[unknown[0]] == "paris"


def _set(store: StoreRef, **settings: object) -> StoreRef:
    return replace(store, settings=settings)


@pytest.mark.covers("INV-12")
def test_a_store_that_does_not_split_takes_a_whole_order_from_one_warehouse(
    store: StoreRef,
) -> None:
    tee, mug = make_variant("TEE", 3), make_variant("MUG", 1)
    make_warehouse("far", priority=200)
    set_stock(sku="TEE", quantity=9, warehouse="far")
    set_stock(sku="MUG", quantity=9, warehouse="far")
    Warehouse.objects.filter(code="main").update(priority=1)
    with enter_store(_set(store, allocation_split=False)):
        whole, apart = uuid4(), uuid4()
        assert reserve_order(order_id=whole, lines=[demand(tee, 2), demand(mug, 2)])
        assert held_by(whole) == [("far", 2, 0, "held"), ("far", 2, 0, "held")]
        assert reserve_order(order_id=apart, lines=[demand(tee, 3)])
        assert held_by(apart) == [("main", 3, 0, "held")]


@pytest.mark.covers("INV-12", "INV-05")
def test_a_store_that_does_not_split_refuses_what_no_single_warehouse_has(
    store: StoreRef,
) -> None:
    tee = make_variant("TEE", 3)
    make_warehouse("far")
    set_stock(sku="TEE", quantity=4, warehouse="far")
    with enter_store(_set(store, allocation_split=False)):
        assert not reserve_order(order_id=uuid4(), lines=[demand(tee, 2), demand(tee, 3)])
    (event,) = Event.objects.filter(topic="inventory.insufficient")
    assert event.payload["shortages"] == [{"sku": "TEE", "requested": 5, "available": 4}]
    assert (level_of(tee), level_of(tee, "far")) == ((3, 0), (4, 0))
    assert reserve_order(order_id=uuid4(), lines=[demand(tee, 5)])


@pytest.mark.covers("INV-12")
def test_a_store_that_takes_from_nearby_follows_the_destination(store: StoreRef) -> None:
    tee = make_variant("TEE", 3)
    make_warehouse("wien", priority=900, address={"country": "AT", "postal_code": "1010"})
    set_stock(sku="TEE", quantity=5, warehouse="wien")
    with enter_store(_set(store, allocation_strategy="nearest")):
        there, here = uuid4(), uuid4()
        near = Destination("AT", "", "1070")
        assert reserve_order(order_id=there, lines=[demand(tee, 2)], ship_to=near)
        assert reserve_order(order_id=here, lines=[demand(tee, 2)])
    assert held_by(there) == [("wien", 2, 0, "held")]
    assert held_by(here) == [("main", 2, 0, "held")]
