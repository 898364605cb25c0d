"""Invoices and credit notes, numbered without a gap (PEER-11)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.common.models import BaseModel
from apps.orders.models.orders import Order


class NumberSeries(models.Model):
    """The next number of a series. Taken under its row's lock, in the transaction that uses it:
    numbers have no gap.
    """

    name = models.CharField(max_length=40, primary_key=True)
    next_value = models.PositiveBigIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class InvoiceKind(models.TextChoices):
    """A credit note takes back an invoice, or a part of it."""

    INVOICE = "invoice", "Invoice"
    CREDIT_NOTE = "credit_note", "Credit note"


class Invoice(BaseModel):
    """A document as it was issued; never changed. `content` holds all that is printed on it.

    Amounts are in the subunit of `currency`; a credit note's are what is given back, as positive
    numbers. `corrects` is the invoice that a credit note belongs to. `source_id` is what it was
    issued for (an order, a refund), so that repeating issues nothing twice.
    """

    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=11, choices=InvoiceKind.choices)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="invoices", db_index=False
    )
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="credit_notes"
    )
    source_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    tax_cents = models.BigIntegerField(default=0)
    total_cents = models.BigIntegerField()
    content = models.JSONField()
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ["-issued_at", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "source_id"], name="orders_invoice_once"),
            models.CheckConstraint(
                condition=Q(kind="invoice", corrects=None)
                | Q(kind="credit_note", corrects__isnull=False),
                name="orders_invoice_corrects",
            ),
        ]
        indexes = [models.Index(fields=["order", "issued_at"], name="orders_invoice_order")]

    def __str__(self) -> str:
        return self.number
