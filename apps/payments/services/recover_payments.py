"""Find what a crash, a lost hint or a silent gateway left behind (R11, R16, I-12, I-13)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.common.ids import uuid7
from apps.payments.models import CaptureMethod, Payment, Refund, RefundStatus
from apps.payments.services.release_payment import release_payment
from apps.payments.services.settle_refund import run_refund
from apps.payments.services.start_payment import start_payment
from apps.payments.services.sync_payment import sync_payment
from apps.payments.services.work_inbox import work_inbox
from apps.payments.states import PaymentState

log = structlog.get_logger(__name__)

_S = PaymentState
_BATCH = 50
# The request or a webhook settles most payments in a second; what is older gets asked for.
_PATIENCE = timedelta(seconds=60)
# The delivery of PaymentCreated has given up by then.
_RESTART_AFTER = timedelta(minutes=5)
# A gateway forgets an idempotency key after 24 hours: asking again would charge again.
_KEYS_LIVE = timedelta(hours=23)


def recover_payments() -> int:
    """Work left messages, refunds, holds of cancelled orders and unsettled payments.

    Must run with no transaction open. One that fails never keeps the others waiting. Returns how
    many things were taken up.
    """
    done = work_inbox()
    done += _each(run_refund, _pending_refunds())
    done += _each(_release, _held_for_nothing())
    _tell_of_forgotten()
    return done + _each(_ask, _unsettled())


def work_owed() -> int:
    """The part of recovering that a hint after a commit asks for; returns how many were tried."""
    done = work_inbox()
    done += _each(run_refund, _pending_refunds(timedelta(0)))
    return done + _each(_release, _held_for_nothing())


def _each(act: Callable[[Any], object], rows: Iterable[Any]) -> int:
    count = 0
    for row in rows:
        count += 1
        try:
            act(row)
        except Exception as error:
            log.warning("payment_recovery_failed", subject=str(row), exc_info=error)
    return count


def _pending_refunds(patience: timedelta = timedelta(seconds=10)) -> list[UUID]:
    before, after = timezone.now() - patience, timezone.now() - _KEYS_LIVE
    rows = Refund.objects.filter(
        status=RefundStatus.PENDING,
        gateway_refund_id="",
        created_at__lte=before,
        created_at__gt=after,
    )
    return list(rows.order_by("created_at").values_list("pk", flat=True)[:_BATCH])


def _held_for_nothing() -> list[UUID]:
    """Cancelled orders whose money is still held."""
    rows = Payment.objects.filter(
        status__in=[_S.PENDING, _S.REQUIRES_ACTION, _S.AUTHORIZED], order__status="cancelled"
    ).exclude(gateway_id="")
    return list(rows.values_list("order_id", flat=True)[:_BATCH])


def _release(order_id: UUID) -> None:
    release_payment(order_id=order_id, key=str(uuid7()))


def _unsettled() -> list[Payment]:
    now = timezone.now()
    known = ~Q(gateway_id="") & (
        Q(status__in=[_S.PENDING, _S.REQUIRES_ACTION])
        | Q(status=_S.AUTHORIZED, capture_method=CaptureMethod.AUTOMATIC)
    )
    unknown = Q(
        status=_S.PENDING,
        gateway_id="",
        created_at__lte=now - _RESTART_AFTER,
        created_at__gt=now - _KEYS_LIVE,
    )
    rows = Payment.objects.filter(
        known | unknown,
        status__in=[_S.PENDING, _S.REQUIRES_ACTION, _S.AUTHORIZED],
        created_at__lte=now - _PATIENCE,
    ).order_by("-created_at")
    return [payment for payment in rows[: _BATCH * 4] if _is_turn(payment)][:_BATCH]


def _tell_of_forgotten() -> None:
    """Call somebody, once a day, for what cannot be asked for any more: its key is forgotten at
    the gateway, and no message ever came. It is never charged again (I-13).
    """
    rows = Payment.objects.filter(
        status=_S.PENDING, gateway_id="", created_at__lte=timezone.now() - _KEYS_LIVE
    )
    for payment_id, order_id in rows.order_by("-created_at").values_list("pk", "order_id")[:_BATCH]:
        if cache.add(f"payments:forgotten:{payment_id}", 1, timeout=86_400):
            log.error("payment_outcome_lost", payment=str(payment_id), order=str(order_id))


def _is_turn(payment: Payment) -> bool:
    """Ask for a young payment often and for an old one seldom."""
    age = timezone.now() - payment.created_at
    pause = min(max(int(age.total_seconds() / 2), 15), 3600)
    return bool(cache.add(f"payments:asked:{payment.pk}", 1, timeout=pause))


def _ask(payment: Payment) -> None:
    if payment.gateway_id:
        sync_payment(payment)
        return
    finish = start_payment(payment.pk)
    if finish is not None:
        with transaction.atomic():
            finish()
