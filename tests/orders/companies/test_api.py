"""Companies over HTTP: staff keep them, members see theirs, bad input changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.orders.models import Order, Organization, OrganizationMember
from tests.orders.companies.factories import make_company, make_member
from tests.orders.factories import ADDRESS, make_order
from tests.support.people import make_user

Api = Callable[..., Any]
URL = "/api/v1/organizations"
BODY = {
    "code": "babbage",
    "name": "Babbage Ltd",
    "vat_id": "de 136 695 976",
    "customer_group": "wholesale",
    "billing_address": ADDRESS,
    "currency": "EUR",
    "net_terms_days": 30,
    "credit_limit_cents": 500_000,
    "approval_limit_cents": 50_000,
}


@pytest.mark.covers("PEER-25", "ORD-19")
def test_staff_create_change_and_delete_a_company(api: Api) -> None:
    client = api(make_user("admin"))

    made = client.post(URL, BODY, format="json")
    path = made.headers["Location"]
    changed = client.patch(path, {"credit_limit_cents": None, "is_active": False}, format="json")

    assert made.status_code == 201
    assert (made.json()["vat_id"], made.json()["member_count"]) == ("DE136695976", 0)
    assert (changed.json()["credit_limit_cents"], changed.json()["is_active"]) == (None, False)
    assert changed.json()["net_terms_days"] == 30
    assert client.get(f"{URL}?is_active=false&name=babb").json()["count"] == 1
    assert client.get(f"{URL}?is_active=true").json()["count"] == 0
    stale = client.patch(path, {"name": "X"}, format="json", HTTP_IF_MATCH='"old"')
    assert stale.status_code == 412
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


@pytest.mark.covers("PEER-25")
@pytest.mark.parametrize(
    ("change", "field", "status"),
    [
        ({"code": "a b"}, "code", 400),
        ({"code": "taken"}, "code", 422),
        ({"name": ""}, "name", 400),
        ({"name": None}, "name", 400),
        ({"vat_id": "DE1"}, "vat_id", 422),
        ({"currency": "usd"}, "currency", 400),
        ({"net_terms_days": -1}, "net_terms_days", 400),
        ({"net_terms_days": 366}, "net_terms_days", 400),
        ({"credit_limit_cents": -1}, "credit_limit_cents", 400),
        ({"credit_limit_cents": "12"}, "credit_limit_cents", 400),
        ({"approval_limit_cents": 1.5}, "approval_limit_cents", 400),
        ({"billing_address": {"name": "x"}}, "billing_address.line1", 400),
        ({"tax_exempt": "yes"}, "tax_exempt", 400),
    ],
)
def test_bad_input_is_refused_by_the_name_of_the_field(
    api: Api, change: dict[str, Any], field: str, status: int
) -> None:
    make_company(code="taken")

    answer = api(make_user("admin")).post(URL, {**BODY, **change}, format="json")

    assert answer.status_code == status
    assert answer.json()["errors"][0]["field"] == field
    assert Organization.objects.count() == 1


@pytest.mark.covers("PEER-25")
def test_members_come_change_and_go(api: Api) -> None:
    company, user = make_company(), make_user(first_name="Ada")
    client, path = api(make_user("admin")), f"{URL}/{company.pk}/members"

    made = client.post(path, {"user_id": str(user.pk)}, format="json")
    twice = client.post(path, {"user_id": str(user.pk)}, format="json")
    nobody = client.post(path, {"user_id": str(company.pk)}, format="json")
    member = f"{path}/{made.json()['id']}"
    changed = client.patch(member, {"role": "approver"}, format="json")

    assert (made.status_code, made.json()["role"], made.json()["first_name"]) == (
        201,
        "buyer",
        "Ada",
    )
    assert [row["code"] for row in twice.json()["errors"]] == ["already_member"]
    assert [row["code"] for row in nobody.json()["errors"]] == ["unknown_user"]
    assert changed.json()["role"] == "approver"
    assert client.patch(member, {"role": "boss"}, format="json").status_code == 400
    assert client.get(path).json()["results"][0]["email"] == user.email
    other = f"{URL}/{make_company().pk}/members/{made.json()['id']}"
    assert client.delete(other).status_code == 404
    assert client.delete(member).status_code == 204
    assert not OrganizationMember.objects.exists()


@pytest.mark.covers("PEER-25")
def test_a_company_with_orders_is_closed_and_not_deleted(api: Api) -> None:
    company = make_company()
    make_order(make_member(company), organization_id=str(company.pk))

    answer = api(make_user("admin")).delete(f"{URL}/{company.pk}")

    assert (answer.status_code, answer.json()["code"]) == (409, "organization_in_use")


@pytest.mark.covers("PEER-25")
def test_members_see_their_companies_and_its_orders_as_far_as_their_role(api: Api) -> None:
    company = make_company(name="Acme Works", net_terms_days=30)
    buyer, other = make_member(company), make_member(company)
    approver, stranger = make_member(company, "approver"), make_user()
    order = make_order(buyer, organization_id=str(company.pk))
    path = f"{URL}/{company.pk}/orders"

    mine = api(buyer).get("/api/v1/users/me/organizations").json()["results"]

    assert [(row["id"], row["name"], row["role"]) for row in mine] == [
        (str(company.pk), "Acme Works", "buyer")
    ]
    assert api(stranger).get("/api/v1/users/me/organizations").json()["count"] == 0
    for user, count in ((buyer, 1), (other, 0), (approver, 1), (make_user("support"), 1)):
        assert api(user).get(path).json()["count"] == count
    assert api(stranger).get(path).status_code == 404
    assert api(approver).get(f"/api/v1/orders/{order.id}").json()["number"] == order.number
    assert api(other).get(f"/api/v1/orders/{order.id}").status_code == 404
    assert api(approver).get(URL).status_code == 403


@pytest.mark.covers("PEER-25")
def test_what_is_overdue_is_found(api: Api) -> None:
    company = make_company(net_terms_days=0)
    buyer = make_member(company)
    late = make_order(buyer, organization_id=str(company.pk))
    make_order(buyer)
    Order.objects.filter(pk=late.id).update(payment_due_at=timezone.now() - timedelta(days=1))
    client = api(make_user("finance"))

    found = client.get("/api/v1/orders?payment_overdue=true").json()
    others = client.get("/api/v1/orders?payment_overdue=false").json()

    assert [row["id"] for row in found["results"]] == [str(late.id)]
    assert others["count"] == 1
