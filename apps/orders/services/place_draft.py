"""Make an order of a draft: by staff on the phone, or by the buyer with the link (PEER-09)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.orders.drafts import find_quote, lock_draft, order_of_draft
from apps.orders.errors import OutOfStock
from apps.orders.models import CartStatus, DraftOrder, DraftStatus, Order
from apps.orders.services.place_order import place_order
from apps.orders.services.write_draft import check_open

# Who ordered by phone gets a mail first, and pays when it is read.
_TIME_TO_PAY = timedelta(days=7)


def place_draft(*, draft_id: UUID) -> Order:
    """Place the draft now; the buyer has a week to pay. One that was placed gives its order again.

    Locks the draft. Publishes what placing publishes. Raises DraftNotFound, DraftClosed,
    OutOfStock and what placing raises; nothing is written then. Serves PEER-09.
    """
    with transaction.atomic():
        draft = lock_draft(draft_id)
        return _place(draft, expires_at=timezone.now() + _TIME_TO_PAY)


def accept_quote(
    *,
    token: str,
    shipping_address: Mapping[str, Any] | None = None,
    expected_total_cents: int | None = None,
    expected_currency: str | None = None,
) -> Order:
    """Place what the link offers, at the prices it was sent with; twice gives the same order.

    shipping_address: for a quote without one. expected_total_cents, expected_currency: another one
    is refused. Locks the draft, so that of two at once one places and the other gets its order.
    Raises QuoteNotFound, QuoteOver, TotalChanged, OutOfStock and what placing raises. Serves
    PEER-09.
    """
    with transaction.atomic():
        draft = find_quote(token, locked=True)
        if shipping_address is not None and not draft.cart.shipping_address:
            draft.cart.shipping_address = dict(shipping_address)
        return _place(
            draft,
            expected_total_cents=expected_total_cents,
            expected_currency=expected_currency,
        )


def _place(draft: DraftOrder, **fields: Any) -> Order:
    cart = draft.cart
    if draft.status == DraftStatus.ACCEPTED and cart.order is not None:
        return cart.order
    check_open(draft)
    placement = place_order(replace(order_of_draft(draft), **fields))
    if placement.shortages:
        # Nobody ordered: the draft stays as it was, and no cancelled order is left behind.
        raise OutOfStock(placement.shortages)
    draft.status = DraftStatus.ACCEPTED
    draft.save(update_fields=["status", "updated_at"])
    cart.status, cart.order, cart.active_at = CartStatus.ORDERED, placement.order, timezone.now()
    cart.save()
    return placement.order
