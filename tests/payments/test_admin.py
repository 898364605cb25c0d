"""Payments and the inbox in admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.common.context import StoreRef
from apps.payments.models import Payment, WebhookMessage
from tests.payments.factories import committing, event, intent, make_payment, receive
from tests.support.people import make_user


@pytest.fixture
def staff(store: StoreRef) -> Client:
    """Finance, signed in."""
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("finance"))
    return client


def act(client: Client, action: str, *payments: Payment) -> Any:
    data = {"action": action, "_selected_action": [str(payment.pk) for payment in payments]}
    with committing():
        return client.post("/admin/payments/payment/", data, follow=True)


def test_pages_show_what_people_read_in_few_queries(
    staff: Client, django_assert_max_num_queries: Any
) -> None:
    payments = [make_payment(price_cents=1999) for _ in range(4)]

    with django_assert_max_num_queries(15):
        page = staff.get("/admin/payments/payment/")
    with django_assert_max_num_queries(15):
        one = staff.get(f"/admin/payments/payment/{payments[0].pk}/change/")
    with django_assert_max_num_queries(15):
        inbox = staff.get("/admin/payments/webhookmessage/")

    assert page.status_code == one.status_code == inbox.status_code == 200
    assert payments[0].order.number in page.text
    assert "19.99 USD" in page.text
    assert payments[0].client_secret not in one.text


@pytest.mark.covers("PAY-12", "PAY-14")
def test_actions_capture_void_and_refund(staff: Client) -> None:
    first, second = make_payment(capture="manual"), make_payment(capture="manual")

    act(staff, "capture", first)
    act(staff, "void", second)
    refused = act(staff, "refund_rest", first, second)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("refunded", "voided")
    assert "only captured money goes back" in refused.text


def test_a_failed_message_is_worked_again(staff: Client) -> None:
    payment = make_payment(method="pm_card_authenticationRequired")
    receive(event("payment_intent.succeeded", intent(payment)))
    WebhookMessage.objects.update(status="failed", attempts=8)
    ids = [str(pk) for pk in WebhookMessage.objects.values_list("pk", flat=True)]

    staff.post("/admin/payments/webhookmessage/", {"action": "work_again", "_selected_action": ids})

    assert set(WebhookMessage.objects.values_list("status", "attempts")) == {("received", 0)}


def test_nobody_types_payments(staff: Client) -> None:
    assert staff.get("/admin/payments/payment/add/").status_code == 403
