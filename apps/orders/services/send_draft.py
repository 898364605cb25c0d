"""Send a draft to its buyer as a quote (PEER-09)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.facade import active_email
from apps.common.crypto import encrypt
from apps.common.errors import ValidationFailed
from apps.events.contracts import DraftOrderSent
from apps.events.facade import publish
from apps.orders.drafts import hash_of, lock_draft, price_draft, token_of
from apps.orders.models import CartLine, DraftOrder, DraftStatus
from apps.orders.quoting import Quote
from apps.orders.resolving import require
from apps.orders.services.write_draft import check_open

_LONGEST = timedelta(days=365)
_USUAL = timedelta(days=14)


def send_draft(
    *, draft_id: UUID, valid_until: datetime | None = None, message: str | None = None
) -> DraftOrder:
    """Make the link by which the buyer sees and accepts the draft; an earlier link is dead.

    valid_until: two weeks from now unless said. The prices of the lines hold as they are now until
    then. Of the link's token only the hash is kept; the event holds it encrypted, for the mail.
    Locks the draft. Publishes DraftOrderSent, at which the link is mailed. Raises DraftNotFound,
    DraftClosed, ValidationFailed (`valid_until`, `email`, `items`).
    """
    with transaction.atomic():
        draft = lock_draft(draft_id)
        check_open(draft)
        now = timezone.now()
        until = valid_until or now + _USUAL
        if not now < until <= now + _LONGEST:
            detail = "Send a moment between now and a year from now."
            raise ValidationFailed.of("valid_until", "out_of_range", detail)
        email = _email_of(draft)
        draft.status = DraftStatus.OPEN
        priced = price_draft(draft)
        require(priced.lines, draft.cart.currency)
        _keep_prices(draft, priced)
        draft.status, draft.sent_at, draft.valid_until = DraftStatus.SENT, now, until
        if message is not None:
            draft.message = message
        token = token_of(draft)
        draft.token_hash = hash_of(token)
        draft.save()
        publish(
            DraftOrderSent(
                draft_id=draft.pk,
                number=draft.number,
                email=email,
                customer_id=draft.cart.customer_id,
                total_cents=priced.pricing.total_cents,
                currency=draft.cart.currency,
                valid_until=until,
                sealed_token=encrypt(token, purpose="quote link"),
                message=draft.message,
            )
        )
        return draft


def _email_of(draft: DraftOrder) -> str:
    cart = draft.cart
    found = cart.email or (active_email(cart.customer_id) if cart.customer_id else None)
    if not found:
        raise ValidationFailed.of("email", "required", "Say to whom the quote is sent.")
    return found


def _keep_prices(draft: DraftOrder, priced: Quote) -> None:
    prices = {line.variant.id: line.unit_price_cents for line in priced.lines if line.variant}
    lines = list(draft.cart.lines.all())
    for line in lines:
        line.seen_price_cents = prices[line.variant_id]
    CartLine.objects.bulk_update(lines, ["seen_price_cents"])
