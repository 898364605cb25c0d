"""Letting a round come to rest: what worker and beat do, without their waiting times."""

from __future__ import annotations

import time
from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from apps.events.models import Delivery
from apps.events.worker import drain
from apps.inventory.models import Transfer
from apps.inventory.services.cancel_transfer import cancel_transfer
from apps.inventory.states import TransferStatus
from apps.orders.models import Order
from apps.orders.services.expire_orders import expire_orders
from apps.orders.states import OrderStatus
from apps.payments.models import WebhookMessage
from apps.payments.services.recover_payments import work_owed

_OPEN_ORDERS = (OrderStatus.CREATED, OrderStatus.CONFIRMED)
_OPEN_TRANSFERS = (TransferStatus.DRAFT, TransferStatus.IN_TRANSIT)
_PATIENCE_SECONDS = 200.0


def settle() -> bool:
    """Expire, deliver, refund and bring transfers home until nothing is owed any more.

    Nobody else is at work. What a killed process has leased is due at once. False where there was
    too much of it for our patience.
    """
    # A killed process's last statement may still be under way on the server's side.
    time.sleep(0.3)
    _out_wait_orders()
    for transfer_id in Transfer.objects.filter(status__in=_OPEN_TRANSFERS).values_list("pk"):
        cancel_transfer(transfer_id=transfer_id[0])
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        past = timezone.now() - timedelta(seconds=1)
        Delivery.objects.filter(status__in=["pending", "leased"]).update(next_attempt_at=past)
        WebhookMessage.objects.filter(status="received").update(next_attempt_at=past)
        if not expire_orders() + drain() + work_owed():
            return True
    return False


def _out_wait_orders() -> None:
    """Until the time of every unpaid order of the round is over; those who pay have half an hour,
    and whoever of them has not paid by now has lost a race against the cancellation.
    """
    soon = timezone.now() + timedelta(seconds=5)
    last = Order.objects.filter(status__in=_OPEN_ORDERS, expires_at__lte=soon).aggregate(
        last=Max("expires_at")
    )["last"]
    if last is not None:
        time.sleep(max((last - timezone.now()).total_seconds(), 0) + 0.01)
