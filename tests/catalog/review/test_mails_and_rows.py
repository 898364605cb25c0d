"""Who is mailed of what, and the other ways in which vendors write: many rows at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.catalog.models import Price, Product, Vendor
from apps.catalog.review_reads import facts_of_many
from apps.common.context import StoreRef
from apps.notifications.models import Notification
from tests.catalog.factories import make_category, make_product
from tests.catalog.review.conftest import Policy
from tests.support.people import make_user

Drain = Callable[[], int]
URL, REQUESTS = "/api/v1/products", "/api/v1/change-requests"


def mails() -> list[tuple[str, str]]:
    rows = Notification.objects.filter(template_name__startswith="product_")
    return sorted(rows.values_list("recipient", "template_name"))


@pytest.mark.covers("CAT-17", "NTF-03")
def test_reviewers_are_mailed_of_the_first_that_waits_and_the_vendor_of_each_decision(
    store: StoreRef, seller: Any, editor: Any, bolt: Vendor, drain: Drain
) -> None:
    make_user("support", "sam@acme.example")
    make_user("editor", "gone@acme.example", status="suspended")
    make_user("vendor_owner", "rival@other.example", vendor_id=bolt.id, status="suspended")
    made = [
        seller.post(URL, {"sku": f"S{n}", "name": f"P{n}", "price_cents": 1}).json()["id"]
        for n in range(3)
    ]
    drain()
    submitted = mails()
    editor.post(f"{URL}/{made[0]}/approve", {})
    editor.post(f"{URL}/{made[1]}/reject", {"reason": "<b>No</b>"})
    editor.post(f"{URL}/{made[2]}/request-changes", {"reason": "Shorter."})
    drain()

    assert submitted == [("eve@acme.example", "product_submitted")]
    assert [row for row in mails() if row not in submitted] == [
        ("boss@bolt.example", "product_approved"),
        ("boss@bolt.example", "product_changes_requested"),
        ("boss@bolt.example", "product_rejected"),
    ]
    rejected = Notification.objects.get(template_name="product_rejected")
    assert rejected.payload["reason"] == "<b>No</b>"
    assert rejected.payload["url"].startswith("http")


@pytest.mark.covers("CAT-17", "PEER-58")
@pytest.mark.parametrize(("value", "status"), [("all", "failed"), ("new", "changed")])
def test_bulk_edits_of_a_vendor_change_nothing_that_has_to_be_approved(
    seller: Any, bolt: Vendor, policy: Policy, value: str, status: str
) -> None:
    policy(value)
    product = make_product(sku="TEE", name="Tee", vendor=bolt)
    rows = [
        {"product_id": str(product.id), "name": "Other"},
        {"product_id": str(product.id), "is_active": False},
        {"sku": "TEE", "price_cents": 5, "currency": "USD"},
        {"sku": "TEE", "barcode": "1"},
    ]

    results = seller.post("/api/v1/bulk-edits", {"rows": rows}).json()["results"]

    assert [row["status"] for row in results] == [status, "changed", "changed", status]
    if status == "failed":
        assert {row.get("code") for row in results} == {"needs_review", None}
    assert Product.objects.get().name == ("Tee" if status == "failed" else "Other")
    assert Price.objects.get().amount_cents == 5


def test_what_many_products_say_is_read_in_few_queries(
    store: StoreRef, django_assert_max_num_queries: Any
) -> None:
    shirts = make_category("Shirts", make_category("Clothes"))
    made = [
        make_product(
            sku=f"S{n}",
            name=f"P{n}",
            categories=[shirts.slug],
            images=[f"https://example.com/{n}.png"],
        )
        for n in range(20)
    ]

    with django_assert_max_num_queries(6):
        facts = facts_of_many([one.id for one in made])

    assert len(facts) == 20
    third = facts[made[3].id]
    assert third.product["name"] == "P3"
    assert third.product["categories"] == ["Clothes > Shirts"]
    assert third.product["images"] == ["https://example.com/3.png"]
    assert [row["price.USD"] for row in third.variants.values()] == ["19.99"]
