"""A supplier's goods arrive, or some of them (PEER-27)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.common.errors import FieldError, ValidationFailed
from apps.inventory.documents import lines_of, locked, match_lines
from apps.inventory.errors import StepNotPossible, TooMuchReceived
from apps.inventory.models import (
    MovementKind,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseOrderStatus,
)
from apps.inventory.services.move_units import lock_or_create, move_units
from apps.inventory.states import purchase_may
from apps.inventory.types import MOST_UNITS


def receive_purchase_order(
    *,
    order_id: UUID,
    received: Mapping[str, int],
    allow_over: bool = False,
    vendor_id: UUID | None = None,
) -> PurchaseOrder:
    """Put what came on hand at the order's warehouse.

    received: SKU → units. allow_over: the supplier may have sent more than was ordered. Locks the
    document, then the variants' levels. Publishes what arriving goods publish. Raises
    DocumentNotFound, StepNotPossible, ValidationFailed, TooMuchReceived, TooMuchStock. Serves
    PEER-27.
    """
    with transaction.atomic():
        order = locked(PurchaseOrder, order_id, vendor_id)
        if not purchase_may(order.status, PurchaseOrderStatus.RECEIVED):
            raise StepNotPossible(f"{order.number} is {order.get_status_display().lower()}.")
        if not received:
            raise ValidationFailed.of("lines", "required", "Say what came.")
        lines: list[PurchaseOrderLine] = lines_of(order.lines.all())
        units = match_lines(lines, received)
        _check(lines, units, allow_over)
        deltas = {line.variant_id: units[line.pk] for line in lines if units.get(line.pk)}
        for line in lines:
            line.received += units.get(line.pk, 0)
        move_units(
            warehouse=order.warehouse,
            levels=lock_or_create(order.warehouse, deltas),
            deltas=deltas,
            kind=MovementKind.RECEIPT,
            reason=f"From {order.supplier}",
            reference_id=order.id,
            reference=order.number,
        )
        PurchaseOrderLine.objects.bulk_update(lines, ["received"])
        complete = all(line.received >= line.quantity for line in lines)
        states = PurchaseOrderStatus
        order.status = states.RECEIVED if complete else states.PARTIALLY_RECEIVED
        order.received_at = timezone.now()
        order.save(update_fields=["status", "received_at", "updated_at"])
        return order


def _check(lines: list[PurchaseOrderLine], units: Mapping[UUID, int], allow_over: bool) -> None:
    rows = {line.pk: line for line in lines}
    errors = []
    for index, (pk, count) in enumerate(units.items()):
        left = max(rows[pk].quantity - rows[pk].received, 0)
        if count > (MOST_UNITS - rows[pk].received if allow_over else left):
            errors.append(
                FieldError(
                    f"lines.{index}.quantity", TooMuchReceived.code, f"{left} are still expected."
                )
            )
    if errors:
        raise TooMuchReceived(f"{errors[0].field}: {errors[0].detail}", errors=errors)
