"""Draft orders as they are read: what they hold, what they cost now, and their links (PEER-09)."""

from __future__ import annotations

import base64
import hashlib
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.common.context import current_store
from apps.common.errors import FieldError
from apps.orders.carts import lenient_quote
from apps.orders.errors import DraftNotFound, QuoteNotFound, QuoteOver
from apps.orders.models import Cart, CartLine, DraftOrder, DraftStatus
from apps.orders.quoting import Quote, QuoteRequest, place_of, quote
from apps.orders.types import LineRequest, NewOrder


def drafts() -> QuerySet[DraftOrder]:
    """All drafts with their carts, and how many lines each has."""
    return DraftOrder.objects.select_related("cart", "cart__order").annotate(
        line_count=Count("cart__lines")
    )


def find_draft(draft_id: UUID) -> DraftOrder:
    """The draft. Raises DraftNotFound."""
    draft = DraftOrder.objects.select_related("cart", "cart__order").filter(pk=draft_id).first()
    if draft is None:
        raise DraftNotFound("There is no draft with this id.")
    return draft


def lock_draft(draft_id: UUID) -> DraftOrder:
    """The draft, locked with its cart until the transaction ends. Raises DraftNotFound."""
    rows = DraftOrder.objects.select_related("cart").select_for_update(of=("self",))
    draft = rows.filter(pk=draft_id).first()
    if draft is None:
        raise DraftNotFound("There is no draft with this id.")
    # Joined before the lock was ours: whoever had it may have ordered the cart.
    draft.cart.refresh_from_db()
    return draft


def token_of(draft: DraftOrder) -> str:
    """The token of the link that was last sent: worked out from the server's secret, kept nowhere.

    Another store's draft, another draft and another sending have other tokens.
    """
    sent = draft.sent_at.isoformat() if draft.sent_at else ""
    text = f"{current_store().id}:{draft.pk}:{sent}"
    digest = salted_hmac("apps.orders.quotes", text, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_quote(token: str, *, locked: bool = False) -> DraftOrder:
    """The quote that the token opens. Raises QuoteNotFound, and QuoteOver for one that is over."""
    rows = DraftOrder.objects.select_related("cart", "cart__order")
    if locked:
        rows = rows.select_for_update(of=("self",))
    draft = rows.filter(token_hash=hash_of(token)).first()
    if draft is None or draft.status == DraftStatus.OPEN:
        raise QuoteNotFound("There is no quote with this link.")
    if locked:
        draft.cart.refresh_from_db()
    if draft.status == DraftStatus.SENT and _is_past(draft):
        raise QuoteOver("This quote is no longer valid. Ask the store for a new one.")
    if draft.status in (DraftStatus.EXPIRED, DraftStatus.CANCELLED):
        raise QuoteOver(f"This quote is {draft.status}. Ask the store for a new one.")
    return draft


def _is_past(draft: DraftOrder) -> bool:
    return draft.valid_until is not None and draft.valid_until <= timezone.now()


def price_draft(draft: DraftOrder) -> Quote:
    """What the draft costs now.

    Raises ValidationFailed where the store's rules do not take what it says (any more): its
    company, its market, its currency there.
    """
    return quote(_asked(draft))


def read_draft(draft: DraftOrder) -> tuple[Quote, tuple[FieldError, ...]]:
    """What the draft costs now, and what of it the store's rules have moved on from since."""
    return lenient_quote(_asked(draft))


def _asked(draft: DraftOrder) -> QuoteRequest:
    new = order_of_draft(draft)
    return QuoteRequest(
        lines=tuple(new.items),
        currency=new.currency,
        customer_id=new.customer_id,
        email=new.email,
        organization_id=new.organization_id,
        place=place_of(new.shipping_address, new.billing_address),
        shipping_method=new.shipping_method,
        coupon_codes=new.coupon_codes,
        market=new.market,
        vat_id=new.vat_id,
        discount_cents=new.discount_cents,
        by_staff=True,
    )


def order_of_draft(draft: DraftOrder) -> NewOrder:
    """The order that the draft would become."""
    cart: Cart = draft.cart
    return NewOrder(
        items=[_request(line, draft) for line in cart.lines.all()],
        currency=cart.currency,
        customer_id=cart.customer_id,
        email=cart.email,
        shipping_address=cart.shipping_address,
        billing_address=cart.billing_address,
        vat_id=cart.vat_id,
        notes=cart.notes,
        organization_id=cart.organization_id,
        purchase_order_number=cart.purchase_order_number,
        shipping_method=cart.shipping_method,
        coupon_codes=tuple(cart.coupon_codes),
        market=cart.market,
        lenient=True,
        discount_cents=draft.discount_cents,
        by_staff=True,
        source="draft",
    )


def _request(line: CartLine, draft: DraftOrder) -> LineRequest:
    """A price by hand stays; the price that a quote was sent with holds as long as the quote."""
    price = line.unit_price_cents
    if price is None and draft.status != DraftStatus.OPEN:
        price = line.seen_price_cents
    return LineRequest(variant_id=line.variant_id, quantity=line.quantity, unit_price_cents=price)
