"""What a buyer reads from the order to the door, with every app at work."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.common.context import StoreRef
from apps.orders.facade import cancel_order
from apps.shipping.services.deliver_shipment import deliver_shipment
from apps.shipping.services.ship_shipment import ship_shipment
from tests.notifications.conftest import Mails
from tests.orders.factories import make_order
from tests.payments.factories import make_payment
from tests.shipping.factories import shipment_of
from tests.support.people import make_user

Drain = Callable[[], int]


@pytest.mark.covers("NTF-03", "SHP-04", "SHP-09", "R9")
def test_a_buyer_hears_of_the_order_the_parcel_and_its_arrival_once_each(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    buyer = make_user(email="ada@example.com")
    order = make_order(buyer)
    drain()
    make_payment(buyer, order, "pm_card_visa")
    drain()
    shipment = ship_shipment(shipment_id=shipment_of(order).id)
    drain()
    deliver_shipment(shipment_id=shipment.id)
    drain()

    mine = [mail for mail in mails() if mail["To"] == "ada@example.com"]
    assert [str(mail["Subject"]) for mail in mine] == [
        f"Your order {order.number} is confirmed",
        "Your invoice INV-2026-000001",
        f"Your order {order.number} is on its way",
        f"Your order {order.number} has arrived",
    ]
    text = next(iter(mine[2].iter_parts())).get_content()
    assert f"https://acme.localhost/api/v1/tracking/{shipment.tracking_number}" in text


@pytest.mark.covers("NTF-03")
def test_a_declined_card_is_told_to_the_payer(store: StoreRef, drain: Drain, mails: Mails) -> None:
    buyer = make_user(email="ada@example.com")
    order = make_order(buyer)
    make_payment(buyer, order, "pm_card_chargeDeclined")

    drain()

    subjects = [str(mail["Subject"]) for mail in mails() if mail["To"] == "ada@example.com"]
    assert f"Your payment for order {order.number} did not go through" in subjects


@pytest.mark.covers("NTF-03", "SHP-04")
def test_cancelling_a_paid_order_voids_its_label_and_tells_of_the_refund(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    buyer = make_user(email="ada@example.com")
    order = make_order(buyer)
    make_payment(buyer, order, "pm_card_visa")
    drain()

    cancel_order(order_id=order.id, reason="customer")
    drain()

    assert shipment_of(order).status == "cancelled"
    subjects = [str(mail["Subject"]) for mail in mails() if mail["To"] == "ada@example.com"]
    assert sorted(subjects) == [
        "Your credit note CRN-2026-000001",
        "Your invoice INV-2026-000001",
        f"Your order {order.number} is cancelled",
        f"Your order {order.number} is confirmed",
        f"Your refund for order {order.number}",
    ]
