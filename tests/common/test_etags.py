"""`ETag` and `If-Match` on everything that people edit (PEER-56)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.facade import issue_tokens
from apps.accounts.models import ApiKey
from apps.catalog.models import Category, PriceList, Product, ProductImage, Vendor
from apps.common.context import StoreRef
from apps.inventory.services.set_stock import set_stock
from apps.orders.models import Order
from tests.catalog.factories import make_category, make_product, make_vendor
from tests.orders.factories import make_order
from tests.support.people import make_user
from tests.support.work import at_once

API = "/api/v1"
KEY = {"Idempotency-Key": "5f0c6f3e-7d2b-4a55-9d62-6c5b3d7f1a10"}
# How each is read, where it is changed, and by what; made by whom `staff` is.
Thing = tuple[str, str, dict[str, Any]]


def _made(staff: Any, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = staff.post(f"{API}/{path}", body, format="json")
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def product(staff: Any) -> Thing:
    path = f"{API}/products/{make_product().id}"
    return f"{path}?include=all", path, {"name": "Other"}


def category(staff: Any) -> Thing:
    path = f"{API}/categories/{make_category('Shirts').slug}"
    return f"{path}?include=all", path, {"description": "Other"}


def collection(staff: Any) -> Thing:
    path = f"{API}/collections/{_made(staff, 'collections', {'name': 'Deals'})['id']}"
    return f"{path}?include=all", path, {"name": "Other"}


def attribute(staff: Any) -> Thing:
    body = {"code": "fibre", "name": "Fibre", "kind": "text"}
    path = f"{API}/attributes/{_made(staff, 'attributes', body)['id']}"
    return path, path, {"name": "Other"}


def product_type(staff: Any) -> Thing:
    _made(staff, "product-types", {"code": "shirt", "name": "Shirt"})
    return f"{API}/product-types/shirt", f"{API}/product-types/shirt", {"name": "Other"}


def vendor(staff: Any) -> Thing:
    path = f"{API}/vendors/{make_vendor().slug}"
    return f"{path}/record", path, {"phone": "+12175550100"}


def warehouse(staff: Any) -> Thing:
    _made(staff, "warehouses", {"code": "north", "name": "North"})
    return f"{API}/warehouses/north", f"{API}/warehouses/north", {"name": "Other"}


def price_list(staff: Any) -> Thing:
    _made(staff, "price-lists", {"code": "bf", "name": "Black Friday", "kind": "sale"})
    return f"{API}/price-lists/bf", f"{API}/price-lists/bf", {"name": "Other"}


def customer_group(staff: Any) -> Thing:
    _made(staff, "customer-groups", {"code": "trade", "name": "Trade"})
    return f"{API}/customer-groups/trade", f"{API}/customer-groups/trade", {"name": "Other"}


def person(staff: Any) -> Thing:
    path = f"{API}/users/{make_user().id}"
    return path, path, {"first_name": "Other"}


def address(staff: Any) -> Thing:
    user = make_user()
    body = {"line1": "1 Way", "city": "Springfield", "postal_code": "62701", "country": "US"}
    row = _made(staff, f"users/{user.id}/addresses", body)
    path = f"{API}/users/{user.id}/addresses/{row['id']}"
    return path, path, {"line1": "2 Way"}


def picture(staff: Any) -> Thing:
    image = ProductImage.objects.create(
        product_id=make_product().id, url="https://cdn.example.com/a.jpg", position=1
    )
    return f"{API}/media/{image.pk}", f"{API}/media/{image.pk}", {"alt": "Other"}


def synonym(staff: Any) -> Thing:
    body = {"words": ["tee", "shirt"]}
    path = f"{API}/search/synonyms/{_made(staff, 'search/synonyms', body)['id']}"
    return path, path, {"words": ["tee", "top"]}


def search_rule(staff: Any) -> Thing:
    body = {"query": "shirt", "token": "tag:new", "factor": 2}
    path = f"{API}/search/rules/{_made(staff, 'search/rules', body)['id']}"
    return path, path, {"factor": 3}


def member(staff: Any) -> Thing:
    path = f"{API}/team/{make_user('editor').id}"
    return path, path, {"role": "support"}


def draft_order(staff: Any) -> Thing:
    make_product(sku="TEA")
    body = {"currency": "USD", "items": [{"sku": "TEA", "quantity": 1}]}
    path = f"{API}/draft-orders/{_made(staff, 'draft-orders', body)['id']}"
    return path, path, {"notes": "Other"}


def shop(staff: Any) -> Thing:
    return f"{API}/store", f"{API}/store", {"name": "Other"}


THINGS = pytest.mark.parametrize(
    "thing",
    [
        product,
        category,
        collection,
        attribute,
        product_type,
        vendor,
        warehouse,
        price_list,
        customer_group,
        person,
        address,
        picture,
        synonym,
        search_rule,
        member,
        draft_order,
        shop,
    ],
)


@pytest.fixture
def staff(api: Callable[..., Any]) -> Any:
    """A client of acme's owner."""
    return api(make_user("owner"))


