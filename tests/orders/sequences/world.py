"""One order and everything that can be done to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.common.errors import DomainError
from apps.inventory.facade import adjust_stock
from apps.orders.editing import EditRequest
from apps.orders.models import Order, OrderLine, Return
from apps.orders.return_types import ReceivedUnits, ReturnLineRequest
from apps.orders.services.approve_return import approve_return
from apps.orders.services.cancel_order import cancel_order
from apps.orders.services.cancel_return import cancel_return
from apps.orders.services.complete_return import complete_return
from apps.orders.services.decline_return import decline_return
from apps.orders.services.edit_order import edit_order
from apps.orders.services.expire_orders import expire_orders
from apps.orders.services.hold_order import hold_order
from apps.orders.services.receive_return import receive_return
from apps.orders.services.release_order import release_order
from apps.orders.services.request_return import request_return
from apps.payments.facade import capture_payment, create_payment, refund_payment, void_payment
from apps.payments.models import Payment
from apps.shipping.models import Shipment
from apps.shipping.services.deliver_shipment import deliver_shipment
from apps.shipping.services.ship_shipment import ship_shipment
from tests.orders.sequences.changes import changes, forget_changes
from tests.support.work import drain_all

ACTIONS = (
    "pay",
    "authorise",
    "decline",
    "capture",
    "void",
    "refund",
    "cancel",
    "expire",
    "hold",
    "release",
    "edit",
    "ship",
    "deliver",
    "ask back",
    "approve",
    "turn down",
    "call off",
    "receive",
    "complete",
    "adjust",
    "work",
)


class World:
    """The order under test. Every action is one call of a service, chosen by a small number."""

    def __init__(self, order_id: UUID, user: Any, skus: tuple[str, ...]) -> None:
        self.order_id = order_id
        self.user = user
        self.skus = skus
        self.actions: dict[str, Callable[[int], object]] = {
            "pay": self._pay,
            "authorise": self._authorise,
            "decline": self._decline,
            "capture": lambda n: capture_payment(payment_id=self._payment(), key=f"c{n}"),
            "void": lambda n: void_payment(payment_id=self._payment(), key=f"v{n}"),
            "refund": lambda n: refund_payment(
                payment_id=self._payment(), amount_cents=1 + 500 * n, key=""
            ),
            "cancel": lambda n: cancel_order(order_id=order_id, reason="staff"),
            "expire": self._expire,
            "hold": lambda n: hold_order(order_id=order_id, reason="Look at it"),
            "release": lambda n: release_order(order_id=order_id),
            "edit": self._edit,
            "ship": lambda n: ship_shipment(shipment_id=self._parcel(n)),
            "deliver": lambda n: deliver_shipment(shipment_id=self._parcel(n)),
            "ask back": self._ask_back,
            "approve": lambda n: approve_return(return_id=self._return(n)),
            "turn down": lambda n: decline_return(return_id=self._return(n), reason="No"),
            "call off": lambda n: cancel_return(return_id=self._return(n)),
            "receive": self._receive,
            "complete": lambda n: complete_return(return_id=self._return(n)),
            "adjust": self._adjust,
            "work": lambda n: drain_all(),
        }

    def take(self, name: str, number: int) -> bool:
        """Do it; whether it was allowed. A refused one must have changed nothing."""
        forget_changes()
        try:
            # The gateway is asked between transactions, so payments open their own.
            self.actions[name](number)
        except (DomainError, Missing):
            written = changes()
            assert written == [], f"{name} {number} was refused and changed something"
            return False
        return True

    def _pay(self, number: int) -> object:
        return create_payment(order_id=self.order_id, payment_method="pm_card_visa", user=self.user)

    def _authorise(self, number: int) -> object:
        return create_payment(
            order_id=self.order_id,
            payment_method="pm_card_visa",
            capture="manual",
            user=self.user,
        )

    def _decline(self, number: int) -> object:
        return create_payment(
            order_id=self.order_id, payment_method="pm_card_chargeDeclined", user=self.user
        )

    def _payment(self) -> UUID:
        found = Payment.objects.filter(order_id=self.order_id).order_by("-created_at").first()
        if found is None:
            raise Missing
        return found.pk

    def _parcel(self, number: int) -> UUID:
        parcels = list(Shipment.objects.filter(order_id=self.order_id).order_by("pk"))
        if not parcels:
            raise Missing
        return parcels[number % len(parcels)].pk

    def _return(self, number: int) -> UUID:
        found = list(Return.objects.filter(order_id=self.order_id).order_by("pk"))
        if not found:
            raise Missing
        return found[number % len(found)].pk

    def _line(self, number: int) -> OrderLine:
        lines = list(OrderLine.objects.filter(order_id=self.order_id).order_by("position"))
        return lines[number % len(lines)]

    def _expire(self, number: int) -> object:
        past = timezone.now() - timedelta(minutes=1)
        Order.objects.filter(pk=self.order_id, expires_at__isnull=False).update(expires_at=past)
        return expire_orders()

    def _edit(self, number: int) -> object:
        wanted = ((self._line(number).pk, number),)
        return edit_order(
            order_id=self.order_id, request=EditRequest(lines=wanted, reason="Asked for")
        )

    def _ask_back(self, number: int) -> object:
        row = ReturnLineRequest(self._line(number).pk, 1 + number % 3, "damaged")
        return request_return(order_id=self.order_id, lines=[row])

    def _receive(self, number: int) -> object:
        found = Return.objects.get(pk=self._return(number))
        line = found.lines.order_by("pk").first()
        if line is None:
            raise Missing
        units = ReceivedUnits(line.order_line_id, 1, restock=bool(number % 2))
        return receive_return(return_id=found.pk, units=[units])

    def _adjust(self, number: int) -> object:
        sku = self.skus[number % len(self.skus)]
        return adjust_stock(sku=sku, delta=(-2, -1, 1, 2)[number % 4], reason="Counted")


class Missing(Exception):
    """There is nothing yet to do it to."""


__all__ = ["ACTIONS", "Missing", "World"]
