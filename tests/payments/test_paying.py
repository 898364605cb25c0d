"""Paying an order through the API with the sandbox gateway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.common.context import StoreRef
from apps.common.models import IdempotencyKey
from apps.events.models import Event
from apps.orders.editing import EditRequest
from apps.orders.facade import LineRequest, cancel_order, get_order
from apps.orders.services.edit_order import edit_order
from apps.payments.gateways.sandbox import authenticate
from apps.payments.models import Payment, SandboxIntent, WebhookMessage
from apps.payments.services.work_inbox import work_inbox
from tests.orders.factories import make_order
from tests.payments.factories import committing, make_payment
from tests.support.people import make_user

Api = Callable[..., Any]
URL = "/api/v1/payments"


def topics(key: Any) -> list[str]:
    """What was published of a payment, in order."""
    return list(Event.objects.filter(key=str(key)).order_by("id").values_list("topic", flat=True))


@pytest.mark.covers("PAY-01", "PAY-05", "PAY-08", "I-11")
@pytest.mark.parametrize("method", ["pm_card_visa", "pm_card_mastercard"])
def test_a_card_that_works_captures_the_total_and_the_order_is_paid(api: Api, method: str) -> None:
    user = make_user()
    order = make_order(user, quantity=2, price_cents=1999)

    answer = api(user).post(URL, {"order_id": str(order.id), "payment_method": method})

    assert answer.status_code == 201
    assert answer.data["status"] == "captured"
    assert answer.data["amount_cents"] == answer.data["captured_cents"] == order.total_cents
    assert answer.data["currency"] == "USD"
    assert answer.data["gateway"] == "sandbox"
    assert answer.data["client_secret"] is None
    assert get_order(order.id).status == "paid"
    assert get_order(order.id).payment_status == "paid"
    assert topics(answer.data["id"]) == ["payment.created", "payment.succeeded"]
    # The gateway's message comes later and tells nothing new.
    assert work_inbox() == 1
    assert WebhookMessage.objects.get().status == "processed"
    assert topics(answer.data["id"]) == ["payment.created", "payment.succeeded"]


@pytest.mark.covers("PAY-08", "I-14")
@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    ],
)
def test_a_declined_card_fails_the_payment_and_another_one_pays_the_order(
    api: Api, method: str, code: str, drain: Callable[[], int]
) -> None:
    user = make_user()
    order = make_order(user)
    client = api(user)

    declined = client.post(URL, {"order_id": str(order.id), "payment_method": method})
    drain()
    paid = client.post(URL, {"order_id": str(order.id), "payment_method": "pm_card_visa"})

    assert (declined.status_code, declined.data["status"]) == (201, "failed")
    assert declined.data["failure_code"] == code
    assert declined.data["client_secret"] is None
    assert topics(declined.data["id"]) == ["payment.created", "payment.failed"]
    # What failed here can be finished nowhere else.
    closed = SandboxIntent.objects.get(idempotency_key=declined.data["id"])
    assert closed.status == "canceled"
    assert paid.data["status"] == "captured"
    assert get_order(order.id).status == "paid"


@pytest.mark.covers("PAY-05", "P12")
@pytest.mark.parametrize("method", ["pm_unheard_of", "4242424242424242", "tok with space"])
def test_what_is_no_token_of_the_gateway_is_refused_and_not_repeated(api: Api, method: str) -> None:
    user = make_user()
    order = make_order(user)

    answer = api(user).post(URL, {"order_id": str(order.id), "payment_method": method})

    assert answer.status_code == 400
    assert answer.data["code"] == "unknown_payment_method"
    assert answer.data["errors"][0]["field"] == "payment_method"
    assert method not in str(answer.data)
    assert not Payment.objects.exists()


@pytest.mark.covers("PAY-04", "I-11")
def test_a_payer_who_must_authenticate_is_charged_by_the_message_alone(api: Api) -> None:
    user = make_user()
    order = make_order(user)
    body = {"order_id": str(order.id), "payment_method": "pm_card_authenticationRequired"}

    asked = api(user).post(URL, body)
    with committing():
        authenticate(Payment.objects.get().gateway_id)
    paid = api(user).get(f"{URL}/{asked.data['id']}")

    assert asked.data["status"] == "requires_action"
    assert asked.data["client_secret"].startswith("pi_sandbox_")
    assert paid.data["status"] == "captured"
    assert paid.data["client_secret"] is None
    assert get_order(order.id).status == "paid"


def test_a_payer_who_gives_up_authenticating_may_pay_otherwise(api: Api) -> None:
    payment = make_payment(method="pm_card_authenticationRequired")

    with committing():
        authenticate(payment.gateway_id, succeed=False)
    payment.refresh_from_db()

    assert payment.status == "failed"
    assert payment.failure_code == "payment_intent_authentication_failure"


@pytest.mark.covers("PAY-14", "C-17")
def test_authorise_now_and_capture_a_part_later(api: Api) -> None:
    user, finance = make_user(), make_user("finance")
    order = make_order(user, price_cents=5000)
    body = {"order_id": str(order.id), "payment_method": "pm_card_visa", "capture": "manual"}

    held = api(user).post(URL, body)
    after_hold = get_order(order.id)
    url = f"{URL}/{held.data['id']}/capture"
    too_much = api(finance).post(url, {"amount_cents": 5001})
    taken = api(finance).post(url, {"amount_cents": 3000})
    again = api(finance).post(url, {"amount_cents": 2000})

    assert (held.data["status"], held.data["authorized_cents"]) == ("authorized", 5000)
    assert (after_hold.status, after_hold.payment_status) == ("confirmed", "authorized")
    assert (too_much.status_code, too_much.data["code"]) == (422, "amount_too_large")
    assert too_much.data["available_cents"] == 5000
    assert (taken.status_code, taken.data["captured_cents"]) == (200, 3000)
    assert taken.data["authorized_cents"] == 5000
    assert (again.status_code, again.data["code"]) == (409, "invalid_transition")
    assert get_order(order.id).payment_status == "partially_paid"
    assert topics(held.data["id"]) == ["payment.created", "payment.authorized", "payment.succeeded"]


@pytest.mark.covers("PAY-14", "PEER-08", "C-17")
@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_capturing_takes_no_more_than_an_edit_has_left_due(api: Api, currency: str) -> None:
    finance = api(make_user("finance"))
    order = make_order(make_user(), price_cents=1000, quantity=3, currency=currency)
    payment = make_payment(make_user("admin"), order, capture="manual")
    request = EditRequest(lines=((order.lines[0].id, 2),))
    edit_order(order_id=order.id, request=request)
    url = f"{URL}/{payment.pk}/capture"

    too_much = finance.post(url, {"amount_cents": 3000})
    taken = finance.post(url, {})
    repeated = finance.post(url, {})

    assert (too_much.status_code, too_much.data["available_cents"]) == (422, 2000)
    assert (taken.status_code, taken.data["captured_cents"]) == (200, 2000)
    assert (repeated.status_code, repeated.data["captured_cents"]) == (200, 2000)
    assert SandboxIntent.objects.get().captured_cents == 2000
    now = get_order(order.id)
    assert (now.status, now.payment_status, now.paid_cents) == ("paid", "paid", 2000)
    assert not Event.objects.filter(topic="order.refund_due").exists()


@pytest.mark.covers("PAY-14", "PEER-08")
def test_nothing_is_captured_for_an_order_that_owes_nothing(api: Api) -> None:
    order = make_order(make_user(), price_cents=1000)
    payment = make_payment(make_user("admin"), order, capture="manual")
    cancel_order(order_id=order.id, reason="customer")

    answer = api(make_user("finance")).post(f"{URL}/{payment.pk}/capture", {})

    assert (answer.status_code, answer.data["code"]) == (409, "nothing_to_pay")
    assert SandboxIntent.objects.get().captured_cents == 0


@pytest.mark.covers("PAY-14")
def test_a_voided_hold_frees_the_order_for_another_payment(api: Api) -> None:
    user, finance = make_user(), make_user("finance")
    payment = make_payment(user, capture="manual")

    voided = api(finance).post(f"{URL}/{payment.pk}/void")
    repeated = api(finance).post(f"{URL}/{payment.pk}/void")
    body = {"order_id": str(payment.order_id), "payment_method": "pm_card_visa"}
    paid = api(user).post(URL, body)

    assert (voided.status_code, voided.data["status"]) == (200, "voided")
    assert repeated.data["status"] == "voided"
    assert paid.data["status"] == "captured"
    assert topics(payment.pk)[-1] == "payment.failed"


@pytest.mark.covers("P5", "P6")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"order_id": "no uuid"}, "order_id"),
        ({"order_id": None}, "order_id"),
        ({"payment_method": ""}, "payment_method"),
        ({"payment_method": "x" * 121}, "payment_method"),
        ({"payment_method": "pm_card\nvisa"}, "payment_method"),
        ({"capture": "sometimes"}, "capture"),
        ({"email": "nobody"}, "email"),
    ],
)
def test_bad_input_is_a_400_that_names_the_field(
    api: Api, change: dict[str, Any], field: str
) -> None:
    user = make_user()
    order = make_order(user)
    body = {"order_id": str(order.id), "payment_method": "pm_card_visa", **change}

    answer = api(user).post(URL, body)

    assert answer.status_code == 400
    assert answer.data["errors"][0]["field"] == field


@pytest.mark.covers("P5")
def test_an_amount_sent_by_the_client_changes_nothing(api: Api) -> None:
    user = make_user()
    order = make_order(user, price_cents=1999)
    body = {"order_id": str(order.id), "payment_method": "pm_card_visa"}
    tampered = {"amount_cents": 1, "amount": 1, "currency": "JPY", "status": "captured"}

    answer = api(user).post(URL, {**body, **tampered})

    assert (answer.data["captured_cents"], answer.data["currency"]) == (1999, "USD")


@pytest.mark.covers("I-58", "PAY-11")
def test_yen_are_charged_as_yen(api: Api) -> None:
    payment = make_payment(price_cents=500, currency="JPY")

    assert (payment.captured_cents, payment.currency) == (500, "JPY")
    assert SandboxIntent.objects.get().amount_cents == 500


@pytest.mark.parametrize("status", ["cancelled", "paid"])
def test_an_order_that_waits_for_no_money_is_not_payable(api: Api, status: str) -> None:
    user = make_user()
    order = make_order(user)
    if status == "cancelled":
        cancel_order(order_id=order.id, reason="customer")
    else:
        make_payment(user, order)

    body = {"order_id": str(order.id), "payment_method": "pm_card_visa"}
    answer = api(user).post(URL, body)

    assert answer.status_code == 409
    expected = "order_not_payable" if status == "cancelled" else "payment_open"
    assert answer.data["code"] == expected


def test_there_is_nothing_to_pay_for_an_order_of_zero(api: Api) -> None:
    user = make_user()
    order = make_order(user, price_cents=0)

    answer = api(user).post(URL, {"order_id": str(order.id), "payment_method": "pm_card_visa"})

    assert (answer.status_code, answer.data["code"]) == (409, "nothing_to_pay")


@pytest.mark.covers("I-16", "I-17")
def test_a_second_payment_names_the_one_that_stands(api: Api) -> None:
    user = make_user()
    payment = make_payment(user, capture="manual")

    body = {"order_id": str(payment.order_id), "payment_method": "pm_card_visa"}
    answer = api(user).post(URL, body)

    assert answer.status_code == 409
    assert answer.data["code"] == "payment_open"
    assert answer.data["payment_id"] == str(payment.pk)
    assert Payment.objects.count() == 1


@pytest.mark.covers("I-15", "I-17", "R8")
def test_the_same_idempotency_key_gets_the_same_answer_and_one_charge(api: Api) -> None:
    user = make_user()
    order = make_order(user)
    body = {"order_id": str(order.id), "payment_method": "pm_card_visa"}
    client, key = api(user), {"HTTP_IDEMPOTENCY_KEY": str(uuid4())}

    first = client.post(URL, body, **key)
    second = client.post(URL, body, **key)
    other = client.post(URL, {**body, "payment_method": "pm_card_mastercard"}, **key)

    assert second.json() == first.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert other.status_code == 422
    assert SandboxIntent.objects.count() == 1


def test_a_guest_pays_with_the_orders_email_and_with_no_other(api: Api) -> None:
    order = make_order(email="Ada@example.com")
    body = {"order_id": str(order.id), "payment_method": "pm_card_visa"}

    without = api().post(URL, body)
    wrong = api().post(URL, {**body, "email": "eve@example.com"})
    unknown = api().post(URL, {**body, "email": "ada@example.com", "order_id": str(uuid4())})
    right = api().post(URL, {**body, "email": "ada@example.com"})

    assert (without.status_code, without.data["errors"][0]["field"]) == (400, "email")
    assert wrong.status_code == unknown.status_code == 404
    assert (right.status_code, right.data["status"]) == (201, "captured")


def test_a_members_order_is_not_paid_by_somebody_who_knows_their_email(api: Api) -> None:
    user = make_user()
    order = make_order(user)
    body = {"order_id": str(order.id), "payment_method": "pm_card_visa", "email": user.email}

    assert api().post(URL, body).status_code == 404
    assert api(make_user()).post(URL, body).status_code == 404
    assert api(make_user("support")).post(URL, body).status_code == 403
    assert api(make_user("finance")).post(URL, body).status_code == 201


@pytest.mark.covers("PAY-02", "PAY-03")
def test_customers_see_their_payments_and_finance_all(
    api: Api, django_assert_max_num_queries: Any
) -> None:
    user = make_user()
    mine, theirs = make_payment(user), make_payment(method="pm_card_authenticationRequired")
    finance = api(make_user("finance"))

    own = api(user).get(URL)
    with django_assert_max_num_queries(7):
        everything = finance.get(URL)
    waiting = finance.get(URL, {"status": "requires_action"})
    of_order = finance.get(URL, {"order_id": str(mine.order_id)})

    assert [row["id"] for row in own.data["results"]] == [str(mine.pk)]
    assert [row["id"] for row in everything.data["results"]] == [str(theirs.pk), str(mine.pk)]
    assert [row["id"] for row in waiting.data["results"]] == [str(theirs.pk)]
    assert [row["id"] for row in of_order.data["results"]] == [str(mine.pk)]
    assert api(user).get(f"{URL}/{theirs.pk}").status_code == 404
    assert api().get(URL).status_code == 401
    # The secret is the payer's alone.
    seen = finance.get(f"{URL}/{theirs.pk}")
    assert (seen.status_code, seen.data["client_secret"]) == (200, None)


@pytest.mark.covers("P10")
@pytest.mark.parametrize(
    ("role", "capture", "void", "refund"),
    [
        ("customer", 403, 403, 403),
        ("vendor_owner", 403, 403, 403),
        ("support", 403, 403, 403),
        ("analyst", 403, 403, 403),
        ("finance", 404, 404, 404),
        ("owner", 404, 404, 404),
    ],
)
def test_only_who_may_move_money_gets_past_the_door(
    api: Api, role: str, capture: int, void: int, refund: int
) -> None:
    client = api(make_user(role))
    nobody = uuid4()

    answers = [
        client.post(f"{URL}/{nobody}/{step}").status_code for step in ("capture", "void", "refund")
    ]

    assert answers == [capture, void, refund]
    assert api().post(f"{URL}/{nobody}/refund").status_code == 401


@pytest.mark.covers("PAY-01")
def test_paying_costs_few_queries(api: Api, django_assert_max_num_queries: Any) -> None:
    user = make_user()
    order = make_order(user)
    client = api(user)

    with django_assert_max_num_queries(60):
        answer = client.post(URL, {"order_id": str(order.id), "payment_method": "pm_card_visa"})

    assert answer.data["status"] == "captured"


def test_another_store_does_not_know_the_payment(api: Api, globex: StoreRef) -> None:
    payment = make_payment()
    from apps.common.stores import enter_store

    with enter_store(globex):
        owner = make_user("owner")

    answer = api(owner, globex).get(f"{URL}/{payment.pk}")

    assert answer.status_code == 404


def test_items_of_two_vendors_are_one_payment(api: Api) -> None:
    from tests.catalog.factories import make_product

    user = make_user()
    make_product(sku="P-1", price_cents=100, currency="USD", stock=5)
    make_product(sku="P-2", price_cents=250, currency="USD", stock=5)
    order = make_order(user, items=[LineRequest(sku="P-1"), LineRequest(sku="P-2")])

    payment = make_payment(user, order)

    assert payment.captured_cents == 350


@pytest.mark.covers("R10", "R8", "I-11")
@pytest.mark.parametrize("method", ["pm_card_visa", "pm_card_chargeDeclined"])
def test_a_call_that_was_cut_off_before_it_answered_finds_its_payment_again(
    api: Api, method: str
) -> None:
    user = make_user()
    body = {"order_id": str(make_order(user).id), "payment_method": method}
    first = api(user).post(URL, body, HTTP_IDEMPOTENCY_KEY="once")
    # The answer was never stored: the process died a moment too early.
    IdempotencyKey.objects.update(response_status=None, locked_until=timezone.now())

    again = api(user).post(URL, body, HTTP_IDEMPOTENCY_KEY="once")
    other = api(user).post(URL, body, HTTP_IDEMPOTENCY_KEY="another")

    assert again.status_code == 201
    assert again.data["id"] == first.data["id"]
    assert Payment.objects.filter(pk=first.data["id"]).count() == 1
    # Another key is another attempt: refused while money is taken, allowed after a decline.
    assert other.status_code == (409 if method == "pm_card_visa" else 201)
