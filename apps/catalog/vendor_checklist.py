"""What an application needs before it can be approved: the store's settings say (PEER-31)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from apps.catalog.models import PaperStatus, Vendor, VendorDocument
from apps.common.context import current_store


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """kind: `field` or `paper`. state: missing, done, and of papers pending or refused too."""

    kind: str
    name: str
    state: str

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.state == "done"


_OF_PAPERS = {
    PaperStatus.PENDING: "pending",
    PaperStatus.ACCEPTED: "done",
    PaperStatus.REFUSED: "refused",
}


def applications_open() -> bool:
    """Whether customers may apply."""
    return bool(current_store().settings.get("vendor_applications") == "open")


def wanted_papers() -> tuple[str, ...]:
    """The kinds of papers that the store asks for."""
    return tuple(current_store().settings.get("vendor_papers", ()))


def checklist(vendor: Vendor, papers: Iterable[VendorDocument]) -> list[ChecklistItem]:
    """Each field and paper that the store asks for; of several papers of a kind the newest counts.

    papers: all of the vendor's, newest first.
    """
    newest: dict[str, VendorDocument] = {}
    for paper in papers:
        newest.setdefault(paper.kind, paper)
    fields = ("name", "email", *current_store().settings.get("vendor_fields", ()))
    items = []
    for name in dict.fromkeys(fields):
        held = getattr(vendor, name)
        items.append(ChecklistItem("field", name, "done" if held else "missing"))
    for kind in wanted_papers():
        found = newest.get(kind)
        state = _OF_PAPERS[PaperStatus(found.status)] if found else "missing"
        items.append(ChecklistItem("paper", kind, state))
    return items
