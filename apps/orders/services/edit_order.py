"""Edit an order that was placed: its lines, its address, how it is sent (PEER-08)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.common.ids import uuid7
from apps.events.contracts import OrderEdited, OrderPaid
from apps.events.facade import publish
from apps.orders.dues import due_cents, kept_cents, status_by_figures
from apps.orders.editing import EditPlan, EditRequest, check_editable, plan_edit
from apps.orders.facts import fact, move_paid, remember, write
from apps.orders.locks import locked_order
from apps.orders.models import Order
from apps.orders.quoting import customer_key
from apps.orders.return_worth import given_beyond_cents
from apps.orders.services.apply_company_terms import check_credit
from apps.orders.services.apply_shipment import refresh_fulfillment
from apps.orders.services.owe_edit_refund import owe_edit_refund
from apps.orders.services.settle_free_order import settle_free_order
from apps.orders.services.sync_promotions import sync_promotions
from apps.orders.services.write_edit import delete_removed, note_changes, write_plan
from apps.orders.states import GOES_ON, OrderStatus, PaymentStatus
from apps.orders.writing import event_items, ship_to_of

_SUMS = (
    "subtotal_cents",
    "discount_cents",
    "tax_cents",
    "shipping_cents",
    "total_cents",
)
# Where an order stands of which nothing was captured because it cost nothing: at first, and once
# an edit has made it dearer.
_COST_NOTHING = (PaymentStatus.PAID, PaymentStatus.PARTIALLY_PAID)


@dataclass(frozen=True, slots=True)
class EditResult:
    """What an edit came to. before, after: the order's sums. refund_cents goes back by itself;
    due_cents is to be paid. changed: whether there was anything to do.
    """

    order: Order
    before: dict[str, int]
    after: dict[str, int]
    refund_cents: int
    due_cents: int
    changed: bool


def edit_order(*, order_id: UUID, request: EditRequest) -> EditResult:
    """Change the order in one transaction: lines, sums, stock, promotions and what is owed.

    Locks the order, then what its reactions lock. An edit that changes nothing does nothing.
    Publishes OrderEdited, at which stock is reserved or given back and parcels that no longer fit
    are cancelled; OrderRefundDue when more was paid than it costs now; OrderPaid when what was
    paid suffices now. One on account must stay within its company's credit when it costs more.
    Raises OrderNotFound, StepNotPossible, ValidationFailed, OutOfStock, PromotionExhausted,
    CreditLimitExceeded, and nothing is written. Serves PEER-08, PEER-25.
    """
    with transaction.atomic():
        order = locked_order(order_id)
        check_editable(order)
        before = _sums(order)
        plan = plan_edit(order, request)
        if plan is None:
            return EditResult(order, before, before, 0, due_cents(order), changed=False)
        refund = _apply(order, plan, request)
        return EditResult(order, before, _sums(order), refund, due_cents(order), changed=True)


def _sums(order: Order) -> dict[str, int]:
    return {name: getattr(order, name) for name in _SUMS}


def _apply(order: Order, plan: EditPlan, request: EditRequest) -> int:
    edit_id = uuid7()
    dearer = plan.quote.pricing.total_cents > order.total_cents
    note_changes(order, plan, reason=request.reason)
    lines = write_plan(order, plan)
    counted = {variant.id: variant.track_inventory for variant, _ in plan.quote.goods()}
    publish(
        OrderEdited(
            **fact(order),
            items=event_items(lines, counted, order.currency),
            ship_to=ship_to_of(order),
        )
    )
    # After stock: whoever holds a promotion's row holds its levels already.
    sync_promotions(
        order=order,
        applied=plan.quote.pricing.applied,
        customer_key=customer_key(order.customer_id, order.email),
    )
    if dearer and order.payment_terms_days is not None:
        check_credit(order)
    delete_removed(order, plan)
    # The reactions may have moved parcels of the order.
    order.refresh_from_db(fields=["status", "fulfillment_status"])
    refund = _settle(order, edit_id, request.reason)
    refresh_fulfillment(order, reason=request.reason)
    return refund


def _settle(order: Order, edit_id: UUID, reason: str) -> int:
    """Let the money follow the new total; returns what is owed to the buyer."""
    if not order.paid_cents and order.payment_status not in _COST_NOTHING:
        settle_free_order(order)
        return 0
    kept = kept_cents(order)
    too_much = kept - order.total_cents
    if too_much > 0:
        # What a return gave back to the last subunit does not go back once more.
        too_much -= given_beyond_cents(order)
    refund = owe_edit_refund(order, amount_cents=too_much, source_id=edit_id, reason=reason)
    status = status_by_figures(order, kept=kept - refund)
    if order.status == OrderStatus.CONFIRMED and status in GOES_ON:
        move_paid(order, payment_status=status, paid_at=timezone.now())
        publish(OrderPaid(**fact(order), payment_id=None))
    elif status != order.payment_status:
        previous = order.payment_status
        write(order, payment_status=status)
        remember(order, field="payment_status", old=previous, new=status, reason=reason)
    return refund


__all__ = ["EditResult", "edit_order"]
