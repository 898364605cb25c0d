"""Labels for what comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.orders.guests import order_token
from apps.orders.models import Order, OrderHistory
from apps.orders.services.approve_return import approve_return
from tests.catalog.factories import make_vendor
from tests.orders.returns.factories import ask, came_back, delivered_order
from tests.support.people import make_user

Api = Callable[..., Any]


@pytest.mark.covers("PEER-07", "SHP-04")
def test_an_approved_return_gets_one_label_that_its_buyer_prints(api: Api) -> None:
    user = make_user()
    found = ask(delivered_order(user))
    approve_return(return_id=found.pk)
    staff, buyer, url = api(make_user("support")), api(user), f"/api/v1/returns/{found.pk}/label"

    early = buyer.get(f"{url}.pdf")
    bought, again = staff.post(url), staff.post(url)
    printed = buyer.get(f"{url}.pdf")
    shown = buyer.get(f"/api/v1/returns/{found.pk}").data["label"]

    assert early.status_code == 404
    assert (bought.status_code, bought.data["carrier"]) == (200, "local")
    assert again.data == bought.data
    assert (printed.status_code, printed["Content-Type"]) == (200, "application/pdf")
    assert printed.content.startswith(b"%PDF")
    assert shown == {
        "carrier": "local",
        "tracking_number": bought.data["tracking_number"],
        "url": f"/api/v1/returns/{found.pk}/label.pdf",
    }
    assert OrderHistory.objects.filter(reason__contains="label FC").count() == 1


@pytest.mark.covers("PEER-07", "PEER-15")
def test_a_guest_prints_the_label_of_their_own_return(api: Api) -> None:
    order, other = delivered_order(), delivered_order()
    found = ask(order)
    approve_return(return_id=found.pk)
    url = f"/api/v1/returns/{found.pk}/label"
    mine, foreign = (
        {"X-Order-Token": order_token(Order.objects.get(pk=one.id))} for one in (order, other)
    )

    bought = api(make_user("support")).post(url)
    printed = api().get(f"{url}.pdf", headers=mine)
    refused = [api().get(f"{url}.pdf", headers=sent).status_code for sent in (foreign, {})]

    assert bought.status_code == 200
    assert api().post(url, headers=mine).status_code == 401
    assert printed.content.startswith(b"%PDF")
    assert refused == [404, 401]


@pytest.mark.covers("PEER-07", "PEER-32")
def test_only_who_receives_the_goods_sends_a_label_and_only_while_they_are_awaited(
    api: Api,
) -> None:
    user = make_user()
    order = delivered_order(user, quantity=2)
    requested, received = ask(order), came_back(order)
    staff = api(make_user("admin"))
    rival = api(make_user("vendor_owner", vendor_id=make_vendor().id))

    answers = [
        client.post(f"/api/v1/returns/{found.pk}/label").status_code
        for client, found in (
            (staff, requested),
            (staff, received),
            (api(user), requested),
            (rival, requested),
        )
    ]

    assert answers == [409, 409, 403, 404]
    assert rival.get(f"/api/v1/returns/{requested.pk}/label.pdf").status_code == 404
