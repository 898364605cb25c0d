"""From an application to a vendor that sells, and back out of sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.catalog.models import (
    FormerSlug,
    MediaFile,
    Product,
    ProductDocument,
    Vendor,
    VendorDocument,
)
from apps.catalog.services.change_vendor_status import (
    approve_vendor,
    reactivate_vendor,
    reject_vendor,
    suspend_vendor,
)
from apps.catalog.services.decide_paper import MOST_PAPERS
from apps.catalog.vendor_states import STEPS
from apps.common.context import StoreRef
from apps.common.errors import InvalidTransition
from apps.common.stores import PUBLIC, enter_store
from apps.events.models import Event
from apps.notifications.models import Notification
from apps.tenancy.services.update_store import update_store
from tests.catalog.factories import make_product, make_vendor
from tests.support.clamd_double import EICAR, scanning
from tests.support.people import make_user

Api = Callable[..., Any]
URL = "/api/v1/vendors/applications"
FORM = {
    "name": "Potters",
    "description": "<b>Pots</b><script>x</script>",
    "legal_name": "Potters Ltd",
    "tax_id": "GB123",
    "website": "https://potters.example",
    "country": "gb",
}


@pytest.fixture
def opened(acme: StoreRef) -> None:
    """The store takes applications, and asks for one paper and a tax number."""
    with enter_store(PUBLIC):
        update_store(
            "acme",
            settings={
                "vendor_applications": "open",
                "vendor_papers": ["trade-licence"],
                "vendor_fields": ["tax_id", "website"],
            },
        )


@pytest.fixture
def fresh(opened: None, acme: StoreRef) -> Any:
    """The store with its new settings, entered."""
    from tests.isolation.scene import stored

    with enter_store(stored("acme")) as ref:
        yield ref


def topics() -> list[str]:
    rows = Event.objects.filter(topic__startswith="vendor.").order_by("id")
    return list(rows.values_list("topic", flat=True))


def states(body: dict[str, Any]) -> dict[str, str]:
    return {row["name"]: row["state"] for row in body["checklist"]}


def hand_in(client: Any, kind: str = "trade-licence", body: bytes = b"%PDF-1.4\n%%EOF") -> Any:
    file = SimpleUploadedFile("licence.pdf", body, "application/pdf")
    return client.post(f"{URL}/me/papers", {"kind": kind, "file": file}, format="multipart")


@pytest.mark.covers("PEER-31", "CAT-11")
def test_a_customer_applies_completes_and_becomes_the_owner(
    fresh: StoreRef, api: Api, drain: Callable[[], int]
) -> None:
    applicant = make_user("customer", "potter@example.com")
    client, staff = api(applicant, fresh), api(make_user("admin"), fresh)

    made = client.post(URL, {name: value for name, value in FORM.items() if name != "tax_id"})

    assert made.status_code == 201, made.content
    assert made.json()["status"] == "applied"
    assert (made.json()["email"], made.json()["country"]) == ("potter@example.com", "GB")
    assert made.json()["description"] == "<b>Pots</b>"
    assert states(made.json()) == {
        "name": "done",
        "email": "done",
        "tax_id": "missing",
        "website": "done",
        "trade-licence": "missing",
    }
    assert client.post(URL, FORM).status_code == 409
    refused = staff.post("/api/v1/vendors/potters/approve")
    assert refused.status_code == 409
    assert {row["field"] for row in refused.json()["errors"]} == {"tax_id", "trade-licence"}

    client.patch(f"{URL}/me", {"tax_id": "GB123"})
    assert hand_in(client, kind="passport").status_code == 422
    assert hand_in(client, body=b"<html>").status_code == 422
    handed = hand_in(client)
    assert (handed.status_code, states(handed.json())["trade-licence"]) == (201, "pending")
    where = f"/api/v1/vendors/potters/papers/{handed.json()['papers'][0]['id']}"
    fetched = staff.get(f"{where}/file")
    assert b"".join(fetched.streaming_content) == b"%PDF-1.4\n%%EOF"
    assert fetched.headers["Content-Disposition"] == 'attachment; filename="licence.pdf"'
    assert client.get(f"{where}/file").status_code == 403
    assert staff.patch(where, {"status": "refused"}).status_code == 422
    assert staff.patch(where, {"status": "refused", "note": "Blurred"}).status_code == 200
    assert states(client.get(f"{URL}/me").json())["trade-licence"] == "refused"
    newer = hand_in(client).json()["papers"][0]["id"]
    staff.patch(f"/api/v1/vendors/potters/papers/{newer}", {"status": "accepted"})

    approved = staff.post("/api/v1/vendors/potters/approve")

    assert approved.status_code == 200, approved.content
    assert approved.json()["status"] == "active"
    owner = User.objects.get(pk=applicant.pk)
    vendor = Vendor.objects.get(slug="potters")
    assert (owner.role, owner.vendor_id) == ("vendor_owner", vendor.pk)
    # The old session ends, and the next one has the new rights.
    assert client.get("/api/v1/vendors/me").status_code == 401
    assert api(owner, fresh).get("/api/v1/vendors/me").json()["slug"] == "potters"
    assert topics() == ["vendor.applied", "vendor.approved"]
    assert drain() > 0


@pytest.mark.covers("DIG-07", "PEER-31")
def test_an_infected_paper_is_not_taken(fresh: StoreRef, api: Api, settings: Any) -> None:
    client = api(make_user("customer", "potter@example.com"), fresh)
    client.post(URL, FORM)

    with scanning() as clamd:
        settings.CLAMD_URL = clamd.url
        refused = hand_in(client, body=b"%PDF-1.4\n" + EICAR + b"\n%%EOF")
        clamd.fault = "gone"
        unknown = hand_in(client)

    assert (refused.status_code, refused.json()["code"]) == (422, "infected")
    assert refused.json()["errors"][0]["field"] == "file"
    assert (unknown.status_code, unknown.json()["code"]) == (503, "scanner_unavailable")
    assert VendorDocument.objects.count() == MediaFile.objects.count() == 0


@pytest.mark.covers("PEER-31", "I13")
def test_an_application_holds_so_many_papers_and_no_more(fresh: StoreRef, api: Api) -> None:
    client = api(make_user("customer", "potter@example.com"), fresh)
    client.post(URL, FORM)
    first = hand_in(client).json()["papers"][0]["id"]
    paper = VendorDocument.objects.get(pk=first)
    told = {"vendor": paper.vendor, "kind": paper.kind, "file": paper.file}
    VendorDocument.objects.bulk_create(VendorDocument(**told) for _ in range(MOST_PAPERS - 1))

    refused = hand_in(client, body=b"%PDF-1.4 more\n%%EOF")

    assert (refused.status_code, refused.json()["code"]) == (422, "too_many_papers")
    assert VendorDocument.objects.count() == MOST_PAPERS
    assert MediaFile.objects.count() == 1


@pytest.mark.covers("PEER-31")
def test_a_store_takes_no_applications_unless_it_says_so(store: StoreRef, api: Api) -> None:
    response = api(make_user("customer")).post(URL, FORM)

    assert (response.status_code, response.json()["code"]) == (403, "applications_closed")
    assert Vendor.objects.count() == 1


@pytest.mark.covers("PEER-31", "T12")
@pytest.mark.parametrize("role", ["owner", "vendor_owner", "editor"])
def test_only_customers_apply(fresh: StoreRef, api: Api, role: str) -> None:
    vendor = make_vendor() if role == "vendor_owner" else None
    user = make_user(role, vendor_id=vendor.pk if vendor else None)

    response = api(user, fresh).post(URL, FORM)

    assert (response.status_code, response.json()["code"]) == (409, "cannot_apply")


@pytest.mark.covers("PEER-31")
def test_who_was_turned_down_reads_why_and_applies_once_more(fresh: StoreRef, api: Api) -> None:
    applicant = make_user("customer")
    client, staff = api(applicant, fresh), api(make_user("admin"), fresh)
    client.post(URL, FORM)

    assert staff.post("/api/v1/vendors/potters/reject", {}).status_code == 400
    assert staff.post("/api/v1/vendors/potters/reject", {"reason": "No kiln"}).status_code == 200

    mine = client.get(f"{URL}/me").json()
    assert (mine["status"], mine["status_reason"]) == ("rejected", "No kiln")
    assert client.patch(f"{URL}/me", {"name": "X"}).status_code == 409
    again = client.post(URL, {**FORM, "name": "Better potters"})
    assert (again.status_code, again.json()["id"]) == (201, mine["id"])
    assert (again.json()["status"], again.json()["status_reason"]) == ("applied", "")
    assert topics() == ["vendor.applied", "vendor.rejected", "vendor.applied"]


@pytest.mark.covers("PEER-31")
@pytest.mark.parametrize("before", list(STEPS))
def test_only_the_steps_of_the_table_are_taken(store: StoreRef, before: str) -> None:
    decide: dict[str, Callable[[UUID], Vendor]] = {
        "approve": lambda pk: approve_vendor(vendor_id=pk),
        "reject": lambda pk: reject_vendor(vendor_id=pk, reason="x"),
        "suspend": lambda pk: suspend_vendor(vendor_id=pk, reason="x"),
        "reactivate": lambda pk: reactivate_vendor(vendor_id=pk),
    }
    after = {"approve": "active", "reject": "rejected", "suspend": "suspended"}
    taken = {}
    for name, step in decide.items():
        vendor = make_vendor(status=before, email="v@example.com")
        try:
            taken[name] = step(vendor.pk).status == after.get(name, "active")
        except InvalidTransition:
            taken[name] = False
            assert Vendor.objects.get(pk=vendor.pk).status == before

    assert {name for name, done in taken.items() if done} == {
        "applied": {"approve", "reject"},
        "active": {"suspend"},
        "suspended": {"reactivate"},
        "rejected": set(),
    }[before]


@pytest.mark.covers("PEER-31", "I-42")
def test_suspending_takes_everything_away_and_reactivating_brings_it_back(
    store: StoreRef, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.catalog.services.vendor_rows._CHUNK", 2)
    vendor = make_vendor("Potters")
    for index in range(5):
        make_product(sku=f"P{index}", vendor=vendor)
    other = make_product(sku="O")
    staff, shopper = api(make_user("owner")), api()
    assert shopper.get("/api/v1/products").json()["count"] == 6

    answer = staff.post("/api/v1/vendors/potters/suspend", {"reason": "Complaints"})

    assert (answer.status_code, answer.json()["status_reason"]) == (200, "Complaints")
    assert list(ProductDocument.objects.values_list("pk", flat=True)) == [other.id]
    assert shopper.get("/api/v1/products").json()["count"] == 1
    assert shopper.get("/api/v1/vendors/potters").status_code == 404
    assert [row["slug"] for row in shopper.get("/api/v1/vendors").json()["results"]] == ["store"]

    assert staff.post("/api/v1/vendors/potters/reactivate").status_code == 200

    assert ProductDocument.objects.count() == 6
    assert shopper.get("/api/v1/vendors/potters").json()["product_count"] == 5
    assert topics() == ["vendor.suspended", "vendor.reactivated"]


@pytest.mark.covers("I-42")
def test_the_store_itself_is_never_suspended(store: StoreRef, api: Api) -> None:
    answer = api(make_user("owner")).post("/api/v1/vendors/store/suspend", {"reason": "x"})

    assert (answer.status_code, answer.json()["code"]) == (409, "default_vendor")


@pytest.mark.covers("CAT-11", "PEER-75")
def test_staff_change_a_vendor_and_its_old_address_is_remembered(store: StoreRef, api: Api) -> None:
    vendor = make_vendor("Potters")
    product = make_product(sku="P", vendor=vendor)
    staff = api(make_user("admin"))

    changed = staff.patch("/api/v1/vendors/potters", {"name": "Kilns", "slug": "kilns"})

    assert changed.status_code == 200, changed.content
    assert FormerSlug.objects.get(slug="potters").owner_id == vendor.pk
    led = api().get("/api/v1/vendors/potters")
    assert (led.status_code, led.headers["Location"]) == (301, "/api/v1/vendors/kilns")
    body = api().get(f"/api/v1/products/{product.id}").json()
    assert (body["vendor"]["name"], body["vendor"]["slug"]) == ("Kilns", "kilns")
    assert staff.patch("/api/v1/vendors/kilns", {"slug": "me"}).status_code == 422
    assert staff.patch("/api/v1/vendors/kilns", {"website": "ftp://x.example"}).status_code == 400
    assert staff.patch("/api/v1/vendors/kilns", {"slug": "store"}).json()["code"] == "slug_taken"
    for role in ("editor", "support", "customer"):
        assert api(make_user(role)).patch("/api/v1/vendors/kilns", {}).status_code == 403


@pytest.mark.covers("CAT-11", "T12")
def test_an_owner_changes_the_own_profile_and_not_what_was_vetted(
    store: StoreRef, api: Api
) -> None:
    vendor = make_vendor("Potters")
    owner = api(make_user("vendor_owner", vendor_id=vendor.pk))

    changed = owner.patch(
        "/api/v1/vendors/me", {"description": "New", "name": "Other", "tax_id": "X"}
    )

    assert (changed.status_code, changed.json()["description"]) == (200, "New")
    assert (changed.json()["name"], changed.json()["tax_id"]) == ("Potters", "")
    assert api().get("/api/v1/vendors/potters").json()["description"] == "New"
    staff = api(make_user("vendor_staff", vendor_id=vendor.pk))
    assert staff.get("/api/v1/vendors/me").status_code == 200
    assert staff.patch("/api/v1/vendors/me", {"description": "X"}).status_code == 403
    for user in (make_user("vendor_owner"), make_user("owner"), make_user("customer")):
        assert api(user).get("/api/v1/vendors/me").status_code == 404


@pytest.mark.covers("CAT-11", "API-12")
def test_staff_list_vendors_in_a_constant_number_of_queries(store: StoreRef, api: Api) -> None:
    for index in range(8):
        make_vendor(f"V{index}", status="applied" if index % 2 else "active")
    staff = api(make_user("admin"))
    staff.get(URL)

    def queries(**query: Any) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as captured:
            response = staff.get(URL, query)
        assert response.status_code == 200
        own = [row for row in captured if "common_schemastamp" not in row["sql"]]
        return len(own), len(response.json()["results"])

    assert queries(limit=2)[0] == queries(limit=8)[0] == 3
    assert queries(status="applied")[1] == 4
    assert api(make_user("editor")).get(URL).status_code == 403


@pytest.mark.covers("PEER-31")
def test_what_is_made_while_a_vendor_is_suspended_is_not_shown(store: StoreRef, api: Api) -> None:
    vendor = make_vendor("Potters", status="applied")
    seller = api(make_user("vendor_owner", vendor_id=vendor.pk))

    made = seller.post("/api/v1/products", {"sku": "P", "name": "Pot", "price": 1})

    assert made.status_code == 201
    assert Product.objects.filter(vendor=vendor).exists()
    assert ProductDocument.objects.count() == 0


@pytest.mark.covers("PEER-31", "NTF-03")
def test_everybody_is_told_what_concerns_them(
    fresh: StoreRef, api: Api, drain: Callable[[], int]
) -> None:
    make_user("owner", "owner@example.com")
    applicant = make_user("customer", "potter@example.com")
    staff = api(make_user("admin"), fresh)

    def told() -> list[tuple[str, str]]:
        rows = Notification.objects.order_by("created_at", "id")
        return list(rows.values_list("recipient", "template_name"))

    api(applicant, fresh).post(URL, FORM)
    drain()
    staff.post("/api/v1/vendors/potters/reject", {"reason": "No kiln"})
    drain()
    vendor = Vendor.objects.get(slug="potters")
    make_user("vendor_owner", "seller@example.com", vendor_id=vendor.pk)
    Vendor.objects.filter(pk=vendor.pk).update(status="active")
    staff.post("/api/v1/vendors/potters/suspend", {"reason": "Complaints"})
    drain()
    staff.post("/api/v1/vendors/potters/reactivate")
    drain()

    assert told() == [
        ("owner@example.com", "vendor_applied"),
        ("potter@example.com", "vendor_rejected"),
        ("seller@example.com", "vendor_suspended"),
        ("seller@example.com", "vendor_reactivated"),
    ]
