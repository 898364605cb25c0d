"""What runs in the processes of a round: buyers, the stock keeper, and the worker."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from apps.accounts.models import User
from apps.common.context import StoreRef
from apps.common.errors import DomainError
from apps.common.stores import enter_store
from apps.events.worker import drain
from apps.inventory.documents import LineInput
from apps.inventory.services.adjust_stock import adjust_stock
from apps.inventory.services.create_transfer import create_transfer
from apps.inventory.services.dispatch_transfer import dispatch_transfer
from apps.inventory.services.receive_transfer import receive_transfer
from apps.orders.errors import StepNotPossible
from apps.orders.models import Order, VendorOrder
from apps.orders.ports import PaymentWish
from apps.orders.services.cancel_order import cancel_order
from apps.orders.services.check_out import check_out
from apps.orders.services.expire_orders import expire_orders
from apps.orders.states import OrderStatus
from apps.orders.types import DEFAULT_EXPIRY, LineRequest, NewOrder
from apps.payments.services.create_payment import create_payment
from apps.payments.services.recover_payments import work_owed
from apps.shipping.models import Shipment, ShipmentStatus
from apps.shipping.services.create_shipment import create_shipment
from apps.shipping.services.deliver_shipment import deliver_shipment
from apps.shipping.services.ship_shipment import ship_shipment
from tests.races.journal import Journal
from tests.races.plan import WAREHOUSES, Buyer, Round

ADDRESS = {
    "name": "Ada",
    "line1": "1 Way",
    "city": "Springfield",
    "state": "IL",
    "postal_code": "62701",
    "country": "US",
}
CARD, DECLINED = "pm_card_visa", "pm_card_chargeDeclined"
# An unpaid order's time, for those who leave and those who pay when it is over.
LIFETIME = timedelta(seconds=0.4)
_PAYS_AT_ONCE = {"pays": CARD, "pays with a second card": DECLINED, "pays and cancels": CARD}
# A refusal that a buyer may get: the order, or its payment, went another way meanwhile.
_EXPECTED = {"order_not_payable", "payment_open", "nothing_to_pay"}


def buy_all(store: StoreRef, buyers: Sequence[Buyer], journal: Journal) -> None:
    """Every buyer's errand, one after the other, but for those who have done theirs."""
    finished = {entry["key"] for entry in journal.read() if entry["what"] == "finished"}
    with enter_store(store):
        for buyer in buyers:
            if buyer.key in finished:
                continue
            try:
                order_id, shown = _errand(buyer, journal)
                journal.write(what="finished", key=buyer.key, order=str(order_id), shown=shown)
            except Exception as error:
                journal.write(what="finished", key=buyer.key, order="", shown="")
                journal.write(what="fault", key=buyer.key, error=f"{type(error).__name__}: {error}")


def _errand(buyer: Buyer, journal: Journal) -> tuple[UUID, str]:
    """Order, and do what the buyer means to do; the order, and its status as they were told."""
    wish = _PAYS_AT_ONCE.get(buyer.fate)
    done = check_out(
        _order_of(buyer),
        payment=PaymentWish(wish) if wish else None,
        user=AnonymousUser(),
    )
    order = done.order
    journal.write(what="answered", key=buyer.key, order=str(order.pk))
    if order.status != OrderStatus.CANCELLED:
        _go_on(buyer, order)
    return order.pk, str(order.status)


def _order_of(buyer: Buyer) -> NewOrder:
    short = buyer.fate in {"leaves", "pays at the last moment"}
    return NewOrder(
        items=[LineRequest(sku=sku, quantity=units) for sku, units in buyer.basket],
        currency="USD",
        email=buyer.email,
        shipping_address=ADDRESS,
        request_key=buyer.key,
        expires_at=timezone.now() + LIFETIME if short else DEFAULT_EXPIRY,
    )


