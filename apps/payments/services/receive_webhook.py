"""Take a gateway's message in: verify, keep, answer; it is worked afterwards (P1, P2, PAY-04)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from apps.common.queries import insert
from apps.payments.errors import SignatureRefused
from apps.payments.gateways.base import SignatureInvalid
from apps.payments.gateways.registry import gateway_named
from apps.payments.models import WebhookMessage
from apps.payments.services.work_inbox import work_message
from apps.payments.wakeup import payments as wakeup

log = structlog.get_logger(__name__)

# A bearer of these could act for the payer; the inbox needs none of them.
_SECRET_FIELDS = {"client_secret", "billing_details", "payment_method_details", "receipt_email"}


def receive_webhook(
    *, gateway: str, body: bytes, headers: Mapping[str, str], work_now: bool = False
) -> None:
    """Verify `body` and keep it in the inbox, once per gateway event id.

    After the commit a worker is told; with `work_now` (the sandbox, which runs in this process)
    the message is worked right here. A failure of either loses nothing: the row waits for the
    sweep. Raises SignatureRefused, with nothing written.
    """
    message = _verified(gateway, body, headers)
    with transaction.atomic(savepoint=False):
        insert(message, ignore_conflicts=True)
        if work_now:
            transaction.on_commit(partial(_work_quietly, message.pk))
        else:
            wakeup.on_commit()


def receive_webhooks(gateway: str, told: Iterable[tuple[bytes, Mapping[str, str]]]) -> None:
    """The same of several at once (bodies and headers), for a caller who works the inbox next.

    In the caller's transaction. Raises SignatureRefused, with nothing written.
    """
    messages = [_verified(gateway, body, headers) for body, headers in told]
    WebhookMessage.objects.bulk_create(messages, ignore_conflicts=True)


def _verified(gateway: str, body: bytes, headers: Mapping[str, str]) -> WebhookMessage:
    try:
        event = gateway_named(gateway).parse_webhook(body, headers)
    except SignatureInvalid as error:
        log.warning("webhook_refused", gateway=gateway, reason=str(error))
        raise SignatureRefused(
            "Send the raw body with the gateway's own signature, at most 300 seconds old."
        ) from error
    return WebhookMessage(
        gateway=gateway,
        event_id=_storable(event.event_id),
        type=_storable(event.type),
        payload=_storable(event.payload),
        next_attempt_at=timezone.now(),
    )


def _work_quietly(message_id: UUID) -> None:
    try:
        work_message(message_id)
    except Exception as error:
        log.warning("webhook_left_for_the_sweep", message=str(message_id), exc_info=error)


def _storable(value: Any) -> Any:
    """The value without secrets, and without text that PostgreSQL cannot keep."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {
            _storable(name): _storable(item)
            for name, item in value.items()
            if name not in _SECRET_FIELDS
        }
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value
