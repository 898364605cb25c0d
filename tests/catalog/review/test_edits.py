"""A vendor's edit of an approved product: kept, shown as a diff, applied as it was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.catalog.facade import ProductInfo
from apps.catalog.models import ChangeRequest, Price, Product, Vendor
from apps.catalog.services.update_product import update_product
from apps.common.context import StoreRef
from apps.events.models import Event
from tests.catalog.factories import make_category, make_product
from tests.catalog.review.conftest import Policy

Api = Callable[..., Any]
URL, REQUESTS = "/api/v1/products", "/api/v1/change-requests"
IMAGE = "https://example.com/1.png"


@pytest.fixture
def tee(store: StoreRef, bolt: Vendor) -> ProductInfo:
    """An approved product of the vendor with two variants."""
    rows = [
        {"sku": "S", "price_cents": 1000, "options": {"Size": "S"}},
        {"sku": "M", "price_cents": 1100, "options": {"Size": "M"}},
    ]
    return make_product(name="Tee", variants=rows, vendor=bolt)


def told(response: Any) -> dict[str, tuple[Any, Any]]:
    return {row["field"]: (row["before"], row["after"]) for row in response.json()["diff"]}


@pytest.mark.covers("CAT-17", "PEER-37")
def test_an_edit_waits_with_a_diff_and_leaves_the_product_alone(
    api: Api, seller: Any, tee: ProductInfo
) -> None:
    shirts = make_category("Shirts", make_category("Clothes"))
    before = api().get(f"{URL}/{tee.id}").content

    response = seller.patch(
        f"{URL}/{tee.id}",
        {
            "name": "Better tee",
            "categories": [shirts.slug],
            "images": [IMAGE],
            "variants": [
                {"sku": "S", "barcode": "4006381333931", "price_cents": 900},
                {"sku": "L", "price_cents": 1200, "options": {"Size": "L"}, "inventory": 3},
            ],
        },
    )

    assert response.status_code == 202, response.content
    assert told(response) == {
        "name": ("Tee", "Better tee"),
        "categories": ([], ["Clothes > Shirts"]),
        "images": ([], [IMAGE]),
        "variants.S.barcode": ("", "4006381333931"),
        "variants.S.price.USD": ("10.00", "9.00"),
        "variants.L": (None, "sku: L; options: Size: L; price.USD: 12.00"),
    }
    assert (response.json()["kind"], response.json()["status"]) == ("edit", "open")
    assert api().get(f"{URL}/{tee.id}").content == before
    assert ChangeRequest.objects.get().kind == "edit"
    assert not Event.objects.filter(topic="product.updated").exists()


@pytest.mark.covers("CAT-17", "PEER-37")
def test_an_approved_edit_is_applied(api: Api, seller: Any, editor: Any, tee: ProductInfo) -> None:
    rows = [{"sku": "S", "price_cents": 900}, {"sku": "L", "price_cents": 5, "inventory": 3}]
    seller.patch(f"{URL}/{tee.id}", {"name": "Better", "variants": rows})

    response = editor.post(f"{URL}/{tee.id}/approve", {})

    assert response.status_code == 200, response.content
    shown = api().get(f"{URL}/{tee.id}").json()
    assert shown["name"] == "Better"
    prices = {row["sku"]: row["prices"][0]["amount_cents"] for row in shown["variants"]}
    assert prices == {"S": 900, "M": 1100, "L": 5}
    assert shown["variants"][2]["inventory"] == 3
    assert Event.objects.filter(topic="product.updated").count() == 1


@pytest.mark.covers("CAT-17")
def test_a_replacing_put_waits_and_takes_variants_away_when_approved(
    seller: Any, editor: Any, tee: ProductInfo
) -> None:
    body = {
        "name": "Tee",
        "variants": [{"sku": "M", "price_cents": 1100, "options": {"Size": "M"}}],
    }

    waits = seller.put(f"{URL}/{tee.id}", body)
    kept = Product.objects.get().variants.filter(deleted_at=None).count()
    approved = editor.post(f"{URL}/{tee.id}/approve", {})

    assert waits.status_code == 202
    assert told(waits)["variants.S"] == ("sku: S; options: Size: S; price.USD: 10.00", None)
    assert (kept, approved.status_code) == (2, 200)
    left = Product.objects.get().variants.filter(deleted_at=None)
    assert [row.sku for row in left] == ["M"]


@pytest.mark.covers("CAT-17")
def test_prices_and_whether_it_is_offered_need_no_approval(seller: Any, tee: ProductInfo) -> None:
    cheaper = [{"sku": "S", "price_cents": 1, "compare_at_price_cents": 1000}]

    price = seller.patch(f"{URL}/{tee.id}", {"variants": cheaper})
    hidden = seller.patch(f"{URL}/{tee.id}", {"is_active": False})
    same = seller.patch(f"{URL}/{tee.id}", {"name": "Tee"})

    assert (price.status_code, hidden.status_code, same.status_code) == (200, 200, 200)
    assert Price.objects.get(variant__sku="S").amount_cents == 1
    assert Product.objects.get().is_active is False
    assert ChangeRequest.objects.count() == 0


@pytest.mark.covers("CAT-17")
@pytest.mark.parametrize("field", ["is_featured", "slug", "tags", "description", "brand"])
def test_what_shoppers_read_needs_approval(seller: Any, tee: ProductInfo, field: str) -> None:
    value: Any = {"is_featured": True, "tags": ["new"]}.get(field, "other")

    response = seller.patch(f"{URL}/{tee.id}", {field: value})

    assert response.status_code == 202
    assert list(told(response)) == [field]


def test_a_variant_that_is_named_like_a_price_needs_approval(seller: Any, tee: ProductInfo) -> None:
    hostile = [{"sku": "S.price.USD", "price_cents": 1}]

    assert seller.patch(f"{URL}/{tee.id}", {"variants": hostile}).status_code == 202


@pytest.mark.covers("CAT-17", "PEER-37")
def test_edits_are_merged_into_the_one_open_request(
    seller: Any, editor: Any, tee: ProductInfo
) -> None:
    first = seller.patch(f"{URL}/{tee.id}", {"name": "A", "brand": "B"})
    second = seller.patch(
        f"{URL}/{tee.id}", {"name": "C", "variants": [{"sku": "S", "barcode": "1"}]}
    )
    third = seller.patch(f"{URL}/{tee.id}", {"variants": [{"sku": "S", "barcode": "2"}]})

    assert first.json()["id"] == second.json()["id"] == third.json()["id"]
    assert told(third) == {
        "name": ("Tee", "C"),
        "brand": ("", "B"),
        "variants.S.barcode": ("", "2"),
    }
    assert Event.objects.filter(topic="product.submitted").count() == 1
    assert editor.post(f"{URL}/{tee.id}/approve", {}).status_code == 200
    product = Product.objects.get()
    assert (product.name, product.brand) == ("C", "B")
    assert product.variants.get(sku="S").barcode == "2"


def test_an_edit_taken_back_by_another_leaves_nothing_to_decide(
    seller: Any, tee: ProductInfo
) -> None:
    seller.patch(f"{URL}/{tee.id}", {"name": "A"})

    back = seller.patch(f"{URL}/{tee.id}", {"name": "Tee"})

    assert back.status_code == 200
    assert ChangeRequest.objects.get().status == "withdrawn"


@pytest.mark.covers("CAT-17")
def test_a_price_changed_at_once_is_not_undone_by_an_older_edit(
    seller: Any, editor: Any, tee: ProductInfo
) -> None:
    seller.patch(f"{URL}/{tee.id}", {"name": "A", "variants": [{"sku": "S", "price_cents": 900}]})

    at_once = seller.patch(f"{URL}/{tee.id}", {"variants": [{"sku": "S", "price_cents": 800}]})
    approved = editor.post(f"{URL}/{tee.id}/approve", {})

    assert (at_once.status_code, approved.status_code) == (200, 200)
    assert list(told(approved)) == ["name"]
    assert Price.objects.get(variant__sku="S").amount_cents == 800
    assert Product.objects.get().name == "A"


@pytest.mark.covers("CAT-17", "PEER-37")
def test_what_has_changed_meanwhile_is_stale_until_it_is_submitted_again(
    seller: Any, editor: Any, tee: ProductInfo
) -> None:
    seller.patch(f"{URL}/{tee.id}", {"name": "A", "brand": "B"})
    update_product(product_id=tee.id, changes={"name": "Staff's", "tags": ["kept"]})

    stale = editor.post(f"{URL}/{tee.id}/approve", {})
    untouched = Product.objects.get().name
    seller.post(f"{URL}/{tee.id}/submit", {})
    approved = editor.post(f"{URL}/{tee.id}/approve", {})

    assert (stale.status_code, stale.json()["code"], untouched) == (409, "stale", "Staff's")
    assert [row["field"] for row in stale.json()["errors"]] == ["name"]
    assert told(approved)["name"] == ("Staff's", "A")
    product = Product.objects.get()
    assert (product.name, product.brand, product.tags) == ("A", "B", ["kept"])


@pytest.mark.covers("CAT-17")
def test_a_request_that_was_edited_after_it_was_looked_at_is_not_approved_unseen(
    seller: Any, editor: Any, tee: ProductInfo
) -> None:
    seen = seller.patch(f"{URL}/{tee.id}", {"name": "A"}).json()
    newer = seller.patch(f"{URL}/{tee.id}", {"name": "Rude"}).json()
    address = f"{REQUESTS}/{seen['id']}/approve"

    unseen = editor.post(address, {"updated_at": seen["updated_at"]})
    seen_again = editor.post(address, {"updated_at": newer["updated_at"]})

    assert (unseen.status_code, unseen.json()["code"]) == (409, "stale")
    assert seen_again.status_code == 200


@pytest.mark.covers("CAT-17")
def test_a_rejected_or_withdrawn_edit_changes_nothing(
    seller: Any, editor: Any, tee: ProductInfo
) -> None:
    first = seller.patch(f"{URL}/{tee.id}", {"name": "A"}).json()
    rejected = editor.post(f"{REQUESTS}/{first['id']}/reject", {"reason": "No."})
    second = seller.patch(f"{URL}/{tee.id}", {"name": "B"}).json()
    withdrawn = seller.post(f"{REQUESTS}/{second['id']}/withdraw")

    assert (rejected.json()["status"], withdrawn.json()["status"]) == ("rejected", "withdrawn")
    assert first["id"] != second["id"]
    product = Product.objects.get()
    assert (product.name, product.review) == ("Tee", "approved")


@pytest.mark.covers("CAT-17")
def test_an_edit_that_could_never_be_applied_is_refused_at_once(
    seller: Any, bolt: Vendor, tee: ProductInfo
) -> None:
    make_product(sku="TAKEN", vendor=bolt)

    taken = seller.patch(f"{URL}/{tee.id}", {"variants": [{"sku": "TAKEN", "price_cents": 1}]})
    unknown = seller.patch(f"{URL}/{tee.id}", {"categories": ["nowhere"]})

    assert (taken.status_code, taken.json()["code"]) == (409, "sku_taken")
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "categories")
    assert ChangeRequest.objects.count() == 0


def test_a_request_does_not_grow_for_ever(seller: Any, tee: ProductInfo) -> None:
    def edit(barcode: str) -> int:
        rows = [{"sku": "S", "barcode": barcode}]
        return int(seller.patch(f"{URL}/{tee.id}", {"variants": rows}).status_code)

    codes = [edit("1"), edit("2")]
    # As forty-nine edits would have left it; the fiftieth is taken.
    request = ChangeRequest.objects.get()
    assert len(request.proposed["steps"]) == 2
    request.proposed["steps"] *= 24
    request.proposed["steps"].append(request.proposed["steps"][0])
    request.save()
    codes += [edit("3"), edit("4")]

    assert codes == [202, 202, 202, 409]
    assert len(ChangeRequest.objects.get().proposed["steps"]) == 50


@pytest.mark.covers("PEER-52", "CAT-17")
def test_a_repeated_key_keeps_one_edit(seller: Any, tee: ProductInfo) -> None:
    sent = [
        seller.patch(f"{URL}/{tee.id}", {"name": "A"}, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)
    ]

    assert sent[0].status_code == sent[1].status_code == 202
    assert sent[0].json() == sent[1].json()


@pytest.mark.covers("CAT-17")
def test_under_new_an_edit_of_an_approved_product_goes_through(
    seller: Any, policy: Policy, tee: ProductInfo
) -> None:
    policy("new")

    response = seller.patch(f"{URL}/{tee.id}", {"name": "A"})

    assert (response.status_code, Product.objects.get().name) == (200, "A")
