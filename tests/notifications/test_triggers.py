"""Who is told of what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.common.context import StoreRef
from apps.events.contracts import (
    CampaignExpired,
    CampaignJoined,
    CampaignSuccessful,
    InventoryLowStock,
    OrderCancelled,
    OrderDelivered,
    OrderShipped,
    PaymentFailed,
    ProductOutOfStock,
    RefundProcessed,
    ShippingLabelCreated,
)
from apps.notifications.catalogue import SUBJECTS
from apps.notifications.models import Notification
from apps.notifications.render import render
from tests.notifications.conftest import Mails
from tests.notifications.factories import confirmed, order_fields, tell
from tests.orders.factories import make_order
from tests.support.people import make_user

Drain = Callable[[], int]


def told(mails: Mails) -> list[tuple[str, str]]:
    return sorted((str(mail["To"]), str(mail["Subject"])) for mail in mails())


def both_parts(mails: Mails) -> list[str]:
    [mail] = mails()
    return [" ".join(part.get_content().split()) for part in mail.iter_parts()]


@pytest.mark.covers("NTF-03", "NTF-04")
def test_a_confirmed_order_is_confirmed_with_lines_and_sums(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    tell(confirmed())

    drain()

    assert told(mails) == [("ada@example.com", "Your order ORD-20261120-A7K2 is confirmed")]
    for part in both_parts(mails):
        for shown in (
            "TEE-NAVY-M",
            "Enamel mug",
            "31.98 USD",
            "40.98 USD",
            "5.00 USD",
            "45.98 USD",
        ):
            assert shown in part


@pytest.mark.parametrize(
    ("currency", "shown"), [("JPY", "4,598 JPY"), ("KWD", "4.598 KWD"), ("EUR", "45.98 EUR")]
)
def test_amounts_have_the_decimals_of_their_currency(
    store: StoreRef, drain: Drain, mails: Mails, currency: str, shown: str
) -> None:
    tell(confirmed(currency=currency))

    drain()

    assert all(shown in part for part in both_parts(mails))


@pytest.mark.covers("NTF-03", "SHP-09")
def test_a_shipped_order_comes_with_the_links_to_its_parcels(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    tell(OrderShipped(**order_fields(), tracking_numbers=("FC1", "FC2")))

    drain()

    for part in both_parts(mails):
        for number in ("FC1", "FC2"):
            assert f"https://acme.localhost/api/v1/tracking/{number}" in part


@pytest.mark.covers("NTF-03")
@pytest.mark.parametrize(
    ("reason", "previous", "words"),
    [
        ("customer", "confirmed", ["as you asked us to", "Nothing is charged"]),
        ("expired", "confirmed", ["because it was not paid in time", "Nothing is charged"]),
        ("fraud", "paid", ["goes back the way it came"]),
    ],
)
def test_a_cancelled_order_is_told_with_what_happens_to_the_money(
    store: StoreRef, drain: Drain, mails: Mails, reason: str, previous: str, words: list[str]
) -> None:
    tell(OrderCancelled(**order_fields(), reason=reason, previous_status=previous))

    drain()

    assert all(word in part for part in both_parts(mails) for word in words)


@pytest.mark.parametrize("reason", ["out_of_stock", "campaign_expired"])
def test_what_the_buyer_was_told_otherwise_is_not_mailed(
    store: StoreRef, drain: Drain, mails: Mails, reason: str
) -> None:
    tell(OrderCancelled(**order_fields(), reason=reason, previous_status="created"))

    drain()

    assert (mails(), Notification.objects.count()) == ([], 0)


@pytest.mark.covers("NTF-03")
def test_the_order_s_buyer_is_told_of_delivery_failure_and_refund(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    payment = {
        "payment_id": uuid4(),
        "order_id": make_order().id,
        "status": "failed",
        "amount_cents": 4598,
        "currency": "USD",
        "gateway": "sandbox",
        "order_number": "ORD-20261120-A7K2",
        "email": "ada@example.com",
    }
    drain()
    before = len(mails())
    tell(OrderDelivered(**order_fields()))
    tell(PaymentFailed(**payment, failure_code="card_declined"))
    tell(PaymentFailed(**payment, failure_code="voided"))
    refund = {"refund_id": uuid4(), "refund_amount_cents": 500}
    tell(RefundProcessed(**payment, **refund, captured_cents=4598, refunded_cents=500))

    drain()

    assert len(mails()) == before + 3
    assert [row for row in told(mails) if row[0] == "ada@example.com"] == [
        ("ada@example.com", "Your order ORD-20261120-A7K2 has arrived"),
        ("ada@example.com", "Your payment for order ORD-20261120-A7K2 did not go through"),
        ("ada@example.com", "Your refund for order ORD-20261120-A7K2"),
    ]


def low_stock(vendor_id: UUID | None) -> InventoryLowStock:
    return InventoryLowStock(
        variant_id=uuid4(),
        sku="TEE",
        product_id=uuid4(),
        product_name="T-shirt",
        vendor_id=vendor_id,
        warehouse="main",
        available=2,
        threshold=10,
    )


def test_low_stock_is_told_to_the_vendor_s_owners_once_each(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    vendor_id = uuid4()
    for email in ("a@bolt.example", "b@bolt.example"):
        make_user("vendor_owner", email=email, vendor_id=vendor_id)
    make_user("vendor_owner", email="gone@bolt.example", vendor_id=vendor_id, status="suspended")
    make_user("vendor_owner", email="x@other.example", vendor_id=uuid4())
    tell(low_stock(vendor_id))

    drain()

    assert told(mails) == [
        ("a@bolt.example", "T-shirt is running low"),
        ("b@bolt.example", "T-shirt is running low"),
    ]
    assert set(Notification.objects.values_list("status", flat=True)) == {"sent"}


def test_goods_without_a_vendor_s_owner_are_told_to_the_store_s(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    make_user("owner", email="owner@acme.example")
    tell(
        ProductOutOfStock(product_id=uuid4(), variant_id=uuid4(), sku="TEE", product_name="T-shirt")
    )

    drain()

    assert told(mails) == [("owner@acme.example", "T-shirt is sold out")]


def test_a_vendor_is_told_of_a_label_and_the_store_s_own_staff_are_not(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    make_user("owner", email="owner@acme.example")
    vendor_id = uuid4()
    make_user("vendor_owner", email="a@bolt.example", vendor_id=vendor_id)
    for packer in (vendor_id, uuid4(), None):
        tell(
            ShippingLabelCreated(
                shipment_id=uuid4(),
                order_id=uuid4(),
                vendor_order_id=uuid4(),
                carrier="local",
                tracking_number="FC1",
                vendor_id=packer,
                order_number="ORD-1-1",
            )
        )

    drain()

    assert told(mails) == [("a@bolt.example", "Order ORD-1-1 is ready to be packed")]


def campaign(**fields: Any) -> dict[str, Any]:
    known = {
        "id": uuid4(),
        "product_id": uuid4(),
        "product_name": "T-shirt",
        "min_participants": 3,
        "max_participants": 10,
        "actual_participants": 1,
        "status": "active",
    }
    return {**known, **fields}


def test_who_joins_a_campaign_is_told_what_is_missing(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    user = make_user(email="ada@example.com")
    tell(CampaignJoined(**campaign(), user_id=user.id, order_id=uuid4()))

    drain()

    assert told(mails) == [("ada@example.com", "You joined the group for T-shirt")]
    assert all("2 more are needed" in part for part in both_parts(mails))


@pytest.mark.parametrize(
    ("contract", "subject"),
    [
        (CampaignSuccessful, "The group for T-shirt is complete"),
        (CampaignExpired, "The group for T-shirt did not come together"),
    ],
)
def test_every_participant_is_told_how_a_campaign_ended(
    store: StoreRef, drain: Drain, mails: Mails, contract: Any, subject: str
) -> None:
    people = [make_user(email=f"{name}@example.com") for name in ("ada", "bea")]
    tell(contract(**campaign(), participant_ids=tuple(user.id for user in people)))

    drain()

    assert told(mails) == [("ada@example.com", subject), ("bea@example.com", subject)]


@pytest.mark.parametrize("template", sorted(SUBJECTS))
def test_every_message_can_be_rendered_with_hardly_anything_known(
    store: StoreRef, template: str
) -> None:
    names = ("number", "product_name", "subject", "message", "paper", "invoice_number")
    poor = dict.fromkeys(names, "x")
    amounts = {"currency": "USD", "total_cents": 0, "amount_cents": 0, "subtotal_cents": None}

    rendered = render(template, {**poor, **amounts})

    assert rendered.subject
    assert "Acme" in rendered.text
    assert rendered.html.startswith("<!DOCTYPE html>")


@pytest.mark.covers("NTF-03", "NTF-04")
def test_a_placed_order_is_confirmed_by_mail_with_what_was_bought(
    store: StoreRef, drain: Drain, mails: Mails
) -> None:
    buyer = make_user(email="ada@example.com")
    order = make_order(buyer, quantity=2, price_cents=1599)

    drain()

    [mail] = [mail for mail in mails() if order.number in str(mail["Subject"])]
    text = next(iter(mail.iter_parts())).get_content()
    assert f"2 x {order.lines[0].name}" in text
    assert "31.98 USD" in text
    row = Notification.objects.get(template_name="order_confirmation")
    assert (row.user_id, row.status) == (buyer.id, "sent")
