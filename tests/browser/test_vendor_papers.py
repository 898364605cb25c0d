"""A vendor's page under a person's hands: papers, and a reason that is typed (PEER-31)."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.catalog.models import Vendor, VendorDocument
from apps.catalog.services.keep_file import keep_attachment
from apps.common.context import StoreRef
from tests.catalog.factories import make_vendor
from tests.support.browser import needs_browser, open_page
from tests.support.people import make_user

pytestmark = [needs_browser, pytest.mark.xdist_group("browser")]


@pytest.mark.covers("PEER-31")
def test_a_paper_is_refused_with_a_note_and_its_vendor_turned_down_with_a_reason(
    live_store: StoreRef,
) -> None:
    vendor = make_vendor("Potters", status="applied", email="p@example.com")
    file = keep_attachment(
        SimpleUploadedFile("licence.pdf", b"%PDF-1.4\n%%EOF"),
        "application/pdf",
        largest=1000,
        vendor_id=vendor.pk,
        product_id=None,
        file_name="licence.pdf",
    )
    VendorDocument.objects.create(vendor=vendor, kind="trade-licence", file=file)
    with open_page(live_store, make_user("owner")) as page:
        page.goto(f"/admin/catalog/vendor/{vendor.pk}/change/")
        note = page.get_by_label("Note on trade-licence")
        note.fill("Out of date")
        # Enter would have to choose one of the two: it does neither.
        note.press("Enter")
        page.get_by_role("button", name="Refuse").click()
        page.get_by_text("The paper trade-licence is refused.").wait_for()

        page.get_by_text("Turn down").first.click()
        reason = page.locator("textarea[name=reason]")
        reason.fill("No kiln")
        page.locator("form:has(textarea[name=reason]) button[type=submit]").click()
        page.get_by_text("Potters is turned down.").wait_for()
    row = Vendor.objects.get(pk=vendor.pk)
    assert (row.status, row.status_reason) == ("rejected", "No kiln")
    assert VendorDocument.objects.get().note == "Out of date"
