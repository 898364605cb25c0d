"""Vendors and master entries in the store's admin."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.catalog.models import MasterProduct, ProductDocument, Vendor, VendorDocument
from apps.catalog.services.change_master import create_master
from apps.catalog.services.keep_file import keep_attachment
from apps.common.context import StoreRef
from tests.catalog.factories import make_product, make_vendor
from tests.support.people import make_user

PDF = b"%PDF-1.4\n%%EOF"
STEPS = ("approve_one", "reject_one", "suspend_one", "reactivate_one")
AFTER = {
    "applied": {"approve_one", "reject_one"},
    "active": {"suspend_one"},
    "suspended": {"reactivate_one"},
    "rejected": set[str](),
}
VENDORS, MASTERS = "/admin/catalog/vendor/", "/admin/catalog/masterproduct/"


@pytest.fixture
def page(store: StoreRef) -> Client:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user("admin"))
    return client


def shown_of(page: Client, vendor: Vendor) -> str:
    answer = page.get(f"{VENDORS}{vendor.pk}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


def step(page: Client, action: str, vendor: Vendor, **body: str) -> str:
    """Send the dialog of a button; the page that it leads to."""
    body = {"_form_submitted": "on", **body}
    return page.post(f"{VENDORS}{vendor.pk}/{action}/", body, follow=True).content.decode()


def make_paper(vendor: Vendor) -> VendorDocument:
    file = keep_attachment(
        SimpleUploadedFile("licence.pdf", PDF),
        "application/pdf",
        largest=1000,
        vendor_id=vendor.pk,
        product_id=None,
        file_name="licence.pdf",
        created_by=None,
    )
    return VendorDocument.objects.create(vendor=vendor, kind="licence", file=file)


def stored_paper(paper: VendorDocument) -> tuple[str, str]:
    row = VendorDocument.objects.get(pk=paper.pk)
    return row.status, row.note


def act(page: Client, action: str, *vendors: Vendor) -> str:
    body = {"action": action, "_selected_action": [str(row.pk) for row in vendors]}
    return page.post(VENDORS, body, follow=True).content.decode()


@pytest.mark.covers("PEER-31", "CAT-11")
def test_staff_decide_on_vendors_by_actions_and_read_what_cannot_be(page: Client) -> None:
    applied = make_vendor("Applicant", status="applied", email="a@example.com")
    active = make_vendor("Seller")
    product = make_product(vendor=active)

    assert "Applicant is admitted" in act(page, "approve", applied)
    assert "not to be admitted" in act(page, "approve", applied)
    assert "Seller is suspended" in step(page, "suspend_one", active, reason="Complaints")
    assert not ProductDocument.objects.filter(pk=product.id).exists()
    assert "Seller is taken back" in act(page, "reactivate", active)
    assert ProductDocument.objects.filter(pk=product.id).exists()
    # A reason is one vendor's own: it is not given to many at once.
    act(page, "suspend", active)
    statuses = dict(Vendor.objects.values_list("name", "status"))
    assert (statuses["Applicant"], statuses["Seller"]) == ("active", "active")


@pytest.mark.covers("PEER-31", "I13")
def test_an_address_without_a_vendor_is_no_accident(page: Client) -> None:
    told = [
        page.get(f"{VENDORS}abc/change/"),
        page.post(f"{VENDORS}abc/change/", {"name": "X"}),
        page.post(f"{VENDORS}abc/approve_one/", {"_form_submitted": "on"}),
    ]

    assert [(answer.status_code, answer.headers.get("Location")) for answer in told] == [
        (302, "/admin/"),
        (302, "/admin/"),
        (404, None),
    ]


@pytest.mark.covers("PEER-31")
@pytest.mark.parametrize(
    ("before", "action", "after"),
    [("applied", "reject_one", "rejected"), ("active", "suspend_one", "suspended")],
)
def test_staff_type_the_reason_that_the_vendor_reads(
    page: Client, before: str, action: str, after: str
) -> None:
    vendor = make_vendor("Seller", status=before)

    assert "This field is required" in step(page, action, vendor, reason=" ")
    assert "at most 500" in step(page, action, vendor, reason="x" * 501)
    assert Vendor.objects.get(pk=vendor.pk).status == before
    step(page, action, vendor, reason="No kiln, <b>none</b>")

    stored = Vendor.objects.get(pk=vendor.pk)
    assert (stored.status, stored.status_reason) == (after, "No kiln, <b>none</b>")
    shown = page.get(f"{VENDORS}{vendor.pk}/change/").content.decode()
    assert "No kiln, &lt;b&gt;none&lt;/b&gt;" in shown
    assert f"{vendor.pk}/{action}/" not in shown
    assert "step" in step(page, action, vendor, reason="Once more").lower()


@pytest.mark.covers("PEER-31")
def test_buttons_are_those_of_the_status_and_the_store_itself_has_none(page: Client) -> None:
    own = Vendor.objects.get(is_default=True)
    offered = {
        row.name: {name for name in STEPS if f"{row.pk}/{name}" in shown_of(page, row)}
        for row in (*(make_vendor(status, status=status) for status in AFTER), own)
    }

    assert offered == {**AFTER, own.name: set()}


@pytest.mark.covers("PEER-31", "DIG-05")
def test_papers_are_opened_accepted_and_refused_with_a_note(page: Client) -> None:
    vendor, other = make_vendor("Potters", status="applied"), make_vendor("Other")
    paper = make_paper(vendor)
    address = f"{VENDORS}{vendor.pk}/papers/{paper.pk}/"
    assert address in shown_of(page, vendor)

    opened = page.get(address, follow=True)
    assert opened.redirect_chain[0][0].startswith("/media/private/")
    assert b"".join(opened.streaming_content) == PDF
    assert opened.headers["Cache-Control"] == "private, no-store"

    refused = page.post(address, {"status": "refused"}, follow=True)
    assert "Say what is wrong with it." in refused.content.decode()
    assert stored_paper(paper) == ("pending", "")
    page.post(address, {"status": "refused", "note": "Out of date"})
    assert stored_paper(paper) == ("refused", "Out of date")
    assert "Refused: Out of date" in shown_of(page, vendor)
    page.post(address, {"status": "accepted", "note": "x" * 501})
    assert stored_paper(paper) == ("refused", "Out of date")
    assert page.post(address, {"status": "lost"}).status_code == 403
    page.post(address, {"status": "accepted"})
    assert stored_paper(paper) == ("accepted", "")
    assert page.get(f"{VENDORS}{other.pk}/papers/{paper.pk}/").status_code == 404


@pytest.mark.covers("PEER-31")
def test_the_page_of_a_vendor_shows_the_checklist(page: Client) -> None:
    vendor = make_vendor("Applicant", status="applied")

    shown = page.get(f"{VENDORS}{vendor.pk}/change/")

    assert shown.status_code == 200
    assert "email: missing" in shown.content.decode()
    assert page.get(VENDORS).status_code == 200
    assert page.get(f"{VENDORS}add/").status_code == 200


@pytest.mark.covers("PEER-31")
def test_staff_rename_an_entry_and_take_it_apart(page: Client) -> None:
    product = make_product()
    master = create_master(name="Spoon", product_ids=[product.id])

    assert page.get(MASTERS).status_code == 200
    page.post(
        f"{MASTERS}{master.pk}/change/",
        {
            "name": "Ladle",
            "slug": "ladle",
            "products-TOTAL_FORMS": 1,
            "products-INITIAL_FORMS": 1,
            "products-0-id": str(product.id),
            "products-0-master": str(master.pk),
        },
    )
    assert MasterProduct.objects.get().name == "Ladle"

    page.post(f"{MASTERS}{master.pk}/delete/", {"post": "yes"})
    assert not MasterProduct.objects.exists()
    assert ProductDocument.objects.get(pk=product.id).master_id is None


@pytest.mark.covers("T12")
@pytest.mark.parametrize("role", ["editor", "vendor_owner"])
def test_tax_numbers_and_papers_are_not_for_everybody(store: StoreRef, role: str) -> None:
    vendor = make_vendor("Own")
    client = Client(HTTP_HOST=store.domain)
    client.force_login(make_user(role, vendor_id=vendor.pk if role == "vendor_owner" else None))

    paper = make_paper(vendor)
    assert client.get(f"{VENDORS}{vendor.pk}/change/").status_code in {302, 403, 404}
    address = f"{VENDORS}{vendor.pk}/papers/{paper.pk}/"
    assert client.get(address).status_code == 403
    assert client.post(address, {"status": "accepted"}).status_code == 403
    assert stored_paper(paper) == ("pending", "")
    for action in STEPS:
        body = {"_form_submitted": "on", "reason": "x"}
        assert client.post(f"{VENDORS}{vendor.pk}/{action}/", body).status_code == 403
    assert Vendor.objects.get(pk=vendor.pk).status == "active"
    assert client.get(MASTERS).status_code in {403, 404}