@THINGS
@pytest.mark.covers("PEER-56", "API-08")
def test_a_change_on_top_of_somebody_elses_is_refused(
    staff: Any, thing: Callable[[Any], Thing]
) -> None:
    read, path, change = thing(staff)
    before = staff.get(read)
    seen = before.headers["ETag"]

    changed = staff.patch(path, change, format="json", headers={"If-Match": seen})
    after = staff.get(read)
    stale = staff.patch(path, change, format="json", headers={"If-Match": seen})
    next_one = staff.patch(
        path, change, format="json", headers={"If-Match": changed.headers["ETag"]}
    )

    assert changed.status_code == 200, changed.content
    # The answer to a change carries the version that a read does.
    assert changed.headers["ETag"] == after.headers["ETag"] != seen
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert next_one.status_code == 200
    assert before.json() != after.json()


@pytest.mark.covers("PEER-56")
@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("*", 200),
        ('"0", {seen}', 200),
        ("W/{seen}", 200),
        ('"0"', 412),
        ("0", 400),
        ("", 400),
        ('"0" "1"', 400),
        ('*, "0"', 400),
        ('"' + "0" * 5_000, 400),
    ],
)
def test_what_the_header_may_hold(staff: Any, header: str, status: int) -> None:
    read, path, change = category(staff)
    seen = staff.get(read).headers["ETag"]
    named = {"If-Match": header.replace("{seen}", seen)}

    answer = staff.patch(path, change, format="json", headers=named)

    assert answer.status_code == status, answer.content
    assert Category.objects.get().description == ("Other" if status == 200 else "")
    if status == 400:
        assert answer.json()["code"] == "invalid_if_match"
        assert answer.json()["errors"][0]["field"] == "If-Match"


def test_of_what_is_not_there_no_version_is_asked_for(staff: Any) -> None:
    for path in ("categories/none", "warehouses/none", "vendors/none", "product-types/none"):
        answer = staff.patch(f"{API}/{path}", {}, format="json", headers={"If-Match": "*"})

        assert answer.status_code == 404, path


@pytest.mark.covers("PEER-56")
def test_what_has_changed_since_is_not_deleted(staff: Any) -> None:
    read, path, change = product(staff)
    seen = staff.get(read).headers["ETag"]
    staff.patch(path, change, format="json")

    refused = staff.delete(path, headers={"If-Match": seen})
    newest = staff.get(read).headers["ETag"]
    done = staff.delete(path, headers={"If-Match": newest})

    assert (refused.status_code, done.status_code) == (412, 204)
    assert Product.objects.get().deleted_at is not None


@pytest.mark.covers("PEER-56", "PEER-52")
def test_a_retry_is_answered_as_before_although_its_version_is_old_by_then(staff: Any) -> None:
    read, path, change = product(staff)
    headers = {**KEY, "If-Match": staff.get(read).headers["ETag"]}

    first = staff.patch(path, change, format="json", headers=headers)
    again = staff.patch(path, change, format="json", headers=headers)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.headers["ETag"], again.json()) == (first.headers["ETag"], first.json())


@pytest.mark.covers("PEER-56", "PEER-52")
def test_a_refused_version_leaves_the_key_to_the_corrected_call(staff: Any) -> None:
    read, path, change = product(staff)
    stale = {**KEY, "If-Match": '"0"'}
    right = {**KEY, "If-Match": staff.get(read).headers["ETag"]}

    refused = staff.patch(path, change, format="json", headers=stale)
    corrected = staff.patch(path, change, format="json", headers=right)

    assert (refused.status_code, corrected.status_code) == (412, 200)


# --- What a version is of -----------------------------------------------------------------------


