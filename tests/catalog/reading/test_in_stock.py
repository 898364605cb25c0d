"""Whether anything of a product can be sold, in its document and in events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID, uuid4

import pytest

from apps.catalog.facade import ProductInfo
from apps.catalog.models import ProductDocument
from apps.catalog.services.update_product import update_product
from apps.common.context import StoreRef
from apps.events.contracts import InventoryReserved
from apps.events.models import Event
from apps.inventory.services.adjust_stock import adjust_stock
from apps.inventory.services.release_order import release_order
from apps.inventory.services.reserve_order import LineDemand, reserve_order
from apps.inventory.services.save_warehouse import create_warehouse, update_warehouse
from apps.inventory.services.set_initial import set_initial
from apps.inventory.services.set_stock import set_stock
from tests.catalog.factories import make_product
from tests.support.signals import heard_by
from tests.support.work import at_once


@pytest.fixture(autouse=True)
def _no_orders() -> Iterator[None]:
    """Stock is reserved for orders that exist nowhere else."""
    with heard_by("catalog", InventoryReserved):
        yield


def in_stock(product: ProductInfo) -> bool:
    return ProductDocument.objects.values_list("in_stock", flat=True).get(pk=product.id)


def told(topic: str) -> list[str]:
    rows = Event.objects.filter(topic=topic).order_by("id")
    return [row.payload["sku"] for row in rows]


def two_sizes(stock: int = 1) -> ProductInfo:
    return make_product(
        name="Tee",
        variants=[
            {"sku": "S", "price_cents": 100, "options": {"Size": "S"}, "inventory": stock},
            {"sku": "M", "price_cents": 100, "options": {"Size": "M"}, "inventory": stock},
        ],
    )


def order(variant_id: UUID, sku: str, quantity: int = 1) -> UUID:
    order_id = uuid4()
    assert reserve_order(order_id=order_id, lines=[LineDemand(uuid4(), variant_id, sku, quantity)])
    return order_id


@pytest.mark.covers("CAT-07", "INV-11")
def test_the_last_unit_and_the_first_are_told_once_and_written_down(store: StoreRef) -> None:
    product = make_product(sku="A", stock=2)
    assert in_stock(product)

    order_id = order(product.variant_ids[0], "A", 2)
    assert not in_stock(product)
    release_order(order_id=order_id)
    assert in_stock(product)
    adjust_stock(sku="A", delta=3, reason="more")
    set_stock(sku="A", quantity=0)
    assert not in_stock(product)
    adjust_stock(sku="A", delta=1, reason="found")
    assert in_stock(product)
    set_initial(rows=[(product.variant_ids[0], 0)], reason="import")
    assert not in_stock(product)
    set_initial(rows=[(product.variant_ids[0], 4)], reason="import")

    assert in_stock(product)
    assert told("product.out_of_stock") == ["A", "A", "A"]
    assert told("product.back_in_stock") == ["A", "A", "A"]


def test_a_product_is_in_stock_while_one_of_its_variants_is(store: StoreRef) -> None:
    product = two_sizes()

    set_stock(sku="S", quantity=0)
    assert in_stock(product)
    set_stock(sku="M", quantity=0)
    assert not in_stock(product)
    set_stock(sku="S", quantity=1)

    assert in_stock(product)
    assert told("product.out_of_stock") == ["S", "M"]
    assert told("product.back_in_stock") == ["S"]


def test_what_is_not_counted_is_always_in_stock(store: StoreRef) -> None:
    product = make_product(sku="A", stock=1)
    set_stock(sku="A", quantity=0)
    assert not in_stock(product)

    update_product(
        product_id=product.id,
        changes={},
        variants=[{"id": product.variant_ids[0], "sku": "A", "track_inventory": False}],
    )

    assert in_stock(product)


@pytest.mark.covers("INV-12")
def test_a_warehouse_that_closes_or_opens_counts(store: StoreRef) -> None:
    create_warehouse(code="north", name="North")
    product = make_product(sku="A", stock=0)
    set_stock(sku="A", quantity=3, warehouse="north")
    other = make_product(sku="B", stock=1)
    assert in_stock(product)

    update_warehouse(code="north", changes={"is_active": False})
    assert (in_stock(product), in_stock(other)) == (False, True)
    update_warehouse(code="north", changes={"is_active": True})

    assert in_stock(product)


def test_units_in_a_closed_warehouse_are_told_of_nowhere(store: StoreRef) -> None:
    create_warehouse(code="north", name="North", is_active=False)
    product = make_product(sku="A", stock=0)

    set_stock(sku="A", quantity=3, warehouse="north")

    assert not in_stock(product)
    assert told("product.back_in_stock") == []


@pytest.mark.covers("INV-03")
def test_a_variant_is_back_only_when_there_was_none_in_any_warehouse(store: StoreRef) -> None:
    create_warehouse(code="north", name="North")
    make_product(sku="A", stock=1)

    set_stock(sku="A", quantity=3, warehouse="north")
    set_stock(sku="A", quantity=0)
    assert told("product.out_of_stock") == []
    set_stock(sku="A", quantity=0, warehouse="north")
    set_stock(sku="A", quantity=1)

    assert told("product.out_of_stock") == ["A"]
    assert told("product.back_in_stock") == ["A"]


@pytest.mark.covers("CAT-07", "R2")
@pytest.mark.parametrize("turn", range(4))
def test_two_who_take_the_last_units_of_two_variants_leave_it_out_of_stock(
    live_store: StoreRef, turn: int
) -> None:
    product = two_sizes()
    ids = dict(zip(("S", "M"), product.variant_ids, strict=True))

    done = at_once(live_store, [partial(order, ids[sku], sku) for sku in ("S", "M")])

    assert not [error for error in done if isinstance(error, Exception)], done
    assert not in_stock(product)
    (given_back, _) = done
    assert isinstance(given_back, UUID)
    calls: list[Callable[[], object]] = [partial(release_order, order_id=given_back)]
    back = at_once(live_store, calls + [partial(set_stock, sku="M", quantity=1)] * 2)
    assert not [error for error in back if isinstance(error, Exception)], back
    assert in_stock(product)


@pytest.mark.covers("CAT-07")
@pytest.mark.parametrize("turn", range(4))
def test_a_product_shown_while_its_last_unit_goes_knows_it(live_store: StoreRef, turn: int) -> None:
    product = make_product(sku="A", stock=1, is_active=False)

    done = at_once(
        live_store,
        [
            partial(update_product, product_id=product.id, changes={"is_active": True}),
            partial(set_stock, sku="A", quantity=0),
        ],
    )

    assert not [error for error in done if isinstance(error, Exception)], done
    assert not in_stock(product)


@pytest.mark.covers("CAT-07")
def test_changes_of_product_and_stock_at_once_leave_the_truth(live_store: StoreRef) -> None:
    product = two_sizes(stock=0)

    def sell_and_refill(sku: str) -> None:
        for quantity in (1, 0, 2, 0):
            set_stock(sku=sku, quantity=quantity)

    done = at_once(
        live_store,
        [partial(sell_and_refill, "S"), partial(sell_and_refill, "M")]
        + [
            partial(update_product, product_id=product.id, changes={"name": f"Tee {n}"})
            for n in range(4)
        ],
    )

    assert not [error for error in done if isinstance(error, Exception)], done
    assert not in_stock(product)
    assert told("product.back_in_stock").count("S") == 2
