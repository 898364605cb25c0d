"""Drafts, quotes by a link, and orders by phone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.catalog.models import Price, Variant
from apps.common.context import StoreRef
from apps.common.crypto import decrypt
from apps.common.stores import enter_store
from apps.events.models import Event
from apps.notifications.models import Notification
from apps.orders.drafts import find_draft, price_draft, token_of
from apps.orders.models import DraftOrder, Order
from apps.orders.services.place_draft import accept_quote, place_draft
from apps.orders.services.save_organization import update_organization
from apps.orders.services.send_draft import send_draft
from apps.orders.services.write_draft import create_draft, expire_quotes, update_draft
from apps.orders.types import LineRequest
from tests.catalog.factories import make_product
from tests.orders.companies.factories import make_company
from tests.orders.factories import ADDRESS
from tests.orders.rules_factories import make_tax
from tests.support.people import make_user

Api = Callable[..., Any]
DRAFTS = "/api/v1/draft-orders"
ADA = {"email": "ada@example.com"}


def body(**fields: Any) -> dict[str, Any]:
    return {
        "currency": "USD",
        "email": "ada@example.com",
        "shipping_address": ADDRESS,
        "items": [
            {"sku": "TEA", "quantity": 2, "unit_price_cents": 400},
            {"sku": "CUP", "quantity": 1},
        ],
        "discount_cents": 100,
        **fields,
    }


@pytest.fixture
def goods(store: StoreRef) -> None:
    make_product(sku="TEA", price_cents=500, stock=10)
    make_product(sku="CUP", price_cents=900, stock=10)


@pytest.mark.covers("PEER-09")
def test_a_quote_is_prepared_sent_accepted_and_paid(api: Api, goods: None) -> None:
    staff = make_user("support")

    made = api(staff).post(DRAFTS, body())
    assert made.status_code == 201, made.content
    draft = made.json()
    assert draft["number"].startswith("DRF-")
    assert (draft["subtotal_cents"], draft["discount_cents"], draft["total_cents"]) == (
        1700,
        100,
        1600,
    )
    assert Order.objects.count() == 0

    sent = api(staff).post(f"{DRAFTS}/{draft['id']}/send", {"message": "As agreed"})
    assert sent.status_code == 200, sent.content
    token = sent.json()["token"]
    row = DraftOrder.objects.get()
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
    event = Event.objects.get(topic="draft_order.sent")
    assert token not in str(event.payload)
    assert decrypt(event.payload["sealedToken"], purpose="quote link") == token

    shown = api().get(f"/api/v1/quotes/{token}")
    assert (shown.status_code, shown.json()["total_cents"]) == (200, 1600)
    # Prices hold from the sending on.
    from apps.catalog.models import Price

    Price.objects.filter(variant__sku="CUP").update(amount_cents=5000)
    placed = api().post(f"/api/v1/quotes/{token}/accept", {"expected_total_cents": 1600})
    assert placed.status_code == 201, placed.content
    order = placed.json()
    assert (order["total_cents"], order["source"], order["status"]) == (1600, "draft", "confirmed")
    again = api().post(f"/api/v1/quotes/{token}/accept", {})
    assert (again.status_code, again.json()["id"]) == (201, order["id"])
    assert Order.objects.count() == 1
    paid = api().post(
        "/api/v1/payments",
        {"order_id": order["id"], "payment_method": "pm_card_visa", "email": "ada@example.com"},
    )
    assert (paid.status_code, paid.data["amount_cents"]) == (201, 1600)
    assert api(staff).get(f"{DRAFTS}/{draft['id']}").json()["order_id"] == order["id"]


@pytest.mark.covers("PEER-09", "PEER-25")
def test_a_draft_whose_company_is_closed_is_read_and_must_be_mended(api: Api, goods: None) -> None:
    staff, company = make_user("support"), make_company()
    made = api(staff).post(DRAFTS, body(organization_id=str(company.pk))).json()
    url = f"{DRAFTS}/{made['id']}"
    token = api(staff).post(f"{url}/send").json()["token"]
    assert api(staff).get(url).json()["problems"] == []
    update_organization(organization_id=company.pk, changes={"is_active": False})

    read = api(staff).get(url)
    offered = api().get(f"/api/v1/quotes/{token}")

    for shown in (read, offered):
        assert (shown.status_code, shown.json()["total_cents"]) == (200, 1600)
        (problem,) = shown.json()["problems"]
        assert (problem["field"], problem["code"]) == ("organization_id", "unknown_organization")
    refused = api().post(f"/api/v1/quotes/{token}/accept", {"email": "ada@example.com"})
    assert (refused.status_code, Order.objects.count()) == (422, 0)
    assert api(staff).patch(url, {"notes": "Call"}).status_code == 422
    mended = api(staff).patch(url, {"organization_id": ""})
    assert (mended.status_code, mended.json()["problems"]) == (200, [])


@pytest.mark.covers("PEER-09", "PEER-25", "PEER-03")
def test_a_draft_for_a_foreign_company_has_no_tax_and_neither_has_its_order(
    api: Api, goods: None, acme: StoreRef
) -> None:
    make_tax("20", country="FR")
    paris = {**ADDRESS, "country": "FR", "state": "", "postal_code": "75001"}
    staff = api(make_user("support"))
    with enter_store(replace(acme, settings={"seller_country": "DE"})):
        taxed = create_draft(currency="USD", items=[LineRequest("CUP")], fields=ADA)
        update_draft(draft_id=taxed.pk, items=None, fields={"shipping_address": paris})
        assert price_draft(find_draft(taxed.pk)).pricing.total_cents == 1_080
        update_draft(draft_id=taxed.pk, items=None, fields={"vat_id": "FR40303265045"})
        assert price_draft(find_draft(taxed.pk)).pricing.total_cents == 900
        order = place_draft(draft_id=taxed.pk)

    assert (order.total_cents, order.tax_cents, order.vat_id) == (900, 0, "FR40303265045")
    assert staff.get(f"{DRAFTS}/{taxed.pk}").json()["vat_id"] == "FR40303265045"


@pytest.mark.covers("PEER-09", "PEER-30")
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"shipping_address": {**ADDRESS, "postal_code": "1"}}, "shipping_address.postal_code"),
        ({"billing_address": {**ADDRESS, "country": "XX"}}, "billing_address.country"),
        ({"vat_id": "DE12"}, "vat_id"),
        ({"coupon_codes": ["a b"]}, "coupon_codes.0"),
    ],
)
def test_a_draft_takes_no_party_that_its_order_would_refuse(
    api: Api, goods: None, fields: dict[str, Any], field: str
) -> None:
    answer = api(make_user("support")).post(DRAFTS, body(**fields))

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert DraftOrder.objects.count() == 0


@pytest.mark.covers("PEER-09")
def test_an_order_by_phone_is_placed_by_staff(api: Api, goods: None) -> None:
    staff = make_user("support")
    draft = api(staff).post(DRAFTS, body()).json()

    placed = api(staff).post(f"{DRAFTS}/{draft['id']}/place", {})

    assert (placed.status_code, placed.json()["total_cents"]) == (201, 1600)
    order = Order.objects.get()
    assert order.expires_at is not None
    assert order.expires_at > timezone.now() + timedelta(days=6)
    listed = api(staff).get(f"{DRAFTS}?status=accepted").json()["results"]
    assert [(row["number"], row["order_id"]) for row in listed] == [
        (draft["number"], str(order.pk))
    ]
    for method, rest in (("patch", ""), ("delete", ""), ("post", "/send")):
        answer = getattr(api(staff), method)(f"{DRAFTS}/{draft['id']}{rest}", {"notes": "x"})
        assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition"), rest


@pytest.mark.covers("PEER-09")
def test_a_quote_is_over_when_its_time_is_or_it_was_called_off(api: Api, goods: None) -> None:
    staff = make_user("support")
    draft = api(staff).post(DRAFTS, body()).json()
    first = api(staff).post(f"{DRAFTS}/{draft['id']}/send", {}).json()["token"]

    # Changed, it is a draft again: the buyer must not accept what they have not seen.
    api(staff).patch(f"{DRAFTS}/{draft['id']}", {"discount_cents": 0})
    assert api().get(f"/api/v1/quotes/{first}").status_code == 404
    second = api(staff).post(f"{DRAFTS}/{draft['id']}/send", {}).json()["token"]
    assert first != second
    DraftOrder.objects.update(valid_until=timezone.now() - timedelta(seconds=1))
    for answer in (
        api().get(f"/api/v1/quotes/{second}"),
        api().post(f"/api/v1/quotes/{second}/accept", {}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (410, "quote_over")
    assert expire_quotes() == 1
    assert api().get(f"/api/v1/quotes/{second}").status_code == 410
    assert Order.objects.count() == 0
    for unknown in ("x", "0" * 43, "a" * 500):
        assert api().get(f"/api/v1/quotes/{unknown}").status_code == 404


@pytest.mark.covers("PEER-09", "PEER-56")
def test_a_draft_is_changed_sent_and_placed_as_it_was_read(api: Api, goods: None) -> None:
    staff = api(make_user("support"))
    made = staff.post(DRAFTS, body())
    path = f"{DRAFTS}/{made.json()['id']}"
    read = staff.get(path)
    assert read["ETag"] == made["ETag"]
    changed = staff.patch(path, {"notes": "Ring twice"}, HTTP_IF_MATCH=read["ETag"])
    assert (changed.status_code, changed["ETag"]) == (200, staff.get(path)["ETag"])

    # Whoever has read an older one neither changes, sends, places nor cancels it,
    late = {"HTTP_IF_MATCH": read["ETag"]}
    answers = [
        staff.patch(path, {"notes": "Never mind"}, **late),
        staff.post(f"{path}/send", {}, **late),
        staff.post(f"{path}/place", {}, **late),
        staff.delete(path, **late),
    ]
    assert [answer.status_code for answer in answers] == [412] * 4
    kept = staff.get(path)
    assert (kept.json()["status"], kept.json()["notes"]) == ("open", "Ring twice")
    # nor does who has read another price.
    variant = Variant.objects.get(sku="CUP")
    Price.objects.filter(variant=variant).update(amount_cents=950)
    assert staff.post(f"{path}/place", {}, HTTP_IF_MATCH=kept["ETag"]).status_code == 412
    assert not Order.objects.exists()

    sent = staff.post(f"{path}/send", {}, HTTP_IF_MATCH=staff.get(path)["ETag"])
    assert (sent.status_code, sent["ETag"]) == (200, staff.get(path)["ETag"])
    placed = staff.post(f"{path}/place", {}, HTTP_IF_MATCH=sent["ETag"])
    assert placed.status_code == 201, placed.content
    assert placed["ETag"] == staff.get(placed["Location"])["ETag"]
    assert placed.json()["total_cents"] == 2 * 400 + 950 - 100


@pytest.mark.covers("PEER-09", "R4")
def test_a_quote_without_enough_stock_leaves_no_order(api: Api, goods: None) -> None:
    staff = make_user("support")
    draft = api(staff).post(DRAFTS, body(items=[{"sku": "TEA", "quantity": 11}])).json()
    token = api(staff).post(f"{DRAFTS}/{draft['id']}/send", {}).json()["token"]

    answer = api().post(f"/api/v1/quotes/{token}/accept", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    assert Order.objects.count() == 0
    assert DraftOrder.objects.get().status == "sent"


@pytest.mark.covers("PEER-09")
def test_another_total_than_the_buyer_saw_is_refused(api: Api, goods: None) -> None:
    staff = make_user("support")
    draft = api(staff).post(DRAFTS, body()).json()
    token = api(staff).post(f"{DRAFTS}/{draft['id']}/send", {}).json()["token"]

    for field, value in (("expected_total_cents", 1), ("expected_currency", "EUR")):
        answer = api().post(f"/api/v1/quotes/{token}/accept", {field: value})
        assert (answer.status_code, answer.json()["code"]) == (409, "total_changed")
        assert [row["field"] for row in answer.json()["errors"]] == [field]

    assert Order.objects.count() == 0


@pytest.mark.covers("PEER-09", "P5")
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"items": []}, 422),
        ({"items": [{"sku": "NONE", "quantity": 1}]}, 422),
        ({"items": [{"sku": "TEA", "quantity": 1}, {"sku": "TEA", "quantity": 2}]}, 422),
        ({"items": [{"sku": "TEA", "quantity": 1, "unit_price_cents": -1}]}, 400),
        ({"currency": "XXX"}, 400),
        ({"email": "nobody"}, 400),
        ({"customer_id": "00000000-0000-0000-0000-000000000000"}, 422),
        ({"discount_cents": -5}, 400),
        ({"market": "mars"}, 422),
        ({"notes": "a\x00"}, 400),
    ],
)
def test_bad_drafts_are_refused(api: Api, goods: None, fields: dict[str, Any], status: int) -> None:
    answer = api(make_user("support")).post(DRAFTS, body(**fields))

    assert answer.status_code == status, answer.content
    assert DraftOrder.objects.count() == 0


@pytest.mark.covers("PEER-09", "T12")
def test_drafts_are_for_those_who_change_orders(api: Api, goods: None) -> None:
    draft = api(make_user("support")).post(DRAFTS, body()).json()
    url = f"{DRAFTS}/{draft['id']}"

    assert api(make_user("finance")).get(url).status_code == 200
    assert api(make_user("finance")).post(f"{url}/place", {}).status_code == 403
    vendor = make_user("vendor_owner")
    assert api(vendor).get(DRAFTS).json()["results"] == []
    assert api(vendor).get(url).status_code == 404
    for caller in (make_user(), make_user("editor")):
        assert api(caller).get(DRAFTS).status_code == 403
        assert api(caller).get(url).status_code == 403
        assert api(caller).post(f"{url}/place", {}).status_code == 403


@pytest.mark.covers("PEER-09")
def test_accepted_in_parallel_there_is_one_order(live_store: StoreRef) -> None:
    make_product(sku="TEA", price_cents=500, stock=10)
    draft = create_draft(
        currency="USD",
        items=[LineRequest(sku="TEA", quantity=1)],
        fields={"email": "ada@example.com", "shipping_address": ADDRESS},
    )
    token = token_of(send_draft(draft_id=draft.pk))

    def accept(_: int) -> Any:
        try:
            with enter_store(live_store):
                return accept_quote(token=token).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        orders = set(pool.map(accept, range(4)))

    assert len(orders) == 1
    assert Order.objects.count() == 1


@pytest.mark.covers("PEER-09", "NTF-03")
def test_the_link_is_mailed_and_kept_nowhere(
    api: Api, goods: None, drain: Any, mailoutbox: Any
) -> None:
    staff = make_user("support")
    draft = api(staff).post(DRAFTS, body()).json()
    sent = api(staff).post(f"{DRAFTS}/{draft['id']}/send", {"message": "As agreed"}).json()
    drain()

    (mail,) = [one for one in mailoutbox if one.to == ["ada@example.com"]]
    assert sent["token"] in mail.body
    assert "As agreed" in mail.body
    assert draft["number"] in mail.subject
    kept = Notification.objects.get(template_name="quote_sent")
    assert sent["token"] not in str(kept.payload)
