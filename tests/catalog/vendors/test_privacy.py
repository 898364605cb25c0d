"""What an applicant said of themselves: exported, and let go of."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import TestCase

from apps.accounts.services.erase_person import erase_user
from apps.catalog.models import MediaFile, Vendor, VendorDocument
from apps.catalog.services.keep_file import keep_attachment
from apps.common import storage
from apps.common.attachments import PDF
from apps.common.context import StoreRef
from tests.catalog.factories import make_vendor
from tests.support.people import make_user

SAID = {
    "name": "Canaria Pots",
    "legal_name": "Canaria Birdsong",
    "email": "canary@example.com",
    "phone": "+4917612345678",
    "tax_id": "DE-canary",
    "website": "https://canary.example",
    "description": "canary-words",
}


def applied(user: Any, status: str) -> Vendor:
    """The person's application with a paper."""
    vendor = make_vendor("Canaria Pots", status=status)
    Vendor.objects.filter(pk=vendor.pk).update(
        **SAID, applied_by=user.pk, status_reason="canary-why"
    )
    file = keep_attachment(
        io.BytesIO(b"%PDF-1.4\ncanary\n%%EOF"),
        PDF,
        largest=1_000,
        vendor_id=vendor.pk,
        product_id=None,
        file_name="canary.pdf",
    )
    VendorDocument.objects.create(vendor=vendor, kind="trade-licence", file=file)
    return vendor


@pytest.mark.covers("CMP-01", "PEER-31")
@pytest.mark.parametrize("status", ["applied", "rejected"])
def test_an_application_is_exported_and_erased_with_its_papers(
    api: Any, store: StoreRef, status: str
) -> None:
    owner, person = make_user("owner"), make_user(email="canary@example.com")
    vendor, other = applied(person, status), make_vendor("Other", status="applied")
    key = MediaFile.objects.get().key

    records = api(person).get("/api/v1/users/me/export").json()["records"]
    foreign = api(owner).get("/api/v1/users/me/export").json()["records"]
    with TestCase.captureOnCommitCallbacks(execute=True):
        erase_user(user_id=person.pk)

    [told] = records["vendor_applications"]
    assert {name: told[name] for name in SAID} == SAID
    assert (told["status"], told["status_reason"]) == (status, "canary-why")
    assert [(row["kind"], row["file__file_name"]) for row in told["papers"]] == [
        ("trade-licence", "canary.pdf")
    ]
    assert foreign["vendor_applications"] == []
    row = Vendor.objects.values().get(pk=vendor.pk)
    assert "canar" not in str(row).lower()
    assert (row["status"], row["applied_by"]) == (
        "rejected",
        None,
    )
    assert Vendor.objects.get(pk=other.pk).name == "Other"
    assert (MediaFile.objects.count(), VendorDocument.objects.count()) == (0, 0)
    assert storage.size_of(key) is None


@pytest.mark.covers("CMP-01")
def test_a_vendor_that_sells_keeps_its_record(store: StoreRef) -> None:
    person = make_user(email="canary@example.com")
    vendor = applied(person, "active")

    erase_user(user_id=person.pk)

    assert Vendor.objects.get(pk=vendor.pk).legal_name == "Canaria Birdsong"
    assert VendorDocument.objects.count() == 1
