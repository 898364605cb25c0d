"""Hand in a paper of an application, and say what the staff think of it (PEER-31)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction

from apps.catalog.models import MediaFile, PaperStatus, Vendor, VendorDocument
from apps.catalog.services.apply_vendor import lock_application
from apps.catalog.text import clean_line
from apps.catalog.vendor_checklist import wanted_papers
from apps.catalog.vendor_errors import PaperNotFound, TooManyPapers, VendorNotFound
from apps.common.errors import ValidationFailed

# Of all kinds together, those that were refused too.
MOST_PAPERS: Final = 50


def check_paper(vendor: Vendor, kind: str) -> None:
    """Whether the store asks for such a paper, and has not been sent enough.

    Raises ValidationFailed, TooManyPapers.
    """
    if kind not in wanted_papers():
        raise ValidationFailed.of("kind", "unknown", "The store asks for no such paper.")
    if vendor.papers.count() >= MOST_PAPERS:
        raise TooManyPapers(f"An application holds {MOST_PAPERS} papers.")


def hand_in_paper(*, user_id: UUID, kind: str, file: MediaFile) -> VendorDocument:
    """Add a paper to one's own application; of several of a kind the newest counts.

    Locks the application. Raises ApplicationNotFound, InvalidTransition once it is decided, and
    what `check_paper` raises.
    """
    with transaction.atomic():
        vendor = lock_application(user_id)
        check_paper(vendor, kind)
        paper = VendorDocument(vendor=vendor, kind=kind, file=file)
        paper.save(force_insert=True)
    return paper


def decide_paper(*, vendor_id: UUID, paper_id: UUID, status: str, note: str = "") -> VendorDocument:
    """Accept or refuse a paper. Locks the vendor.

    Raises VendorNotFound, PaperNotFound, ValidationFailed for a refusal without a note.
    """
    note = clean_line("note", note)
    if status == PaperStatus.REFUSED and not note:
        raise ValidationFailed.of("note", "required", "Say what is wrong with it.")
    with transaction.atomic():
        if not Vendor.objects.select_for_update().filter(pk=vendor_id).exists():
            raise VendorNotFound()
        paper = VendorDocument.objects.filter(pk=paper_id, vendor_id=vendor_id).first()
        if paper is None:
            raise PaperNotFound()
        paper.status, paper.note = PaperStatus(status), note
        paper.save()
    return paper
