"""Tell which carts were left behind, so that somebody may remind their buyers (PEER-17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.accounts.facade import active_buyer
from apps.events.contracts import CartAbandoned, CartItem
from apps.events.facade import publish
from apps.orders.carts import lenient_quote, lines_of, request_of
from apps.orders.models import Cart, CartLine, CartStatus

_BATCH = 20
# Nobody wants to be reminded of what they left behind longer ago.
_LATEST = timedelta(days=3)


def tell_abandoned_carts() -> int:
    """Publish CartAbandoned for carts idle for CART_ABANDONED_MINUTES whose buyer can be written
    to; returns how many. Each is told once until it is touched again.

    A batch is one transaction. Carts that somebody works on at the moment are left for next time.
    """
    now = timezone.now()
    until = now - timedelta(minutes=settings.CART_ABANDONED_MINUTES)
    after, told = until - _LATEST, 0
    while True:
        with transaction.atomic():
            batch = list(_idle(after, until)[:_BATCH])
            told += sum(_tell(cart, now) for cart in batch)
        if len(batch) < _BATCH:
            return told
        after = batch[-1].active_at


def _idle(after: datetime, until: datetime) -> QuerySet[Cart]:
    goods = CartLine.objects.filter(cart=OuterRef("pk"), saved_for_later=False)
    reachable = ~Q(email="") | Q(customer__isnull=False)
    idle = Cart.objects.filter(
        reachable,
        Exists(goods),
        status=CartStatus.ACTIVE,
        abandoned_at=None,
        active_at__gt=after,
        active_at__lt=until,
    )
    return idle.select_for_update(skip_locked=True, of=("self",)).order_by("active_at")


def _tell(cart: Cart, now: datetime) -> bool:
    """Whether there was anything to tell: an address to write to, and goods that can be bought."""
    email, group = cart.email, ""
    if cart.customer_id is not None:
        email, group = active_buyer(cart.customer_id) or ("", "")
    if not email:
        return False
    quoted, _ = lenient_quote(replace(request_of(cart, lines_of(cart)), customer_group=group))
    items = tuple(
        CartItem(
            variant_id=variant.id,
            sku=variant.sku,
            name=variant.product_name,
            quantity=price.item.quantity,
            unit_price_cents=price.item.unit_price_cents,
        )
        for variant, price in quoted.goods()
        if not price.item.is_gift
    )
    if not items:
        return False
    publish(
        CartAbandoned(
            cart_id=cart.pk,
            customer_id=cart.customer_id,
            email=email,
            subtotal_cents=quoted.pricing.subtotal_cents,
            total_cents=quoted.pricing.total_cents,
            currency=quoted.currency,
            items=items,
            idle_since=cart.active_at,
        )
    )
    cart.abandoned_at = now
    cart.save(update_fields=["abandoned_at", "updated_at"])
    return True