@pytest.mark.covers("PEER-56")
def test_a_variants_price_is_of_a_products_version_and_what_is_in_stock_is_not(staff: Any) -> None:
    read, path, _ = product(staff)
    seen = staff.get(read)
    variant = seen.json()["variants"][0]

    set_stock(sku=variant["sku"], quantity=7)
    sold = staff.get(read)
    price = {"id": variant["id"], "prices": [{"currency": "USD", "amount_cents": 1}]}
    priced = staff.patch(path, {"variants": [price]}, format="json")

    assert sold.json()["variants"][0]["inventory"] != variant["inventory"]
    assert sold.headers["ETag"] == seen.headers["ETag"]
    assert priced.headers["ETag"] != seen.headers["ETag"]


@pytest.mark.covers("PEER-56", "PEER-04")
def test_what_the_clock_and_other_pages_change_is_of_no_version(staff: Any) -> None:
    sale, _, _ = price_list(staff)
    group, _, _ = customer_group(staff)
    before = [staff.get(path) for path in (sale, group)]
    PriceList.objects.filter(code="bf").update(public_since=None, is_due=False)
    make_user(customer_group_id="trade")

    after = [staff.get(path) for path in (sale, group)]

    assert [row.json() for row in after] != [row.json() for row in before]
    assert (before[0].json()["is_public"], after[0].json()["is_public"]) == (True, False)
    assert after[1].json()["members"] == 1
    assert [row.headers["ETag"] for row in after] == [row.headers["ETag"] for row in before]


@pytest.mark.covers("PEER-56", "CAT-23")
def test_shoppers_versions_are_for_their_caches_alone(api: Callable[..., Any], staff: Any) -> None:
    read, path, change = product(staff)
    shown = api().get(path)
    etag = shown.headers["ETag"]

    known = api().get(path, headers={"If-None-Match": etag})
    mistaken = staff.patch(path, change, format="json", headers={"If-Match": etag})
    # What staff read is theirs and never answered as unchanged.
    theirs = staff.get(read)
    again = staff.get(read, headers={"If-None-Match": theirs.headers["ETag"]})

    assert (shown.status_code, known.status_code, mistaken.status_code) == (200, 304, 412)
    assert (again.status_code, again.headers["Cache-Control"]) == (200, "private, no-store")


@pytest.mark.covers("PEER-56", "CAT-10")
def test_a_category_as_it_is_edited_is_the_stores_own_staffs(
    api: Callable[..., Any], staff: Any
) -> None:
    read, _, _ = category(staff)
    seller = make_user("vendor_owner", vendor_id=make_vendor().id)

    assert staff.get(read).json()["external_id"] == ""
    assert staff.get(read).headers["Cache-Control"] == "private, no-store"
    assert api(seller).get(read).status_code == 403
    assert api(make_user()).get(read).status_code == 403
    assert api().get(read).status_code == 401


@pytest.mark.covers("PEER-56")
def test_an_order_is_changed_as_it_was_read(api: Callable[..., Any], staff: Any) -> None:
    order = make_order(make_user())
    path = f"{API}/orders/{order.id}"
    seen = staff.get(path).headers["ETag"]
    body = {"reason": "customer"}
    Order.objects.filter(pk=order.id).update(notes="Ring twice")

    stale = staff.post(f"{path}/cancel", body, format="json", headers={"If-Match": seen})
    newest = staff.get(path).headers["ETag"]
    done = staff.post(f"{path}/cancel", body, format="json", headers={"If-Match": newest})
    status = {"status": "cancelled"}
    late = staff.put(f"{path}/status", status, format="json", headers={"If-Match": newest})
    strangers = api(make_user()).post(
        f"{path}/cancel", body, format="json", headers={"If-Match": "*"}
    )

    assert (stale.status_code, done.status_code, late.status_code) == (412, 200, 412)
    assert done.headers["ETag"] == staff.get(path).headers["ETag"]
    assert strangers.status_code == 404


@pytest.mark.covers("PEER-56", "PEER-13")
@pytest.mark.parametrize("step", ["hold", "release"])
def test_an_order_is_held_and_let_go_as_it_was_read(staff: Any, step: str) -> None:
    order = make_order(make_user())
    path = f"{API}/orders/{order.id}"
    body = {"reason": "look first"}
    if step == "release":
        staff.post(f"{path}/hold", body, format="json")
    seen = staff.get(path).headers["ETag"]
    Order.objects.filter(pk=order.id).update(notes="Ring twice")

    stale = staff.post(f"{path}/{step}", body, format="json", headers={"If-Match": seen})
    between = staff.get(f"{path}/hold").json()["held"]
    newest = staff.get(path).headers["ETag"]
    done = staff.post(f"{path}/{step}", body, format="json", headers={"If-Match": newest})

    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert between is (step == "release")
    assert (done.status_code, done.json()["held"]) == (200, step == "hold")
    # The answer tells of the hold alone, with the version of the order that it made.
    assert done.headers["ETag"] == staff.get(path).headers["ETag"] != newest


