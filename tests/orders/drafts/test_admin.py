"""Drafts in the store's admin: written, changed and read like every other page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.catalog.models import Variant
from apps.common.context import StoreRef
from apps.orders.models import DraftOrder, DraftStatus
from apps.orders.services.send_draft import send_draft
from apps.orders.services.write_draft import create_draft
from apps.orders.types import LineRequest
from tests.catalog.factories import make_product, make_vendor
from tests.orders.rules_factories import make_method

LIST = "/admin/orders/draftorder/"
FORM = {
    "currency": "USD",
    "goods": "TEA 2 at 4.00\r\nCUP 1",
    "discount": "1.00",
    "coupon_codes": "ten",
    "customer": "",
    "email": "Ada@Example.com",
    "company": "",
    "purchase_order_number": "PO-7",
    "market": "",
    "shipping_method": "",
    "notes": "Call first",
    "message": "As agreed",
    "address_name": "Ada",
    "address_line1": "1 Way",
    "address_postal_code": "89073",
    "address_city": "Ulm",
    "vat_id": "",
    "address_country": "de",
}


@pytest.fixture
def goods(store: StoreRef) -> None:
    make_product(sku="TEA", price_cents=500, stock=10)
    make_product(sku="CUP", price_cents=900, stock=10)


def typed(client: Client, draft: DraftOrder) -> dict[str, Any]:
    """What the page of a draft would send if nobody touched it."""
    form = client.get(f"{LIST}{draft.pk}/change/").context["adminform"].form
    names = FORM.keys() & form.fields.keys()
    return {name: "" if form[name].value() is None else form[name].value() for name in names} | {
        "goods": form["goods"].value().replace("\n", "\r\n"),
    }


def lines_of(draft: DraftOrder) -> list[tuple[str, int, int | None]]:
    lines = draft.cart.lines.order_by("variant__sku")
    return list(lines.values_list("variant__sku", "quantity", "unit_price_cents"))


def errors_of(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return {name: list(found) for name, found in answer.context["adminform"].form.errors.items()}


@pytest.mark.covers("PEER-09")
def test_a_draft_is_written_and_changed_by_typing(
    browser: Callable[..., Client], goods: None
) -> None:
    make_method(code="van", name="Our van")
    client = browser("support")

    assert client.post(f"{LIST}add/", {**FORM, "shipping_method": "van"}).status_code == 302

    draft = DraftOrder.objects.get()
    cart = draft.cart
    assert lines_of(draft) == [("CUP", 1, None), ("TEA", 2, 400)]
    assert (draft.discount_cents, draft.message, cart.email) == (
        100,
        "As agreed",
        "ada@example.com",
    )
    assert (cart.coupon_codes, cart.notes, cart.shipping_method) == (["TEN"], "Call first", "van")
    assert (cart.shipping_address or {})["country"] == "DE"

    page = client.get(f"{LIST}{draft.pk}/change/").content.decode()
    assert all(text in page for text in ("TEA 2 at 4.00", draft.number, "Our van", "PO-7"))
    kept = typed(client, draft)
    changed = {**kept, "goods": "CUP 3 at 8.50", "discount": ""}
    assert client.post(f"{LIST}{draft.pk}/change/", changed).status_code == 302
    draft.refresh_from_db()
    assert (lines_of(draft), draft.discount_cents) == ([("CUP", 3, 850)], 0)
    assert (draft.cart.shipping_address or {})["city"] == "Ulm"


@pytest.mark.covers("PEER-09")
def test_amounts_are_typed_in_the_main_unit_of_each_currency(
    browser: Callable[..., Client], store: StoreRef
) -> None:
    make_product(sku="TEA", price_cents=500, currency="JPY", stock=10)
    client = browser()
    form = {**FORM, "currency": "JPY", "goods": "TEA 1 at 450", "discount": "50"}

    assert errors_of(client.post(f"{LIST}add/", {**form, "discount": "0.5"})) == {
        "discount": ["JPY has 0 decimals; '0.5' has more."]
    }
    assert client.post(f"{LIST}add/", form).status_code == 302

    draft = DraftOrder.objects.get()
    assert (lines_of(draft), draft.discount_cents) == ([("TEA", 1, 450)], 50)
    assert typed(client, draft)["discount"] == "50"


@pytest.mark.covers("PEER-09")
@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({"goods": "TEA"}, {"goods": ["Line 1: write it like “TEE-S 2”."]}),
        ({"goods": "TEA 1\nNONE 1"}, {"goods": ["Line 2: 'NONE' is not for sale here."]}),
        ({"goods": "TEA 1\nTEA 2"}, {"goods": ["Line 2: Name each variant once."]}),
        ({"goods": "TEA 1 at x"}, {"goods": ["Line 1: 'x' is not a plain decimal such as 12.50."]}),
        ({"address_city": ""}, {"address_city": ["An address needs this."]}),
        ({"address_country": "D1"}, {"address_country": ["Write a two-letter code, such as DE."]}),
        ({"address_phone": "12"}, {"address_phone": ["Write it like +4930123456."]}),
        (
            {"address_postal_code": "1"},
            {"address_postal_code": ["'1' is no postal code of DE."]},
        ),
        (
            {"coupon_codes": "AUTUMN, a b"},
            {
                "coupon_codes": [
                    "A code has 3 to 40 letters A to Z, digits, hyphens and underscores."
                ]
            },
        ),
        (
            {"vat_id": "DE12"},
            {"vat_id": ["Send a VAT id with its country's letters first, such as DE136695976."]},
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_input_and_nothing_is_kept(
    browser: Callable[..., Client], goods: None, wrong: dict[str, str], errors: dict[str, Any]
) -> None:
    answer = browser().post(f"{LIST}add/", {**FORM, **wrong})

    assert errors_of(answer) == errors
    assert DraftOrder.objects.count() == 0


@pytest.mark.covers("PEER-09")
def test_a_sent_quote_stays_good_until_something_of_it_is_changed(
    browser: Callable[..., Client], goods: None
) -> None:
    client = browser()
    client.post(f"{LIST}add/", FORM)
    draft = DraftOrder.objects.get()
    send_draft(draft_id=draft.pk)
    page = f"{LIST}{draft.pk}/change/"
    kept = typed(client, draft)

    assert client.post(page, kept).status_code == 302
    draft.refresh_from_db()
    assert draft.status == DraftStatus.SENT

    assert client.post(page, {**kept, "discount": "2.00"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.status, draft.discount_cents) == (DraftStatus.OPEN, 200)
    assert lines_of(draft) == [("CUP", 1, None), ("TEA", 2, 400)]


@pytest.mark.covers("PEER-09")
def test_a_sku_of_several_vendors_stays_the_one_that_was_chosen(
    browser: Callable[..., Client], goods: None
) -> None:
    other = make_product(sku="TEA", price_cents=700, stock=5, vendor=make_vendor("Other"))
    variant = Variant.objects.get(product_id=other.id).pk
    items = [LineRequest(variant_id=variant, quantity=1)]
    draft = create_draft(currency="USD", items=items, fields={"email": "ada@example.com"})
    client = browser()

    kept = typed(client, draft)
    assert client.post(f"{LIST}{draft.pk}/change/", {**kept, "goods": "TEA 4"}).status_code == 302

    (line,) = draft.cart.lines.all()
    assert (line.variant_id, line.quantity) == (variant, 4)


@pytest.mark.covers("PEER-09", "ACC-10")
def test_a_closed_draft_is_read_and_readers_write_none(
    browser: Callable[..., Client], goods: None
) -> None:
    owner = browser()
    owner.post(f"{LIST}add/", FORM)
    draft = DraftOrder.objects.get()
    reader = browser("analyst")

    assert reader.get(f"{LIST}add/").status_code == 403
    assert reader.post(f"{LIST}{draft.pk}/change/", FORM).status_code == 403

    DraftOrder.objects.update(status=DraftStatus.CANCELLED)
    page = owner.get(f"{LIST}{draft.pk}/change/").content.decode()
    assert "2 × " in page
    assert 'name="goods"' not in page
    assert owner.post(f"{LIST}{draft.pk}/change/", FORM).status_code == 403
