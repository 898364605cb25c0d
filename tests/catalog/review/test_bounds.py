"""Who may submit, look and decide, and what a decision must say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.catalog.models import ChangeRequest, Product, Vendor
from apps.catalog.review_reads import told_state
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.catalog.factories import make_product, make_vendor
from tests.support.client import StoreClient
from tests.support.people import make_user

Api = Callable[..., Any]
URL, REQUESTS = "/api/v1/products", "/api/v1/change-requests"


@pytest.fixture
def edit(seller: Any, bolt: Vendor) -> dict[str, Any]:
    """An edit that waits."""
    product = make_product(sku="TEE", name="Tee", vendor=bolt)
    return dict(seller.patch(f"{URL}/{product.id}", {"name": "Other"}).json())


@pytest.mark.covers("CAT-17", "T12")
@pytest.mark.parametrize("step", ["approve", "reject", "request-changes"])
def test_a_vendor_does_not_decide(seller: Any, edit: dict[str, Any], step: str) -> None:
    body = {"reason": "Fine by me."}

    assert seller.post(f"{REQUESTS}/{edit['id']}/{step}", body).status_code == 403
    assert seller.post(f"{URL}/{edit['product']['id']}/{step}", body).status_code == 403
    assert ChangeRequest.objects.get().status == "open"


@pytest.mark.covers("CAT-17", "T12")
@pytest.mark.parametrize(("role", "status"), [(None, 401), ("customer", 403), ("support", 403)])
def test_only_those_who_may_see_and_decide(
    api: Api, edit: dict[str, Any], role: str | None, status: int
) -> None:
    client = api(make_user(role) if role else None)

    assert client.get(REQUESTS).status_code == status
    assert client.get(f"{REQUESTS}/{edit['id']}").status_code == status
    for step in ("approve", "withdraw"):
        assert client.post(f"{REQUESTS}/{edit['id']}/{step}", {}).status_code == status


@pytest.mark.covers("CAT-17", "T12", "PEER-32")
def test_another_vendor_sees_nothing_of_it(api: Api, edit: dict[str, Any]) -> None:
    rival = api(make_user("vendor_owner", vendor_id=make_vendor("Rival").id))
    nobody = api(make_user("vendor_owner"))

    for client in (rival, nobody):
        assert client.get(REQUESTS).json()["count"] == 0
        assert client.get(f"{REQUESTS}/{edit['id']}").status_code == 404
        assert client.post(f"{REQUESTS}/{edit['id']}/withdraw").status_code == 404
        assert client.post(f"{URL}/{edit['product']['id']}/submit", {}).status_code == 404


@pytest.mark.covers("CAT-17", "T1")
def test_another_stores_request_does_not_exist(edit: dict[str, Any], globex: StoreRef) -> None:
    with enter_store(globex):
        there = StoreClient(globex, make_user("owner"))

    assert there.post(f"{REQUESTS}/{edit['id']}/approve", {}).status_code == 404
    assert there.post(f"{URL}/{edit['product']['id']}/approve", {}).status_code == 404


@pytest.mark.covers("CAT-17")
@pytest.mark.parametrize("step", ["reject", "request-changes"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"reason": ""}, 400),
        ({"reason": "   "}, 400),
        ({"reason": None}, 400),
        ({"reason": ["a"]}, 400),
        ({"reason": "x" * 10_000}, 400),
        ({"reason": "x" * 1_001}, 400),
        ({"reason": "a\x07b"}, 422),
        ({"reason": "\u200b"}, 422),
    ],
)
def test_a_refusal_says_why(
    editor: Any, edit: dict[str, Any], step: str, body: dict[str, Any], status: int
) -> None:
    response = editor.post(f"{REQUESTS}/{edit['id']}/{step}", body)

    assert response.status_code == status, response.content
    assert [row["field"] for row in response.json()["errors"]] == ["reason"]
    assert ChangeRequest.objects.get().status == "open"


@pytest.mark.covers("CAT-17")
@pytest.mark.parametrize("first", ["approve", "reject", "withdraw"])
@pytest.mark.parametrize("second", ["approve", "reject", "request-changes", "withdraw"])
def test_what_is_decided_is_not_decided_again(
    editor: Any, edit: dict[str, Any], first: str, second: str
) -> None:
    body = {} if first == "withdraw" else {"reason": "Because."}
    done = editor.post(f"{REQUESTS}/{edit['id']}/{first}", body)

    again = editor.post(f"{REQUESTS}/{edit['id']}/{second}", {"reason": "Because."})

    assert done.status_code == 200, done.content
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")


def test_what_does_not_wait_cannot_be_decided_or_submitted(
    seller: Any, editor: Any, bolt: Vendor
) -> None:
    product = make_product(sku="TEE", vendor=bolt)

    decided = editor.post(f"{URL}/{product.id}/approve", {})
    submitted = seller.post(f"{URL}/{product.id}/submit", {})

    assert (decided.status_code, decided.json()["code"]) == (404, "change_request_not_found")
    assert (submitted.status_code, submitted.json()["code"]) == (409, "nothing_to_submit")
    assert editor.post(f"{REQUESTS}/{uuid4()}/approve", {}).status_code == 404
    assert editor.post(f"{URL}/nothing-like-it/approve", {}).status_code == 404
    long = seller.post(f"{URL}/{product.id}/submit", {"note": "x" * 1_001})
    assert (long.status_code, long.json()["errors"][0]["field"]) == (400, "note")


@pytest.mark.covers("CAT-17", "PEER-31")
@pytest.mark.parametrize("status", ["suspended", "applied", "rejected"])
def test_a_vendor_that_is_not_active_submits_nothing(
    seller: Any, bolt: Vendor, edit: dict[str, Any], status: str
) -> None:
    Vendor.objects.filter(pk=bolt.pk).update(status=status)

    draft = seller.post(URL, {"sku": "N", "name": "New", "price_cents": 1})
    tries = [
        seller.patch(f"{URL}/{edit['product']['id']}", {"name": "More"}),
        seller.post(f"{URL}/{edit['product']['id']}/submit", {}),
        seller.post(f"{URL}/{draft.json()['id']}/submit", {}),
    ]

    assert draft.status_code == 201
    told = [(response.status_code, response.json()["code"]) for response in tries]
    assert told == [(409, "vendor_not_active")] * 3
    assert draft.json()["review"] == "draft"
    assert ChangeRequest.objects.get().diff[0]["after"] == "Other"


@pytest.mark.covers("CAT-17", "PEER-31")
def test_a_draft_is_told_as_one_until_its_vendor_submits_it(
    seller: Any, editor: Any, bolt: Vendor
) -> None:
    Vendor.objects.filter(pk=bolt.pk).update(status="suspended")
    draft = seller.post(URL, {"sku": "N", "name": "New", "price_cents": 1}).json()
    path = f"{URL}/{draft['id']}"
    listed = seller.get(f"{URL}?include=all").json()["results"]
    edited = seller.patch(path, {"name": "Newer"}).json()
    in_words = Product.objects.annotate(told=told_state()).get(pk=draft["id"]).told
    Vendor.objects.filter(pk=bolt.pk).update(status="active")

    submitted = seller.post(f"{path}/submit", {})

    assert submitted.status_code in {200, 201}, submitted.content
    seen = f"{path}?include=all"
    states = [seller.get(seen).json()["review"]]
    for step in ("request-changes", "reject"):
        assert editor.post(f"{path}/{step}", {"reason": "Why."}).status_code == 200
        states.append(seller.get(seen).json()["review"])
    assert (draft["review"], edited["review"], in_words) == ("draft", "draft", "draft")
    assert [row["review"] for row in listed if row["id"] == draft["id"]] == ["draft"]
    assert states == ["pending", "changes", "rejected"]
    later = Product.objects.annotate(told=told_state()).get(pk=draft["id"])
    assert (later.told, later.review) == ("rejected", "rejected")


@pytest.mark.covers("CAT-17", "API-12")
def test_the_queue_is_filtered_ordered_and_paged_in_few_queries(
    api: Api, seller: Any, editor: Any, bolt: Vendor, django_assert_num_queries: Any
) -> None:
    other = make_vendor("Rival")
    rival = api(make_user("vendor_owner", vendor_id=other.id))
    for number in range(25):
        seller.post(URL, {"sku": f"S{number}", "name": f"P{number}", "price_cents": 1})
    first = rival.post(URL, {"sku": "R", "name": "R", "price_cents": 1}).json()["id"]
    decided = ChangeRequest.objects.get(product_id=first)
    editor.post(f"{REQUESTS}/{decided.pk}/reject", {"reason": "No."})

    editor.get(REQUESTS)

    # Entering the store, the count, and the page.
    with django_assert_num_queries(3):
        page = editor.get(f"{REQUESTS}?status=open").json()

    assert (page["count"], len(page["results"])) == (25, 20)
    assert "diff" not in page["results"][0]
    assert page["results"][0]["changes"] > 3
    names = [row["product"]["name"] for row in page["results"]]
    assert names == [f"P{number}" for number in range(24, 4, -1)]
    oldest = editor.get(f"{REQUESTS}?ordering=created_at&limit=1").json()["results"]
    assert oldest[0]["product"]["name"] == "P0"
    assert editor.get(f"{REQUESTS}?vendor=rival").json()["count"] == 1
    assert editor.get(f"{REQUESTS}?kind=edit").json()["count"] == 0
    assert editor.get(f"{REQUESTS}?status=rejected&status=open").json()["count"] == 26
    assert editor.get(f"{REQUESTS}?product={first}").json()["count"] == 1
    assert rival.get(REQUESTS).json()["count"] == 1
    for bad in ("status=x", "kind=", "product=1", "ordering=diff", "limit=0"):
        assert editor.get(f"{REQUESTS}?{bad}").status_code == 400, bad
