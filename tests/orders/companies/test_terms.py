"""Ordering for a company: who may, on account within its credit, and with approval."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.common.context import StoreRef
from apps.common.errors import ValidationFailed
from apps.events.models import Event
from apps.notifications.models import Notification
from apps.orders.companies import company_for
from apps.orders.errors import CreditLimitExceeded
from apps.orders.facade import cancel_order, get_order
from apps.orders.models import Invoice, Order
from apps.orders.services.apply_company_terms import owed_cents
from apps.orders.services.save_organization import update_organization
from apps.shipping.models import Shipment
from apps.shipping.services.ship_shipment import ship_shipment
from tests.catalog.factories import make_product, make_vendor
from tests.orders.companies.factories import make_company, make_member
from tests.orders.factories import ADDRESS, make_order
from tests.payments.factories import make_payment
from tests.support.people import make_user
from tests.support.work import at_once

Api = Callable[..., Any]
Drain = Callable[[], int]


def refusal(company: Any, user: Any) -> str:
    with pytest.raises(ValidationFailed) as caught:
        company_for(str(company) if company else "", user.pk)
    return caught.value.errors[0].code


@pytest.mark.covers("ORD-19", "PEER-25")
def test_only_members_order_for_an_active_company_and_staff_for_any(store: StoreRef) -> None:
    company = make_company(customer_group="wholesale", net_terms_days=30)
    buyer, stranger = make_member(company), make_user()

    found = company_for(str(company.pk), buyer.pk)

    assert found is not None
    assert (found.id, found.customer_group, found.net_terms_days, found.role) == (
        company.pk,
        "wholesale",
        30,
        "buyer",
    )
    assert company_for("", stranger.pk) is None
    assert refusal(company.pk, stranger) == "unknown_organization"
    assert refusal("org-1", buyer) == "unknown_organization"
    assert refusal(str(company.pk).upper(), buyer) == "unknown_organization"
    staff = company_for(str(company.pk), None, by_staff=True)
    assert staff is not None
    assert staff.role == ""
    update_organization(organization_id=company.pk, changes={"is_active": False})
    assert refusal(company.pk, buyer) == "unknown_organization"


@pytest.mark.covers("ORD-19")
def test_an_unknown_company_refuses_the_order_and_nothing_is_written(api: Api) -> None:
    make_product(sku="TEE", stock=5)
    body = {
        "items": [{"sku": "TEE", "quantity": 1}],
        "currency": "USD",
        "shipping_address": ADDRESS,
        "organization_id": "org-1",
    }

    answer = api(make_user()).post("/api/v1/orders", body, format="json")

    assert answer.status_code == 422
    assert answer.json()["errors"][0] == {
        "field": "organization_id",
        "code": "unknown_organization",
        "detail": "You buy for no company with this id.",
    }
    assert not Order.objects.exists()


@pytest.mark.covers("PEER-25")
def test_an_order_on_account_is_sent_first_and_paid_later(store: StoreRef, drain: Drain) -> None:
    company = make_company(net_terms_days=30)
    buyer = make_member(company)

    order = make_order(buyer, price_cents=5_000, organization_id=str(company.pk))
    drain()

    row = Order.objects.get(pk=order.id)
    assert (row.status, row.payment_status, row.payment_terms_days, row.expires_at) == (
        "confirmed",
        "unpaid",
        30,
        None,
    )
    assert row.payment_due_at is not None
    assert row.payment_due_at - row.created_at > timedelta(days=29, hours=23)
    shipment = Shipment.objects.get()
    assert not Invoice.objects.exists()

    ship_shipment(shipment_id=shipment.pk)
    drain()

    assert get_order(order.id).status == "shipped"  # type: ignore[union-attr]
    invoice = Invoice.objects.get()
    assert invoice.content["buyer"]["company"] == "Acme Works"
    assert invoice.content["due_on"] == row.payment_due_at.date().isoformat()
    assert owed_cents(str(company.pk), "USD") == 5_000

    make_payment(buyer, get_order(order.id))
    drain()

    row.refresh_from_db()
    assert (row.status, row.payment_status) == ("shipped", "paid")
    assert row.paid_at is not None
    assert owed_cents(str(company.pk), "USD") == 0
    assert (Invoice.objects.count(), Shipment.objects.count()) == (1, 1)


@pytest.mark.covers("PEER-25", "ORD-17")
def test_buyer_and_staff_read_when_an_order_on_account_is_to_be_paid_and_a_vendor_does_not(
    store: StoreRef, api: Api
) -> None:
    company, northwind = make_company(net_terms_days=14), make_vendor("Northwind")
    buyer = make_member(company)
    make_product(sku="THEIRS", price_cents=300, stock=9, vendor=northwind)
    on_account = make_order(buyer, sku="THEIRS", organization_id=str(company.pk))
    prepaid = make_order(buyer)
    due = Order.objects.get(pk=on_account.id).payment_due_at
    assert due is not None

    def told(user: Any, order: Any) -> list[tuple[Any, Any]]:
        listed = api(user).get("/api/v1/orders").json()["results"]
        shown = api(user).get(f"/api/v1/orders/{order.id}").json()
        rows = [row for row in [*listed, shown] if row["id"] == str(order.id)]
        return [(row["payment_terms_days"], row["payment_due_at"]) for row in rows]

    written = due.isoformat().replace("+00:00", "Z")
    assert told(buyer, on_account) == [(14, written)] * 2
    assert told(make_user("owner"), on_account) == [(14, written)] * 2
    assert told(buyer, prepaid) == [(None, None)] * 2
    vendor = make_user("vendor_owner", vendor_id=northwind.id)
    assert told(vendor, on_account) == [(None, None)] * 2


@pytest.mark.covers("PEER-25", "PEER-11")
def test_what_was_invoiced_on_account_and_came_back_is_credited(
    store: StoreRef, drain: Drain
) -> None:
    company = make_company(net_terms_days=30)
    order = make_order(make_member(company), price_cents=700, organization_id=str(company.pk))
    drain()
    ship_shipment(shipment_id=Shipment.objects.get().pk)
    drain()
    Order.objects.filter(pk=order.id).update(fulfillment_status="returned")

    cancel_order(order_id=order.id, reason="returned")
    drain()

    note = Invoice.objects.get(kind="credit_note")
    assert (note.total_cents, note.content["reason"]) == (700, "The order was cancelled")


@pytest.mark.covers("PEER-25")
def test_more_than_the_credit_limit_is_refused_with_what_is_left(api: Api) -> None:
    company = make_company(net_terms_days=14, credit_limit_cents=10_000)
    buyer = make_member(company)
    make_product(sku="TEE", stock=9, price_cents=4_000)
    make_order(buyer, sku="TEE", quantity=2, organization_id=str(company.pk))
    body = {
        "items": [{"sku": "TEE", "quantity": 1}],
        "currency": "USD",
        "shipping_address": ADDRESS,
        "organization_id": str(company.pk),
    }

    answer = api(buyer).post("/api/v1/orders", body, format="json")

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "credit_limit_exceeded")
    assert (problem["owed_cents"], problem["credit_limit_cents"]) == (8_000, 10_000)


@pytest.mark.slow
@pytest.mark.covers("PEER-25")
def test_twenty_orders_at_once_never_exceed_the_credit_together(live_store: StoreRef) -> None:
    company = make_company(net_terms_days=14, credit_limit_cents=10_500)
    buyer = make_member(company)
    make_product(sku="TEE", stock=100, price_cents=1_000)

    results = at_once(
        live_store,
        [lambda: make_order(buyer, sku="TEE", organization_id=str(company.pk))] * 20,
    )

    refused = [one for one in results if isinstance(one, Exception)]
    assert {type(one) for one in refused} == {CreditLimitExceeded}
    assert len(refused) == 10
    assert owed_cents(str(company.pk), "USD") == 10_000
    assert Order.objects.count() == 10


@pytest.mark.covers("PEER-25")
def test_an_order_above_the_limit_waits_for_an_approver(api: Api, drain: Drain) -> None:
    company = make_company(net_terms_days=30, approval_limit_cents=2_000)
    buyer, approver = make_member(company), make_member(company, "approver")
    order = make_order(buyer, price_cents=2_001, organization_id=str(company.pk))
    drain()

    row = Order.objects.get(pk=order.id)
    assert (row.status, row.hold_kind) == ("confirmed", "approval")
    assert not Shipment.objects.exists()
    mail = Notification.objects.get(template_name="approval_requested")
    assert mail.recipient == approver.email
    url = f"/api/v1/orders/{order.id}"
    assert api(buyer).post(f"{url}/approve", {}, format="json").status_code == 403
    assert api(make_user()).post(f"{url}/approve", {}, format="json").status_code == 404
    colleague = api(make_member(company))
    assert colleague.post(f"{url}/approve", {}, format="json").status_code == 404
    assert api(approver).get(url).status_code == 200

    answer = api(approver).post(f"{url}/approve", {"reason": "Needed"}, format="json")
    drain()

    assert answer.status_code == 200
    row.refresh_from_db()
    assert (row.hold_kind, row.status) == ("", "confirmed")
    assert row.payment_due_at is not None
    assert row.payment_due_at > timezone.now() + timedelta(days=29)
    assert Shipment.objects.count() == 1
    again = api(approver).post(f"{url}/approve", {}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "not_waiting_for_approval")


@pytest.mark.covers("PEER-25")
@pytest.mark.parametrize("role", ["approver", "staff"])
def test_a_rejected_order_is_cancelled(api: Api, store: StoreRef, role: str) -> None:
    company = make_company(approval_limit_cents=100)
    order = make_order(make_member(company), organization_id=str(company.pk))
    who = make_member(company, "approver") if role == "approver" else make_user("support")

    answer = api(who).post(f"/api/v1/orders/{order.id}/reject", {"reason": "Too dear"})

    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["cancel_reason"]) == ("cancelled", "Too dear")


@pytest.mark.covers("PEER-25")
def test_an_order_within_the_limit_and_an_approvers_own_wait_for_nobody(store: StoreRef) -> None:
    company = make_company(approval_limit_cents=2_000)
    key = str(company.pk)

    within = make_order(make_member(company), price_cents=2_000, organization_id=key)
    own = make_order(make_member(company, "approver"), price_cents=9_000, organization_id=key)
    foreign = make_order(make_member(company), price_cents=5, currency="JPY", organization_id=key)

    assert (within.hold_kind, own.hold_kind, foreign.hold_kind) == ("", "", "approval")
    assert Event.objects.filter(topic="order.approval_requested").count() == 1
