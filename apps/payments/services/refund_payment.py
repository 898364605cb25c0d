"""Give captured money back, all or a part (PAY-12, I-18, P9)."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import transaction

from apps.payments.gateways.base import GatewayUnavailable
from apps.payments.locks import find_payment, lock_payment
from apps.payments.models import Refund
from apps.payments.services.request_refund import request_refund
from apps.payments.services.settle_refund import run_refund

log = structlog.get_logger(__name__)


def refund_payment(
    *, payment_id: UUID, amount_cents: int | None = None, reason: str = "", key: str = ""
) -> Refund:
    """Refund `amount_cents` (None: all that is left) and return the refund as it stands.

    key: a caller who repeats it gets the refund of the first call, also after a crash; without
    one every call is a refund of its own. The refund's row is committed before the gateway is
    asked, and takes its part of the balance from then on: parallel refunds never exceed what was
    captured. While the gateway's answer is unknown it is pending and a worker asks again. Must
    run with no transaction open. Locks order and payment. Publishes RefundProcessed. Raises
    PaymentNotFound, StepNotPossible, AmountTooLarge.
    """
    with transaction.atomic():
        _, payment = lock_payment(find_payment(payment_id))
        refund = payment.refunds.filter(key=key).first() if key else None
        if refund is None:
            refund = request_refund(payment, amount_cents=amount_cents, reason=reason, key=key)
    try:
        run_refund(refund.pk)
    except GatewayUnavailable as error:
        log.warning("refund_still_pending", refund=str(refund.pk), reason=error.code)
    return Refund.objects.select_related("payment").get(pk=refund.pk)