def _go_on(buyer: Buyer, order: Order) -> None:
    if buyer.fate == "pays at the last moment":
        assert order.expires_at is not None
        _sleep_until(order.expires_at + timedelta(milliseconds=random.uniform(-15, 25)))
    if buyer.fate in {"pays later", "pays with a second card", "pays at the last moment"}:
        _pay(buyer, order.pk)
    if buyer.fate in {"cancels", "pays and cancels"}:
        # Its parcel may have been quicker.
        with suppress(StepNotPossible):
            cancel_order(order_id=order.pk, reason="customer", repeatable=True)


def _pay(buyer: Buyer, order_id: UUID) -> None:
    try:
        create_payment(
            order_id=order_id,
            payment_method=CARD,
            user=AnonymousUser(),
            email=buyer.email,
            key=f"{buyer.key}:pay",
        )
    except DomainError as error:
        if error.code not in _EXPECTED:
            raise


def _sleep_until(moment: datetime) -> None:
    # At most so long: a repeat of one who has paid finds an order that has more time.
    left = min(moment - timezone.now(), LIFETIME)
    time.sleep(max(left.total_seconds(), 0))


def keep_stock(store: StoreRef, planned: Round, journal: Journal, over: Path) -> None:
    """Move goods between warehouses and correct counts, until it is over."""
    rng = random.Random()
    skus = [good.sku for good in planned.goods]
    with enter_store(store):
        while not over.exists():
            try:
                if rng.random() < 0.5:
                    _transfer(rng, rng.choice(skus))
                else:
                    _correct(rng, rng.choice(skus), journal)
            except DomainError:
                # Orders hold what would have gone.
                pass
            except Exception as error:
                journal.write(what="fault", key="stock", error=f"{type(error).__name__}: {error}")
            time.sleep(rng.uniform(0.0, 0.1))


def _transfer(rng: random.Random, sku: str) -> None:
    start, end = rng.sample(WAREHOUSES, 2)
    units = rng.randint(1, 3)
    draft = create_transfer(source=start, destination=end, lines=[LineInput(sku, units)])
    dispatch_transfer(transfer_id=draft.pk)
    receive_transfer(transfer_id=draft.pk, received={sku: units})


def _correct(rng: random.Random, sku: str, journal: Journal) -> None:
    delta = rng.choice([-2, -1, 1, 2])
    reason = f"Correction {rng.getrandbits(64):x}"
    journal.write(what="correcting", reason=reason, sku=sku, delta=delta)
    adjust_stock(sku=sku, delta=delta, reason=reason, warehouse=rng.choice(WAREHOUSES))
    journal.write(what="corrected", reason=reason, sku=sku, delta=delta)


def work(store: StoreRef, journal: Journal, over: Path) -> None:
    """What worker and beat do: expire orders, work off deliveries and payments' messages."""
    with enter_store(store):
        while not over.exists():
            try:
                expire_orders()
                drain(limit=8)
                work_owed()
            except Exception as error:
                journal.write(what="fault", key="worker", error=f"{type(error).__name__}: {error}")
            time.sleep(0.005)


def send_parcels(store: StoreRef, journal: Journal, over: Path) -> None:
    """What the people do who pack: label what is paid, also what the worker is about to label, and
    hand it over. Most stays where it is.
    """
    with enter_store(store):
        packer = User.objects.get(role="owner")
        while not over.exists():
            try:
                _send_one(packer)
            except DomainError:
                # Its order was cancelled, or the worker was quicker.
                pass
            except Exception as error:
                journal.write(what="fault", key="parcels", error=f"{type(error).__name__}: {error}")
            time.sleep(random.uniform(0.1, 0.5))


def _send_one(packer: User) -> None:
    paid = VendorOrder.objects.filter(order__payment_status="paid", order__status="paid")
    own = paid.order_by("?").first()
    if own is None:
        return
    labelled = Shipment.objects.filter(vendor_order=own, status=ShipmentStatus.LABEL_CREATED)
    parcel = labelled.first() or create_shipment(user=packer, vendor_order_id=own.pk)
    ship_shipment(shipment_id=parcel.pk)
    if random.random() < 0.5:
        deliver_shipment(shipment_id=parcel.pk)
