"""Labels that payment sets in motion: one per vendor order, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from pypdf import PdfReader

from apps.common.context import StoreRef
from apps.events.models import Delivery, Event
from apps.orders.editing import EditRequest
from apps.orders.facade import LineRequest, cancel_order
from apps.orders.models import Order
from apps.orders.services.edit_order import edit_order
from apps.shipping.carriers.base import CarrierError
from apps.shipping.carriers.local import LocalCarrier
from apps.shipping.models import Shipment
from apps.shipping.services import record_shipment as recording
from apps.shipping.services.create_shipments import create_shipments
from tests.catalog.factories import make_product, make_vendor
from tests.orders.factories import ADDRESS
from tests.shipping.factories import delivery_of, make_paid_order, order_of, shipment_of
from tests.support.work import work_one

Drain = Callable[[], int]
MAKE_LABELS = "shipping.make_labels"


def label_files(settings: Any) -> list[Path]:
    return sorted(Path(settings.MEDIA_ROOT).rglob("*.pdf"))


@pytest.mark.covers("SHP-01", "SHP-04", "SHP-05")
def test_a_paid_order_gets_a_shipment_with_a_label_and_tells_so(
    store: StoreRef, drain: Drain
) -> None:
    order = make_paid_order(quantity=2)

    drain()

    shipment = shipment_of(order)
    assert shipment.status == "label_created"
    assert shipment.carrier == "local"
    assert shipment.label_key == f"stores/{store.id}/labels/{shipment.tracking_number}.pdf"
    assert [(line.order_line_id, line.quantity) for line in shipment.lines.all()] == [
        (order.lines[0].id, 2)
    ]
    assert [event.status for event in shipment.events.all()] == ["label_created"]
    text = PdfReader(BytesIO(default_storage.open(shipment.label_key).read())).pages[0]
    assert "Ada Lovelace" in text.extract_text()
    event = Event.objects.get(topic="shipping.label.created")
    assert event.key == str(shipment.id)
    assert event.payload["trackingNumber"] == shipment.tracking_number


@pytest.mark.covers("SHP-01")
def test_every_vendor_of_an_order_gets_a_parcel_of_its_own(store: StoreRef, drain: Drain) -> None:
    make_product(sku="A", stock=5)
    make_product(sku="B", stock=5, vendor=make_vendor("Bolt"))
    order = make_paid_order(items=[LineRequest(sku="A"), LineRequest(sku="B", quantity=2)])

    drain()

    parcels = Shipment.objects.filter(order_id=order.id)
    packed = {str(row.vendor_order_id): row.lines.get().sku for row in parcels}
    assert packed == {str(line.vendor_order_id): line.sku for line in order.lines}
    assert len({row.tracking_number for row in parcels}) == 2


def test_goods_that_need_no_parcel_get_none(store: StoreRef, drain: Drain) -> None:
    book = {"sku": "EBOOK", "price_cents": 500, "requires_shipping": False}
    make_product(variants=[book], stock=5)
    make_paid_order(items=[LineRequest(sku="EBOOK")])

    drain()

    assert not Shipment.objects.exists()
    assert delivery_of(MAKE_LABELS).status == "done"


@pytest.mark.covers("R9", "SHP-04")
def test_the_handler_run_again_and_again_makes_one_label(
    store: StoreRef, drain: Drain, settings: Any
) -> None:
    order = make_paid_order()
    drain()
    delivery = delivery_of(MAKE_LABELS)

    for _ in range(3):
        Delivery.objects.filter(pk=delivery.pk).update(status="pending")
        work_one(delivery.pk)

    assert shipment_of(order).tracking_number
    assert len(label_files(settings)) == 1
    assert Event.objects.filter(topic="shipping.label.created").count() == 1


@pytest.mark.covers("R9", "SHP-04")
def test_a_crash_after_the_label_was_bought_leaves_one_label_after_the_repeat(
    store: StoreRef, drain: Drain, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_paid_order()
    bought: list[str] = []
    buy = LocalCarrier.buy_label

    def remember(self: LocalCarrier, request: Any, key: str) -> Any:
        label = buy(self, request, key)
        bought.append(label.tracking_number)
        return label

    monkeypatch.setattr(LocalCarrier, "buy_label", remember)
    with monkeypatch.context() as broken:
        broken.setattr(recording, "publish", lambda event: 1 / 0)
        drain()
    assert not Shipment.objects.exists()
    delivery = delivery_of(MAKE_LABELS)
    assert "ZeroDivisionError" in delivery.last_error

    work_one(delivery.pk)

    assert len(bought) == 2
    assert set(bought) == {shipment_of(order).tracking_number}
    assert [file.stem for file in label_files(settings)] == [bought[0]]


@pytest.mark.covers("R9")
def test_two_workers_that_finish_the_same_delivery_record_one_shipment(store: StoreRef) -> None:
    order = make_paid_order()
    delivery = delivery_of(MAKE_LABELS)
    finishes = [create_shipments(order_id=order.id, delivery_id=delivery.pk) for _ in range(2)]

    for finish in finishes:
        assert finish is not None
        finish()

    assert shipment_of(order).status == "label_created"


def test_a_label_file_left_half_written_by_a_crash_is_replaced(
    store: StoreRef, drain: Drain
) -> None:
    order = make_paid_order()
    delivery = delivery_of(MAKE_LABELS)
    create_shipments(order_id=order.id, delivery_id=delivery.pk)
    [name] = default_storage.listdir(f"stores/{store.id}/labels")[1]
    Path(default_storage.path(f"stores/{store.id}/labels/{name}")).write_bytes(b"%PDF-1.4 half")

    drain()

    key = shipment_of(order).label_key
    assert key.endswith(name)
    assert default_storage.open(key).read().rstrip().endswith(b"%%EOF")


def test_a_carrier_that_is_down_is_asked_again_later(
    store: StoreRef, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_paid_order()

    def refuse(*args: Any) -> None:
        raise CarrierError("down for maintenance")

    with monkeypatch.context() as down:
        down.setattr(LocalCarrier, "buy_label", refuse)
        drain()
    delivery = delivery_of(MAKE_LABELS)
    assert (delivery.status, delivery.attempts) == ("pending", 1)

    work_one(delivery.pk)

    assert shipment_of(order).status == "label_created"


def test_an_order_cancelled_while_its_label_was_bought_is_not_shipped_and_the_label_is_voided(
    store: StoreRef, drain: Drain, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_paid_order()
    finish = create_shipments(order_id=order.id, delivery_id=delivery_of(MAKE_LABELS).pk)
    cancel_order(order_id=order.id, reason="customer")
    voided: list[str] = []
    monkeypatch.setattr(LocalCarrier, "void_label", lambda self, number, key: voided.append(number))

    assert finish is not None
    finish()
    drain()

    shipment = shipment_of(order)
    assert shipment.status == "cancelled"
    assert voided == [shipment.tracking_number]
    assert shipment.label_key == ""
    assert label_files(settings) == []
    assert not Event.objects.filter(topic="shipping.label.created").exists()


def test_cancelling_a_paid_order_voids_the_labels_that_have_not_left(
    store: StoreRef, drain: Drain, settings: Any
) -> None:
    order = make_paid_order()
    drain()

    cancel_order(order_id=order.id, reason="customer")
    drain()

    shipment = shipment_of(order)
    assert (shipment.status, shipment.label_key) == ("cancelled", "")
    assert label_files(settings) == []
    updates = Event.objects.filter(topic="shipment.updated")
    assert [row.payload["status"] for row in updates] == ["cancelled"]


def test_an_order_without_an_address_waits_for_staff_and_blocks_nothing(
    store: StoreRef, drain: Drain
) -> None:
    order = make_paid_order()
    Order.objects.filter(pk=order.id).update(shipping_address=None)

    drain()

    assert not Shipment.objects.exists()
    assert delivery_of(MAKE_LABELS).status == "done"


@pytest.mark.covers("PEER-08", "SHP-01")
def test_a_parcel_that_an_edit_leaves_as_it_is_keeps_its_label(
    store: StoreRef, drain: Drain
) -> None:
    order = make_paid_order(quantity=2)
    drain()
    parcel = shipment_of(order)

    edit_order(order_id=order.id, request=EditRequest(lines=((order.lines[0].id, 3),)))
    drain()

    assert order_of(order.id).lines[0].quantity == 3
    parcel.refresh_from_db()
    assert parcel.status == "label_created"


@pytest.mark.covers("PEER-08", "R9")
def test_a_label_that_was_bought_for_the_address_before_an_edit_is_given_back(
    store: StoreRef, drain: Drain
) -> None:
    order = make_paid_order()
    event = Event.objects.get(topic="order.paid")
    finish = create_shipments(order_id=order.id, delivery_id=event.id)
    assert finish is not None
    address = {**ADDRESS, "line1": "2 Difference Row"}

    edit_order(order_id=order.id, request=EditRequest(shipping_address=address))
    finish()
    drain()

    parcels = Shipment.objects.filter(order_id=order.id)
    assert {(row.to_address["line1"], row.status) for row in parcels} == {
        ("1 Analytical Way", "cancelled"),
        ("2 Difference Row", "label_created"),
    }
