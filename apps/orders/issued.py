"""What was issued for an order so far, and what its papers come to together (PEER-11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.orders.invoice_rows import Row, rows_of, summed
from apps.orders.models import Invoice, InvoiceKind, Order, OrderHistory


@dataclass(frozen=True, slots=True)
class Papers:
    """An order's papers, each kind oldest first.

    Its invoices, and the credit notes about edits that made it cheaper (`lowered`), follow its
    price; the other credit notes (`credited`) give money of it back. Amounts are in its subunit.
    """

    invoices: tuple[Invoice, ...]
    lowered: tuple[Invoice, ...]
    credited: tuple[Invoice, ...]

    @property
    def price_cents(self) -> int:
        """What the order costs by its papers."""
        return _total(self.invoices) - _total(self.lowered)

    @property
    def left_cents(self) -> int:
        """What of that was not given back."""
        return self.price_cents - _total(self.credited)

    @property
    def refunded_cents(self) -> int:
        """What credit notes say that refunds gave back."""
        return _total(note for note in self.credited if note.source_id != note.order_id)

    def rows(self) -> list[Row]:
        """What of each line, and of the shipping, stands in them."""
        return summed(
            *((1, rows_of(paper.content)) for paper in self.invoices),
            *((-1, rows_of(paper.content)) for paper in self.lowered),
        )

    def content(self) -> Mapping[str, Any]:
        """As if they were one invoice: what a credit note corrects."""
        rows = self.rows()
        return {
            **self.invoices[0].content,
            "number": ", ".join(paper.number for paper in self.invoices),
            "lines": [row for row in rows if row["position"] is not None],
            "shipping": next((row for row in rows if row["position"] is None), None),
        }


def papers_of(order: Order) -> Papers:
    """All that was issued for the order, whose row is locked; two queries."""
    found = list(Invoice.objects.filter(order=order).order_by("issued_at", "number"))
    notes = [paper for paper in found if paper.kind == InvoiceKind.CREDIT_NOTE]
    edits = set(
        OrderHistory.objects.filter(pk__in=[note.source_id for note in notes]).values_list(
            "pk", flat=True
        )
    )
    return Papers(
        invoices=tuple(paper for paper in found if paper.kind == InvoiceKind.INVOICE),
        lowered=tuple(note for note in notes if note.source_id in edits),
        credited=tuple(note for note in notes if note.source_id not in edits),
    )


def _total(papers: Iterable[Invoice]) -> int:
    return sum(paper.total_cents for paper in papers)


__all__ = ["Papers", "papers_of"]
