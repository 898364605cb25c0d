"""Take people out of orders: one who asked to be forgotten, and all whose orders are old enough."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.types import ERASED_DOMAIN, Person
from apps.orders.models import Order
from apps.orders.personal import orders_of
from apps.orders.states import PaymentStatus

# No money has moved: bookkeeping needs nothing of them.
_UNPAID = (PaymentStatus.UNPAID, PaymentStatus.VOIDED)
_SLICE = 1_000
FORGOTTEN = f"erased@{ERASED_DOMAIN}"
_PERSONAL = ("email", "shipping_address", "notes", "organization_id", "purchase_order_number")


def erase_person(person: Person) -> bool:
    """Anonymise the person's orders; paid ones keep name and postal address (CMP-01, CMP-04).

    Those are part of the books for FINANCIAL_RETENTION_YEARS, after which forget_old_orders takes
    them. Always done at once.
    """
    with transaction.atomic():
        for order in orders_of(person).select_for_update().order_by("pk"):
            order.email = person.placeholder
            order.notes = ""
            if order.payment_status in _UNPAID:
                order.shipping_address = None
                order.organization_id = order.purchase_order_number = ""
            elif order.shipping_address:
                order.shipping_address = {**order.shipping_address, "phone": ""}
            order.save(update_fields=[*_PERSONAL, "updated_at"])
    return True


def forget_old_orders() -> int:
    """Anonymise every order of this store that bookkeeping need not keep any more (CMP-04).

    Amounts, lines and numbers stay, for figures. Returns how many were anonymised.
    """
    years = settings.FINANCIAL_RETENTION_YEARS
    before = timezone.now() - timedelta(days=365.25 * years)
    personal = ~Q(email__endswith=f"@{ERASED_DOMAIN}") | Q(shipping_address__isnull=False)
    old = Order.objects.filter(personal, created_at__lt=before)
    total = 0
    while ids := list(old.order_by("created_at").values_list("pk", flat=True)[:_SLICE]):
        total += Order.objects.filter(pk__in=ids).update(
            email=FORGOTTEN,
            shipping_address=None,
            notes="",
            organization_id="",
            purchase_order_number="",
            updated_at=timezone.now(),
        )
    return total