@pytest.mark.covers("PEER-56", "PEER-13")
def test_a_hold_without_a_version_answers_with_the_orders(staff: Any) -> None:
    path = f"{API}/orders/{make_order(make_user()).id}"

    done = staff.post(f"{path}/hold", {"reason": "look first"}, format="json")
    refused = staff.post(f"{path}/hold", {}, format="json", headers={"If-Match": "*"})

    assert done.headers["ETag"] == staff.get(path).headers["ETag"]
    assert refused.status_code == 400
    assert "ETag" not in refused.headers


@pytest.mark.covers("PEER-56", "PEER-12")
def test_tags_are_replaced_as_they_were_read(staff: Any) -> None:
    path = f"{API}/orders/{make_order(make_user()).id}/tags"
    seen = staff.get(path).headers["ETag"]

    done = staff.put(path, {"tags": ["gift"]}, format="json", headers={"If-Match": seen})
    stale = staff.put(path, {"tags": ["late"]}, format="json", headers={"If-Match": seen})

    assert (done.status_code, stale.status_code) == (200, 412)
    assert done.headers["ETag"] == staff.get(path).headers["ETag"]
    assert staff.get(path).json() == {"tags": ["gift"]}


@pytest.mark.covers("PEER-56", "CAT-12")
def test_a_picture_that_was_copied_meanwhile_is_still_the_same_version(staff: Any) -> None:
    read, path, change = picture(staff)
    seen = staff.get(read)
    ProductImage.objects.update(fetch_error="timeout")

    copied = staff.get(read)
    done = staff.patch(path, change, format="json", headers={"If-Match": seen.headers["ETag"]})

    assert copied.json() != seen.json()
    assert copied.headers["ETag"] == seen.headers["ETag"]
    assert done.status_code == 200


@pytest.mark.covers("PEER-56", "PEER-54")
def test_a_key_that_was_used_meanwhile_is_still_the_same_version(staff: Any) -> None:
    body = {"name": "ERP", "kind": "secret", "scopes": ["orders.read"]}
    path = f"{API}/api-keys/{_made(staff, 'api-keys', body)['id']}"
    seen = staff.get(path).headers["ETag"]
    ApiKey.objects.update(last_used_at="2026-11-22T00:00:00Z")

    used = staff.get(path)
    staff.post(f"{path}/rotate", {"overlap_hours": 1}, format="json")
    stale = staff.delete(path, headers={"If-Match": seen})
    done = staff.delete(path, headers={"If-Match": staff.get(path).headers["ETag"]})

    assert used.headers["ETag"] == seen
    assert used.json()["last_used_at"] is not None
    assert (stale.status_code, done.status_code) == (412, 204)


@pytest.mark.covers("PEER-56")
def test_a_vendor_edits_its_own_profile_as_it_was_read(api: Callable[..., Any]) -> None:
    made = make_vendor()
    seller = api(make_user("vendor_owner", vendor_id=made.id))
    path = f"{API}/vendors/me"
    seen = {"If-Match": seller.get(path).headers["ETag"]}

    changed = seller.patch(path, {"phone": "+12175550100"}, format="json", headers=seen)
    stale = seller.patch(path, {"phone": "+12175550111"}, format="json", headers=seen)

    assert (changed.status_code, stale.status_code) == (200, 412)
    assert Vendor.objects.get(pk=made.id).phone == "+12175550100"


# --- At the same moment -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.covers("PEER-56")
@pytest.mark.parametrize("thing", [product, category, warehouse, person])
def test_of_ten_who_have_read_the_same_version_one_changes_it(
    live_store: StoreRef, thing: Callable[[Any], Thing]
) -> None:
    owner = issue_tokens(make_user("owner").id).access

    def client() -> APIClient:
        return APIClient(HTTP_HOST=live_store.domain, HTTP_AUTHORIZATION=f"Bearer {owner}")

    read, path, change = thing(client())
    seen = client().get(read).headers["ETag"]
    (field,) = change

    def send(number: int) -> Any:
        body = {field: f"Number {number}"}
        return client().patch(path, body, format="json", headers={"If-Match": seen})

    answers: list[Any] = at_once(live_store, [partial(send, number) for number in range(10)])

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 9
    (winner,) = (n for n, answer in enumerate(answers) if answer.status_code == 200)
    assert client().get(read).json()[field] == f"Number {winner}"
