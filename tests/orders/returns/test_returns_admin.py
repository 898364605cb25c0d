"""Returns in admin: a list, one with its lines, and its steps as buttons."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.common.context import StoreRef
from apps.events.models import Event
from apps.orders.models import Return
from apps.orders.return_types import ReturnLineRequest
from apps.orders.services.approve_return import approve_return
from apps.orders.services.request_return import request_return
from tests.catalog.factories import make_vendor
from tests.orders.returns.factories import ask, delivered_order, order_of_two_vendors
from tests.support.people import make_user

LIST = "/admin/orders/return/"


def signed_in(store: StoreRef, user: Any) -> Client:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(user)
    return client


def _press(client: Client, found: Return, step: str, **fields: Any) -> Any:
    return client.post(f"{LIST}{found.pk}/{step}_one/", {"_form_submitted": "on", **fields})


@pytest.mark.covers("PEER-07")
def test_staff_take_a_return_from_request_to_refund(store: StoreRef) -> None:
    client = signed_in(store, make_user("admin"))
    found = ask(delivered_order(quantity=3, price_cents=1000), 3)

    listed = client.get(LIST).content.decode()
    page = client.get(f"{LIST}{found.pk}/change/").content.decode()
    _press(client, found, "approve", note="as agreed")
    row = found.lines.get()
    dialog = client.get(f"{LIST}{found.pk}/receive_one/").content.decode()
    _press(client, found, "receive", **{f"good_{row.pk}": 2, f"bad_{row.pk}": 1})
    too_much = _press(client, found, "complete", refund="30.01", shipping="0")
    worth = client.get(f"{LIST}{found.pk}/complete_one/").content.decode()
    _press(client, found, "complete", refund="25.50", shipping="0")
    found.refresh_from_db()
    row.refresh_from_db()

    assert found.number in listed
    assert "Accept" in page
    assert "complete_one" not in page
    assert "sold again" in dialog
    assert too_much.status_code == 302
    assert "The goods are worth 30.00" in worth
    assert (row.received_quantity, row.restocked_quantity, row.refund_cents) == (3, 2, 2550)
    assert (found.status, found.refund_cents, found.staff_note) == ("completed", 2550, "as agreed")
    assert Event.objects.filter(topic="order.refund_due").count() == 1


@pytest.mark.covers("PEER-07", "PEER-32")
def test_a_vendor_sees_and_handles_own_goods_alone(store: StoreRef) -> None:
    vendor = make_vendor()
    order = order_of_two_vendors(make_user(), vendor)
    lines = [ReturnLineRequest(line.id, 1, "damaged") for line in order.lines]
    ours, theirs = request_return(order_id=order.id, lines=lines)
    client = signed_in(store, make_user("vendor_owner", vendor_id=vendor.id))

    listed = client.get(LIST).content.decode()
    foreign = [
        client.get(f"{LIST}{ours.pk}/{page}").status_code
        for page in ("receive_one/", "complete_one/", "approve_one/")
    ]
    _press(client, theirs, "approve", note="")
    dialog = client.get(f"{LIST}{theirs.pk}/complete_one/")
    refused = _press(client, theirs, "complete", refund="5", shipping="0")
    theirs.refresh_from_db()

    assert theirs.number in listed
    assert ours.number not in listed
    assert foreign == [403, 403, 403]
    assert (dialog.status_code, refused.status_code) == (403, 403)
    assert theirs.status == "approved"


@pytest.mark.covers("PEER-07")
def test_who_may_only_read_has_no_buttons(store: StoreRef) -> None:
    found = ask(delivered_order())
    approve_return(return_id=found.pk)
    client = signed_in(store, make_user("analyst"))

    page = client.get(f"{LIST}{found.pk}/change/")
    pressed = _press(client, found, "cancel", reason="no")
    found.refresh_from_db()

    assert page.status_code == 200
    assert "receive_one" not in page.content.decode()
    assert pressed.status_code == 403
    assert found.status == "approved"
