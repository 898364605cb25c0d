"""Prepare an order for somebody: a draft, its contents, and calling it off (PEER-09)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.facade import get_user
from apps.common.context import current_actor
from apps.common.errors import ValidationFailed
from apps.orders.drafts import lock_draft
from apps.orders.errors import DraftClosed
from apps.orders.models import Cart, CartLine, CartStatus, DraftOrder, DraftStatus
from apps.orders.numbering import next_number
from apps.orders.quoting import QuoteRequest, place_of, quote
from apps.orders.resolving import ResolvedLine, check_count, require
from apps.orders.types import LineRequest

_CART_FIELDS = (
    "email",
    "market",
    "coupon_codes",
    "shipping_address",
    "billing_address",
    "shipping_method",
    "vat_id",
    "notes",
    "organization_id",
    "purchase_order_number",
)
_OPEN = (DraftStatus.OPEN, DraftStatus.SENT)


def create_draft(
    *, currency: str, items: Sequence[LineRequest], fields: Mapping[str, Any]
) -> DraftOrder:
    """A new draft. fields: what `update_draft` takes. Raises ValidationFailed."""
    with transaction.atomic():
        now = timezone.now()
        cart = Cart.objects.create(status=CartStatus.DRAFT, currency=currency, active_at=now)
        draft = DraftOrder.objects.create(
            cart=cart, number=next_number(now, prefix="DRF"), author=current_actor()
        )
        _write(draft, items=items, fields=fields)
        return draft


def update_draft(
    *, draft_id: UUID, items: Sequence[LineRequest] | None, fields: Mapping[str, Any]
) -> DraftOrder:
    """Change what is in `fields`, and with `items` all lines. The currency stays.

    A quote that was sent is a draft again, and its link is dead: the buyer must not accept what
    they have not seen. Locks the draft. Raises DraftNotFound, DraftClosed, ValidationFailed.
    """
    with transaction.atomic():
        draft = lock_draft(draft_id)
        check_open(draft)
        if draft.status == DraftStatus.SENT:
            draft.status, draft.token_hash = DraftStatus.OPEN, None
            draft.sent_at = draft.valid_until = None
        _write(draft, items=items, fields=fields)
        return draft


def cancel_draft(*, draft_id: UUID) -> DraftOrder:
    """Call a draft or a quote off; its link is answered with 410 from then on.

    Locks the draft. Raises DraftNotFound, DraftClosed.
    """
    with transaction.atomic():
        draft = lock_draft(draft_id)
        check_open(draft)
        draft.status = DraftStatus.CANCELLED
        draft.save(update_fields=["status", "updated_at"])
        return draft


def expire_quotes() -> int:
    """Mark the quotes whose time has run out; returns how many. They were refused already."""
    overdue = DraftOrder.objects.filter(status=DraftStatus.SENT, valid_until__lte=timezone.now())
    return overdue.update(status=DraftStatus.EXPIRED, updated_at=timezone.now())


def check_open(draft: DraftOrder) -> None:
    """Raises DraftClosed unless the draft may still change."""
    if draft.status not in _OPEN:
        raise DraftClosed(f"Draft {draft.number} is {draft.status}.")


def _write(
    draft: DraftOrder, *, items: Sequence[LineRequest] | None, fields: Mapping[str, Any]
) -> None:
    cart = draft.cart
    if "customer_id" in fields:
        cart.customer_id = _customer(fields["customer_id"])
    for name in _CART_FIELDS:
        if name in fields:
            setattr(cart, name, fields[name])
    for name in ("discount_cents", "message"):
        if name in fields:
            setattr(draft, name, fields[name])
    cart.active_at = timezone.now()
    cart.save()
    draft.save()
    if items is not None:
        _write_lines(cart, items)


def _customer(customer_id: UUID | None) -> UUID | None:
    if customer_id is not None and get_user(customer_id) is None:
        detail = "There is nobody with this id."
        raise ValidationFailed.of("customer_id", "unknown_customer", detail)
    return customer_id


def check_items(cart: Cart, items: Sequence[LineRequest]) -> Sequence[ResolvedLine]:
    """The lines of a draft, resolved and found good. cart: who buys and where to, kept or not.

    Raises ValidationFailed (`items.N.…`, and what `quote` refuses). Writes nothing.
    """
    check_count(items)
    priced = quote(
        QuoteRequest(
            lines=tuple(items),
            currency=cart.currency,
            customer_id=cart.customer_id,
            organization_id=cart.organization_id,
            place=place_of(cart.shipping_address, cart.billing_address),
            market=cart.market,
            vat_id=cart.vat_id,
            by_staff=True,
        )
    )
    require(priced.lines, cart.currency)
    _check_once(priced.lines)
    return priced.lines


def _write_lines(cart: Cart, items: Sequence[LineRequest]) -> None:
    lines = check_items(cart, items)
    CartLine.objects.filter(cart=cart).delete()
    CartLine.objects.bulk_create(
        CartLine(
            cart=cart,
            variant_id=line.variant.id,
            quantity=line.quantity,
            unit_price_cents=line.request.unit_price_cents,
        )
        for line in lines
        if line.variant is not None
    )


def _check_once(lines: Sequence[Any]) -> None:
    seen = set()
    for index, line in enumerate(lines):
        if line.variant.id in seen:
            detail = "Name each variant once."
            raise ValidationFailed.of(f"items.{index}.sku", "repeated", detail)
        seen.add(line.variant.id)
