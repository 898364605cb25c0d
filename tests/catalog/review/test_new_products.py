"""A vendor's new product: submitted, shown when approved, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from apps.accounts.models import AuditEntry
from apps.catalog.models import ChangeRequest, Product, ProductDocument, Vendor
from apps.common.context import StoreRef
from apps.events.models import Event
from tests.catalog.review.conftest import Policy

Api = Callable[..., Any]
URL, REQUESTS = "/api/v1/products", "/api/v1/change-requests"
FLAT = {"sku": "TEE", "name": "Tee", "price_cents": 1999, "currency": "USD", "inventory": 5}
WHY = "The picture shows something else."


def submitted(seller: Any, **fields: Any) -> dict[str, Any]:
    """A product that waits, and its request."""
    made = seller.post(URL, {**FLAT, **fields})
    assert made.status_code == 201, made.content
    [row] = seller.get(f"{REQUESTS}?product={made.json()['id']}").json()["results"]
    return {"product": made.json()["id"], "request": row["id"], "row": row}


def review_of(product: str) -> str:
    return Product.objects.get(pk=product).review


@pytest.mark.covers("CAT-17", "PEER-37")
def test_a_new_product_waits_and_is_shown_once_it_is_approved(
    api: Api, seller: Any, editor: Any, bolt: Vendor
) -> None:
    made = submitted(seller)
    shown_before = api().get(f"{URL}/{made['product']}").status_code

    approved = editor.post(f"{URL}/{made['product']}/approve", {})

    assert shown_before == 404
    assert approved.status_code == 200, approved.content
    body = approved.json()
    assert (body["kind"], body["status"], body["vendor"]["slug"]) == ("new", "approved", "bolt")
    assert api().get(f"{URL}/{made['product']}").json()["inventory"] == 5
    assert review_of(made["product"]) == "approved"
    row = ChangeRequest.objects.get(pk=made["request"])
    assert row.decided_by is not None
    assert row.decided_at is not None


@pytest.mark.covers("CAT-17", "PEER-37")
def test_the_request_lists_what_the_new_product_says(seller: Any) -> None:
    made = submitted(seller, description="Soft", tags=["new"])

    told = seller.get(f"{REQUESTS}/{made['request']}").json()

    diff = {row["field"]: (row["before"], row["after"]) for row in told["diff"]}
    assert diff["name"] == (None, "Tee")
    assert diff["description"] == (None, "Soft")
    assert diff["tags"] == (None, ["new"])
    assert diff["variants.TEE"] == (None, "sku: TEE; price.USD: 19.99")
    assert told["changes"] == made["row"]["changes"] == len(diff)


@pytest.mark.covers("CAT-17")
@pytest.mark.parametrize(("value", "state"), [("none", "approved"), ("new", "pending")])
def test_the_store_says_what_waits(seller: Any, policy: Policy, value: str, state: str) -> None:
    policy(value)

    made = seller.post(URL, FLAT).json()
    edit = seller.patch(f"{URL}/{made['id']}", {"name": "Other"})

    assert review_of(made["id"]) == state
    assert edit.status_code == 200
    assert Product.objects.get().name == "Other"
    assert ProductDocument.objects.count() == (1 if value == "none" else 0)


@pytest.mark.covers("CAT-17")
def test_the_stores_own_goods_and_its_staff_are_never_held_up(
    api: Api, store: StoreRef, editor: Any, bolt: Vendor
) -> None:
    for number, fields in enumerate(({}, {"vendor": "bolt"})):
        made = editor.post(URL, {**FLAT, "sku": f"S{number}", **fields}).json()
        assert api().get(f"{URL}/{made['id']}").status_code == 200
        assert editor.patch(f"{URL}/{made['id']}", {"name": "New"}).status_code == 200
    assert ChangeRequest.objects.count() == 0


@pytest.mark.covers("CAT-17", "PEER-37")
def test_changes_are_asked_for_made_and_submitted_again(api: Api, seller: Any, editor: Any) -> None:
    made = submitted(seller)

    asked = editor.post(f"{URL}/{made['product']}/request-changes", {"reason": WHY})
    too_early = editor.post(f"{URL}/{made['product']}/approve", {})
    edited = seller.patch(f"{URL}/{made['product']}", {"name": "Better"})
    still = review_of(made["product"])
    again = seller.post(f"{URL}/{made['product']}/submit", {"note": "Done."})
    twice = seller.post(f"{URL}/{made['product']}/submit", {"note": "Done."})
    approved = editor.post(f"{URL}/{made['product']}/approve", {})

    assert (asked.status_code, asked.json()["status"], asked.json()["reason"]) == (
        200,
        "changes",
        WHY,
    )
    assert (too_early.status_code, too_early.json()["code"]) == (409, "invalid_transition")
    assert (edited.status_code, still) == (200, "changes")
    assert (again.json()["status"], again.json()["note"]) == ("open", "Done.")
    assert {"field": "name", "before": None, "after": "Better"} in again.json()["diff"]
    assert (twice.status_code, approved.status_code) == (200, 200)
    assert api().get(f"{URL}/{made['product']}").json()["name"] == "Better"
    assert ChangeRequest.objects.count() == 1
    assert Event.objects.filter(topic="product.submitted").count() == 2


@pytest.mark.covers("CAT-17")
def test_a_rejected_product_stays_a_draft_and_can_be_submitted_anew(
    api: Api, seller: Any, editor: Any
) -> None:
    made = submitted(seller)

    rejected = editor.post(f"{URL}/{made['product']}/reject", {"reason": WHY})
    state = review_of(made["product"])
    shown = api().get(f"{URL}/{made['product']}").status_code
    again = seller.post(f"{URL}/{made['product']}/submit", {})

    assert (rejected.status_code, state, shown) == (200, "rejected", 404)
    assert (again.status_code, again.json()["status"]) == (200, "open")
    assert again.json()["id"] != made["request"]
    assert review_of(made["product"]) == "pending"


@pytest.mark.covers("CAT-17")
def test_a_withdrawn_product_stays_a_draft(seller: Any) -> None:
    made = submitted(seller)

    withdrawn = seller.post(f"{REQUESTS}/{made['request']}/withdraw")
    again = seller.post(f"{REQUESTS}/{made['request']}/withdraw")

    assert (withdrawn.status_code, withdrawn.json()["status"]) == (200, "withdrawn")
    assert again.json()["code"] == "invalid_transition"
    assert ProductDocument.objects.count() == 0


def test_a_deleted_product_waits_no_more(seller: Any, editor: Any) -> None:
    made = submitted(seller)

    seller.delete(f"{URL}/{made['product']}")

    assert ChangeRequest.objects.get().status == "withdrawn"
    assert editor.post(f"{REQUESTS}/{made['request']}/approve", {}).status_code == 404


@pytest.mark.covers("CAT-17", "EVT-06")
def test_each_step_is_told_and_the_audit_log_names_who_decided(
    seller: Any, editor: Any, bolt: Vendor
) -> None:
    first, second = submitted(seller), submitted(seller, sku="B")
    editor.post(f"{REQUESTS}/{first['request']}/approve", {})
    editor.post(f"{REQUESTS}/{second['request']}/request-changes", {"reason": WHY})
    seller.post(f"{URL}/{second['product']}/submit", {})
    editor.post(f"{REQUESTS}/{second['request']}/reject", {"reason": WHY})

    told = Event.objects.filter(topic__startswith="product.", payload__has_key="requestId")
    topics = list(told.order_by("id").values_list("topic", "key", "payload__waiting"))
    assert topics == [
        ("product.submitted", first["product"], 1),
        ("product.submitted", second["product"], 2),
        ("product.approved", first["product"], None),
        ("product.changes_requested", second["product"], None),
        ("product.submitted", second["product"], 1),
        ("product.rejected", second["product"], None),
    ]
    rejected = told.get(topic="product.rejected")
    decider = ChangeRequest.objects.get(pk=second["request"]).decided_by
    assert rejected.payload["reason"] == WHY
    assert UUID(rejected.payload["decidedBy"]) == decider
    assert UUID(rejected.payload["vendorId"]) == bolt.id
    entries = AuditEntry.objects.filter(
        entity_type="catalog_changerequest", entity_id=second["request"]
    )
    assert f"user:{decider}" in set(entries.values_list("actor", flat=True))
