"""Price lists, prices and groups in the store's admin."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts.models import CustomerGroup
from apps.catalog.models import Price, PriceList
from apps.common.context import StoreRef
from tests.catalog.factories import make_product
from tests.catalog.prices.make import make_list, make_market
from tests.support.people import make_user

LISTS = "/admin/catalog/pricelist/"
PRICES = "/admin/catalog/price/"
GROUPS = "/admin/accounts/customergroup/"


@pytest.fixture
def page(store: StoreRef) -> Client:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("owner"))
    return client


def of_list(**fields: str) -> dict[str, str]:
    blank = {"starts_at_0": "", "starts_at_1": "", "ends_at_0": "", "ends_at_1": "", "market": ""}
    return {"name": "Trade", "customer_group": "", "priority": "0", **blank, **fields}


@pytest.mark.covers("PEER-04")
def test_a_list_is_made_changed_and_deleted(page: Client) -> None:
    make_market("de")
    made = page.post(f"{LISTS}add/", of_list(code="bf", kind="sale", market="de", is_active="on"))
    assert made.status_code == 302, made.content
    row = PriceList.objects.get(code="bf")
    assert (row.kind, row.market, row.is_active) == ("sale", "de", True)

    page.post(f"{LISTS}{row.pk}/change/", of_list(name="Other", priority="4"))
    row.refresh_from_db()
    assert (row.name, row.priority, row.market, row.is_active) == ("Other", 4, "", False)

    assert page.get(LISTS).status_code == 200
    assert page.post(f"{LISTS}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not PriceList.objects.filter(code="bf").exists()


@pytest.mark.covers("PEER-04")
def test_an_override_for_everybody_and_the_default_list_are_refused(page: Client) -> None:
    refused = page.post(f"{LISTS}add/", of_list(code="x", kind="override"))
    default = PriceList.objects.get(is_default=True)

    assert refused.status_code == 200
    assert b"Say for which group or market it is." in refused.content
    nowhere = page.post(f"{LISTS}add/", of_list(code="x", kind="sale", market="nope"))
    assert "There is no market &#x27;nope&#x27;." in nowhere.content.decode()
    assert not PriceList.objects.filter(code="x").exists()
    assert page.get(f"{LISTS}{default.pk}/change/").status_code == 200
    assert page.post(f"{LISTS}{default.pk}/change/", of_list()).status_code == 403
    assert page.post(f"{LISTS}{default.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.covers("PEER-04")
def test_prices_are_found_set_and_taken_away(page: Client) -> None:
    make_product()
    price_list = make_list("bf", ("TEE-S", 1500))
    given = {"price_list": str(price_list.pk), "currency": "USD", "min_quantity": "10"}

    made = page.post(f"{PRICES}add/", {**given, "sku": "TEE-S", "amount": "12.50"})
    unknown = page.post(f"{PRICES}add/", {**given, "sku": "NONE", "amount": "12.50"}, follow=True)
    tier = Price.objects.get(min_quantity=10)
    changed = page.post(f"{PRICES}{tier.pk}/change/", {"amount": "11"})

    assert (made.status_code, changed.status_code) == (302, 302), changed.content
    assert b"There is no variant" in unknown.content
    tier.refresh_from_db()
    assert tier.amount_cents == 1100
    found = page.get(PRICES, {"q": "TEE", "price_list__id__exact": str(price_list.pk)})
    assert b"11.00" in found.content
    assert page.get(f"{PRICES}{tier.pk}/change/").status_code == 200
    page.post(f"{PRICES}{tier.pk}/delete/", {"post": "yes"})
    assert list(price_list.prices.values_list("amount_cents", flat=True)) == [1500]


@pytest.mark.covers("PEER-04")
def test_groups_are_kept_and_a_person_is_put_into_one(page: Client) -> None:
    page.post(f"{GROUPS}add/", {"code": "trade", "name": "Trade"})
    group = CustomerGroup.objects.get(code="trade")
    again = page.post(f"{GROUPS}add/", {"code": "trade", "name": "Other"})
    page.post(f"{GROUPS}{group.pk}/change/", {"name": "Wholesale"})
    person = make_user()
    page.post(
        f"/admin/accounts/user/{person.pk}/change/",
        {
            "first_name": "",
            "last_name": "",
            "phone": "",
            "role": "customer",
            "vendor_id": "",
            "customer_group": str(group.code),
            "addresses-TOTAL_FORMS": "0",
            "addresses-INITIAL_FORMS": "0",
        },
    )

    group.refresh_from_db()
    person.refresh_from_db()
    assert again.status_code == 200
    assert (group.name, person.customer_group_id) == ("Wholesale", "trade")
    assert page.get(GROUPS).status_code == 200
