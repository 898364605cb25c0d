"""Price lists and customer groups over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apps.catalog.models import PriceList
from apps.common.context import StoreRef
from tests.catalog.factories import make_product
from tests.catalog.prices.make import make_list, make_market
from tests.support.people import make_user

Api = Callable[..., Any]
LISTS = "/api/v1/price-lists"
GROUPS = "/api/v1/customer-groups"


@pytest.fixture
def editor(store: StoreRef) -> Any:
    return make_user("editor")


@pytest.fixture
def admin(store: StoreRef) -> Any:
    return make_user("admin")


def errors(response: Any) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in response.json()["errors"]]


@pytest.mark.covers("PEER-04")
def test_a_list_is_made_changed_and_deleted(api: Api, editor: Any) -> None:
    client = api(editor)

    made = client.post(
        LISTS,
        {
            "code": "bf",
            "name": "Black Friday",
            "kind": "sale",
            "starts_at": "2026-11-27T00:00:00Z",
            "ends_at": "2026-11-30T00:00:00+01:00",
        },
    )
    changed = client.patch(f"{LISTS}/bf", {"ends_at": None, "priority": 3, "is_active": False})

    assert made.status_code == 201, made.content
    assert (made.json()["kind"], made.json()["is_public"]) == ("sale", False)
    assert (changed.json()["ends_at"], changed.json()["priority"]) == (None, 3)
    listed = client.get(LISTS, {"ordering": "-code"}).json()
    assert [row["code"] for row in listed["results"]] == ["default", "bf"]
    assert client.get(LISTS, {"kind": "sale"}).json()["count"] == 1
    assert client.delete(f"{LISTS}/bf").status_code == 204
    assert client.get(f"{LISTS}/bf").status_code == 404


@pytest.mark.covers("PEER-04")
@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"ends_at": "2026-11-26T00:00:00Z"}, "ends_at", "not_after_start"),
        ({"ends_at": "2026-11-27T00:00:00Z"}, "ends_at", "not_after_start"),
        ({"ends_at": "2026-11-28T00:00:00"}, "ends_at", "zone"),
        ({"kind": "override"}, "customer_group", "required"),
        ({"kind": "default"}, "kind", "invalid"),
        ({"kind": "x"}, "kind", "invalid_choice"),
        ({"customer_group": "none"}, "customer_group", "unknown"),
        ({"market": "none"}, "market", "unknown"),
        ({"kind": "override", "market": "none"}, "market", "unknown"),
        ({"code": "Up per"}, "code", "invalid"),
        ({"priority": "3"}, "priority", "invalid"),
        ({"name": ""}, "name", "blank"),
    ],
)
def test_a_list_that_cannot_be_is_refused(
    api: Api, editor: Any, body: dict[str, Any], field: str, code: str
) -> None:
    given = {"code": "bf", "name": "x", "kind": "sale", "starts_at": "2026-11-27T00:00:00Z"}

    refused = api(editor).post(LISTS, given | body)

    assert refused.status_code in {400, 422}
    assert errors(refused) == [(field, code)]
    assert PriceList.objects.count() == 1


@pytest.mark.covers("PEER-04", "PEER-21")
def test_a_list_is_for_a_market_that_there_is(api: Api, editor: Any) -> None:
    make_market("eu")
    client = api(editor)

    made = client.post(LISTS, {"code": "eu", "name": "x", "kind": "override", "market": "eu"})
    refused = client.patch(f"{LISTS}/eu", {"market": "nope"})

    assert (made.status_code, made.json()["market"]) == (201, "eu")
    assert (refused.status_code, errors(refused)) == (422, [("market", "unknown")])
    assert refused.json()["errors"][0]["detail"] == "There is no market 'nope'."
    assert PriceList.objects.get(code="eu").market == "eu"


@pytest.mark.covers("PEER-04")
def test_a_code_is_taken_once_and_the_default_list_stays(api: Api, editor: Any) -> None:
    make_list("bf")
    client = api(editor)

    taken = client.post(LISTS, {"code": "bf", "name": "x", "kind": "sale"})

    assert (taken.status_code, taken.json()["code"]) == (409, "code_taken")
    for answer in (
        client.patch(f"{LISTS}/default", {"name": "x"}),
        client.delete(f"{LISTS}/default"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "price_list_is_default")


@pytest.mark.covers("PEER-04")
@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_at": "2026-11-28T00:00:00Z", "ends_at": "2026-11-28T00:00:00Z"},
        {"kind": "default"},
        {"kind": "override"},
        {"kind": "other"},
        {"public_since": "2026-11-28T00:00:00Z", "market": "de"},
    ],
)
def test_the_database_has_the_last_word(store: StoreRef, wrong: dict[str, Any]) -> None:
    make_list("bf")
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceList.objects.filter(code="bf").update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceList.objects.filter(code="default").update(market="de")


@pytest.mark.covers("PEER-04")
def test_a_sale_that_shoppers_see_is_not_deleted(api: Api, editor: Any) -> None:
    make_product()
    make_list("bf", ("TEE-S", 1500))

    refused = api(editor).delete(f"{LISTS}/bf")

    assert (refused.status_code, refused.json()["code"]) == (409, "price_list_on_show")


@pytest.mark.covers("PEER-04")
def test_groups_are_kept_and_people_put_into_them(api: Api, admin: Any) -> None:
    client, person = api(admin), make_user()

    made = client.post(GROUPS, {"code": "trade", "name": "Trade"})
    again = client.post(GROUPS, {"code": "trade", "name": "Other"})
    joined = client.patch(f"/api/v1/users/{person.pk}", {"customer_group": "trade"})
    unknown = client.patch(f"/api/v1/users/{person.pk}", {"customer_group": "none"})
    renamed = client.patch(f"{GROUPS}/trade", {"name": "Wholesale"})

    assert (made.status_code, made.json()["members"]) == (201, 0)
    assert (again.status_code, again.json()["code"]) == (409, "customer_group_taken")
    assert (joined.status_code, joined.json()["customer_group"]) == (200, "trade")
    assert errors(unknown) == [("customer_group", "unknown")]
    assert (renamed.json()["name"], renamed.json()["members"]) == ("Wholesale", 1)
    assert client.delete(f"{GROUPS}/trade").status_code == 204
    person.refresh_from_db()
    assert person.customer_group_id is None
    assert client.get(f"{GROUPS}/trade").status_code == 404


@pytest.mark.covers("PEER-04", "ACC-11")
def test_nobody_joins_a_group_alone(api: Api, admin: Any) -> None:
    api(admin).post(GROUPS, {"code": "trade", "name": "Trade"})
    person = make_user()

    api(person).patch("/api/v1/users/me", {"customer_group": "trade"})

    person.refresh_from_db()
    assert person.customer_group_id is None
    assert api(person).get(GROUPS).status_code == 403


@pytest.mark.covers("PEER-04")
def test_staff_say_how_a_product_is_taxed_and_vendors_do_not(api: Api, editor: Any) -> None:
    product = make_product()
    path = f"/api/v1/products/{product.id}"
    vendor = make_user("vendor_owner", vendor_id=product.vendor_id)

    changed = api(editor).patch(path, {"tax_category": "reduced"})
    refused = api(vendor).patch(path, {"tax_category": ""})

    assert changed.json()["tax_category"] == "reduced"
    assert refused.status_code == 403
    assert "tax_category" not in api().get(path).json()
    assert api(editor).patch(path, {"tax_category": "x" * 51}).status_code == 400
