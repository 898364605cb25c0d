"""Work the webhook inbox: one transaction per message, taken by one worker at a time (P1, P11)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.payments.errors import EventRefused
from apps.payments.gateways.base import GatewayEvent, GatewayResult
from apps.payments.gateways.registry import gateway_named
from apps.payments.gateways.sandbox import send_owed
from apps.payments.models import InboxStatus, Payment, Refund, WebhookMessage
from apps.payments.services.apply_gateway_state import apply_gateway_state, is_known
from apps.payments.services.settle_refund import settle_refund

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 8
_FIRST_RETRY_SECONDS = 2
_MANY = 50


def work_inbox(limit: int = 500) -> int:
    """Work what is due in the current store, at most `limit`; returns how many were tried."""
    done = 0
    while done < limit:
        # Nobody else runs the built-in gateway: what it has to tell is sent from here.
        send_owed()
        settled = settle_known()
        if not settled:
            break
        done += settled
    while done < limit and work_message():
        done += 1
    return done


def settle_known(limit: int = _MANY) -> int:
    """Mark due messages that tell what is written here already, all at once; returns how many.

    Most messages are such: the gateway's own answer came first. The others are left alone.
    """
    with transaction.atomic():
        due = _due().order_by("next_attempt_at")[:limit]
        told = {message: _result_of(message) for message in due}
        named = [result.metadata.get("payment_id") for result in told.values() if result]
        payments = {
            str(row.pk): row for row in Payment.objects.filter(pk__in=filter(_is_id, named))
        }
        known = [
            message.pk
            for message, result in told.items()
            if result
            and is_known(
                payments.get(str(result.metadata.get("payment_id"))),
                gateway=message.gateway,
                result=result,
            )
        ]
        return WebhookMessage.objects.filter(pk__in=known).update(
            status=InboxStatus.PROCESSED, attempts=F("attempts") + 1, processed_at=timezone.now()
        )


def _result_of(message: WebhookMessage) -> GatewayResult | None:
    event = gateway_named(message.gateway).read_event(message.payload)
    return None if event.problem else event.result


def _is_id(text: object) -> bool:
    try:
        return bool(UUID(str(text)))
    except ValueError:
        return False


def work_message(message_id: UUID | None = None) -> bool:
    """Work the next due message (or the given one); False when there was none to take.

    The message is marked in the transaction that applies it. One that lies about its payment is
    kept as failed at once; anything else that goes wrong is tried again, 8 times.
    """
    message: WebhookMessage | None = None
    try:
        with transaction.atomic():
            message = _claim(message_id)
            if message is None:
                return False
            status = _apply(message)
            WebhookMessage.objects.filter(pk=message.pk).update(
                status=status,
                attempts=message.attempts + 1,
                processed_at=timezone.now(),
                error="",
            )
    except Exception as error:
        if message is None:
            raise
        _fail(message, error)
    return True


def _claim(message_id: UUID | None) -> WebhookMessage | None:
    if message_id is not None:
        return _received().filter(pk=message_id).first()
    return _due().order_by("next_attempt_at").first()


def _received() -> QuerySet[WebhookMessage]:
    """Locked as they are read, without those that another worker holds."""
    rows = WebhookMessage.objects.select_for_update(skip_locked=True)
    return rows.filter(status=InboxStatus.RECEIVED)


def _due() -> QuerySet[WebhookMessage]:
    return _received().filter(next_attempt_at__lte=timezone.now())


def _apply(message: WebhookMessage) -> InboxStatus:
    event = gateway_named(message.gateway).read_event(message.payload)
    if event.problem:
        raise EventRefused(event.problem)
    if event.result is not None:
        apply_gateway_state(gateway=message.gateway, result=event.result)
        return InboxStatus.PROCESSED
    return InboxStatus.PROCESSED if _applies_refund(event) else InboxStatus.IGNORED


def _applies_refund(event: GatewayEvent) -> bool:
    told = event.refund
    if told is None or not told.refund_id:
        return False
    refund = Refund.objects.filter(pk=told.refund_id).first()
    if refund is None:
        raise EventRefused("The metadata names no refund of this store.")
    if refund.amount_cents != told.amount_cents:
        raise EventRefused("The refunded amount differs from ours.")
    settle_refund(refund_id=refund.pk, told=told)
    return True


def _fail(message: WebhookMessage, error: Exception) -> None:
    """Keep the reason; back off, or stop where trying again cannot help."""
    attempts = message.attempts + 1
    lost = isinstance(error, EventRefused) or attempts >= MAX_ATTEMPTS
    log.warning(
        "webhook_failed",
        gateway=message.gateway,
        event_id=message.event_id,
        type=message.type,
        attempts=attempts,
        given_up=lost,
        reason=repr(error)[:500],
    )
    wait = timedelta(seconds=_FIRST_RETRY_SECONDS * 2**message.attempts)
    WebhookMessage.objects.filter(pk=message.pk, status=InboxStatus.RECEIVED).update(
        status=InboxStatus.FAILED if lost else InboxStatus.RECEIVED,
        attempts=attempts,
        error=f"{type(error).__name__}: {error}"[:2000],
        next_attempt_at=timezone.now() + wait,
    )


def work_again(message_ids: list[UUID]) -> int:
    """Make failed messages due again (admin); returns how many."""
    return WebhookMessage.objects.filter(pk__in=message_ids, status=InboxStatus.FAILED).update(
        status=InboxStatus.RECEIVED, attempts=0, error="", next_attempt_at=timezone.now()
    )
