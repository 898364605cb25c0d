"""Carts that nobody comes back to, or whose buyer has left (CRT-02, CMP-01)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.types import Person
from apps.orders.models import Cart, CartStatus
from apps.orders.personal import carts_of

_SLICE = 500
_PERSONAL = {
    "email": "",
    "shipping_address": None,
    "billing_address": None,
    "vat_id": "",
    "notes": "",
    "organization_id": "",
    "purchase_order_number": "",
}


def delete_idle_carts() -> int:
    """Delete guests' carts idle for CART_KEPT_DAYS, and what is left of merged ones; returns how
    many. What somebody works on at the moment stays.
    """
    before = timezone.now() - timedelta(days=settings.CART_KEPT_DAYS)
    idle = Q(status=CartStatus.ACTIVE, customer=None) | Q(status=CartStatus.MERGED)
    total = 0
    while True:
        with transaction.atomic():
            old = Cart.objects.filter(idle, active_at__lt=before).order_by("active_at")
            ids = [cart.pk for cart in old.select_for_update(skip_locked=True)[:_SLICE]]
            Cart.objects.filter(pk__in=ids).delete()
        total += len(ids)
        if len(ids) < _SLICE:
            return total


def close_cart(*, customer_id: UUID) -> None:
    """Delete the open cart of a customer who has left. Locks it."""
    with transaction.atomic():
        own = Cart.objects.filter(customer_id=customer_id, status=CartStatus.ACTIVE)
        for cart in own.select_for_update():
            cart.delete()


def erase_carts(person: Person) -> bool:
    """Delete the person's open carts; take them out of those that became orders or are drafts.

    Locks the carts, in the order of their ids. Always done at once.
    """
    with transaction.atomic():
        for cart in carts_of(person).select_for_update().order_by("pk"):
            if cart.status in {CartStatus.ACTIVE, CartStatus.MERGED}:
                cart.delete()
                continue
            for name, value in _PERSONAL.items():
                setattr(cart, name, value)
            cart.save(update_fields=[*_PERSONAL, "updated_at"])
    return True
