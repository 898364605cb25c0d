"""Who reads what of a return in its order's history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.orders.models import OrderHistory, OrganizationRole
from tests.catalog.factories import make_vendor
from tests.orders.companies.factories import make_company, make_member
from tests.orders.returns.factories import delivered_order, order_of_two_vendors
from tests.support.people import make_user

Api = Callable[..., Any]


def _told(client: Any, order: Any) -> list[tuple[str, str]]:
    """What the order's history tells of returns: the state, and the reason."""
    rows = client.get(f"/api/v1/orders/{order.id}/history").json()["results"]
    return [(row["new_value"], row["reason"]) for row in rows if row["field"] == "return"]


def _asked(client: Any, order: Any, *lines: Any) -> list[str]:
    """The URLs of the returns of one unit of each line, one for each vendor."""
    rows = [{"line_id": str(line.id), "quantity": 1, "reason": "unwanted"} for line in lines]
    answer = client.post(f"/api/v1/orders/{order.id}/returns", {"lines": rows})
    return [f"/api/v1/returns/{row['id']}" for row in answer.json()]


@pytest.mark.covers("PEER-07", "ORD-20", "PEER-12")
def test_the_note_of_an_approval_stays_with_the_return(api: Api) -> None:
    # given a return whose approval has a note
    ada = make_user()
    order = delivered_order(ada)
    buyer, staff = api(ada), api(make_user("admin"))
    (url,) = _asked(buyer, order, *order.lines)

    # when it is approved
    approved = staff.post(f"{url}/approve", {"note": "Third time this year"})

    # then nobody reads the note in the history, and staff with the return
    number = f"{order.number}-R1"
    for client in (buyer, staff):
        assert _told(client, order) == [("requested", f"{number} return"), ("approved", number)]
    assert approved.json()["staff_note"] == "Third time this year"
    assert buyer.get(url).json()["staff_note"] == ""


@pytest.mark.covers("PEER-07", "ORD-20", "PEER-12", "PEER-25")
def test_notes_that_were_written_into_the_history_before_are_told_to_staff_alone(
    api: Api,
) -> None:
    # given a row as it was written once
    company = make_company()
    approver = make_member(company, OrganizationRole.APPROVER)
    ada, vendor = make_member(company), make_vendor()
    order = order_of_two_vendors(ada, vendor)
    (_, theirs) = _asked(api(ada), order, *order.lines)
    number = f"{order.number}-R2"
    api(make_user("admin")).post(f"{theirs}/approve", {})
    approved = OrderHistory.objects.filter(order_id=order.id, field="return", new_value="approved")
    approved.update(reason=f"{number} Third time this year")
    order_row = approved.get().order
    order_row.organization_id = str(company.pk)
    order_row.save()

    # when all who see the order read its history
    seller = make_user("vendor_owner", vendor_id=vendor.id)
    told = [_told(api(user), order)[-1] for user in (ada, approver, seller)]

    # then only staff learn what was noted
    assert told == [("approved", number)] * 3
    assert _told(api(make_user("support")), order)[-1] == (
        "approved",
        f"{number} Third time this year",
    )


@pytest.mark.covers("PEER-07", "ORD-20", "PEER-32")
def test_a_vendor_reads_of_its_own_returns_alone(api: Api) -> None:
    # given an order of the store's goods and a vendor's, with a return of either
    ada, vendor = make_user(), make_vendor()
    order = order_of_two_vendors(ada, vendor)
    buyer, staff = api(ada), api(make_user("admin"))
    seller = api(make_user("vendor_owner", vendor_id=vendor.id))
    ours, theirs = _asked(buyer, order, *order.lines)

    # when the store declines its own, and the vendor approves and receives
    staff.post(f"{ours}/decline", {"reason": "Worn"})
    seller.post(f"{theirs}/approve", {})
    line = {"line_id": str(order.lines[1].id), "quantity": 1}
    seller.post(f"{theirs}/receive", {"lines": [line]})

    # then the vendor reads nothing of the other one, and the buyer of both
    first, second = f"{order.number}-R1", f"{order.number}-R2"
    own = [
        ("requested", f"{second} return"),
        ("approved", second),
        ("received", f"{second} 1 received"),
    ]
    assert _told(seller, order) == own
    assert _told(buyer, order) == [
        ("requested", f"{first} return"),
        own[0],
        ("declined", f"{first} Worn"),
        *own[1:],
    ]


@pytest.mark.covers("PEER-07", "ORD-20")
def test_a_vendors_person_reads_all_of_what_they_bought_themselves(api: Api) -> None:
    vendor = make_vendor()
    owner = make_user("vendor_owner", vendor_id=vendor.id)
    order = order_of_two_vendors(owner, vendor)
    _asked(api(owner), order, *order.lines)

    assert _told(api(owner), order) == [
        ("requested", f"{order.number}-R1 return"),
        ("requested", f"{order.number}-R2 return"),
    ]
