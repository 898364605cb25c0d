"""Take people out of orders: one who asked to be forgotten, and all whose orders are old enough."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Func, JSONField, Q, Value
from django.utils import timezone

from apps.accounts.types import ERASED_DOMAIN, Person
from apps.orders.models import Invoice, Order, OrganizationMember
from apps.orders.personal import orders_of
from apps.orders.states import PaymentStatus

# No money has moved: bookkeeping needs nothing of them.
_UNPAID = (PaymentStatus.UNPAID, PaymentStatus.VOIDED)
_SLICE = 1_000
FORGOTTEN = f"erased@{ERASED_DOMAIN}"
_PERSONAL = (
    "email",
    "shipping_address",
    "billing_address",
    "vat_id",
    "notes",
    "organization_id",
    "purchase_order_number",
)
# What stands in an invoice in place of its buyer, once the books need not be kept.
_NOBODY = {"buyer": {"company": "", "address": None, "vat_id": ""}, "ship_to": None}


def erase_person(person: Person) -> bool:
    """Anonymise the person's orders; paid ones keep name and postal address (CMP-01, CMP-04).

    Those are part of the books for FINANCIAL_RETENTION_YEARS, after which forget_old_orders takes
    them. Invoices stand as they were issued for just as long (PEER-11). Nobody is a member of a
    company any more. Always done at once.
    """
    with transaction.atomic():
        if person.user_id is not None:
            OrganizationMember.objects.filter(user_id=person.user_id).delete()
        for order in orders_of(person).select_for_update().order_by("pk"):
            order.email = person.placeholder
            order.notes = ""
            if order.payment_status in _UNPAID and order.payment_terms_days is None:
                order.shipping_address = order.billing_address = None
                order.organization_id = order.purchase_order_number = order.vat_id = ""
            for name in ("shipping_address", "billing_address"):
                if address := getattr(order, name):
                    setattr(order, name, {**address, "phone": ""})
            order.save(update_fields=[*_PERSONAL, "updated_at"])
    return True


def forget_old_orders() -> int:
    """Anonymise every order of this store that bookkeeping need not keep any more (CMP-04).

    Amounts, lines and numbers stay, for figures, on their invoices too. Returns how many were
    anonymised.
    """
    years = settings.FINANCIAL_RETENTION_YEARS
    before = timezone.now() - timedelta(days=365.25 * years)
    personal = ~Q(email__endswith=f"@{ERASED_DOMAIN}") | Q(shipping_address__isnull=False)
    old = Order.objects.filter(personal, created_at__lt=before)
    total = 0
    while ids := list(old.order_by("created_at").values_list("pk", flat=True)[:_SLICE]):
        with transaction.atomic():
            _forget_buyers(ids)
            total += _forget(ids)
    return total


def _forget_buyers(order_ids: list[UUID]) -> None:
    nobody = Value(_NOBODY, output_field=JSONField())
    without = Func(
        F("content"),
        nobody,
        template="jsonb_set(%(expressions)s, '{order,purchase_order_number}', '\"\"')",
        arg_joiner=" || ",
        output_field=JSONField(),
    )
    Invoice.objects.filter(order_id__in=order_ids).update(
        content=without, updated_at=timezone.now()
    )


def _forget(order_ids: list[UUID]) -> int:
    return Order.objects.filter(pk__in=order_ids).update(
        email=FORGOTTEN,
        shipping_address=None,
        billing_address=None,
        vat_id="",
        notes="",
        organization_id="",
        purchase_order_number="",
        updated_at=timezone.now(),
    )
