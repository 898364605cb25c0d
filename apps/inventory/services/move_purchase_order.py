"""A purchase order is placed with the supplier, or given up (PEER-27)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.inventory.documents import locked
from apps.inventory.errors import StepNotPossible
from apps.inventory.models import PurchaseOrder, PurchaseOrderStatus
from apps.inventory.states import purchase_may


def order_purchase_order(*, order_id: UUID, vendor_id: UUID | None = None) -> PurchaseOrder:
    """Note that a draft was sent to the supplier; its goods are expected from now on.

    Locks the document. Raises DocumentNotFound, StepNotPossible. Serves PEER-27.
    """
    return _move(order_id, vendor_id, PurchaseOrderStatus.ORDERED)


def cancel_purchase_order(*, order_id: UUID, vendor_id: UUID | None = None) -> PurchaseOrder:
    """Expect nothing more; what has come already stays.

    Locks the document. Raises DocumentNotFound, StepNotPossible. Serves PEER-27.
    """
    return _move(order_id, vendor_id, PurchaseOrderStatus.CANCELLED)


def _move(order_id: UUID, vendor_id: UUID | None, status: PurchaseOrderStatus) -> PurchaseOrder:
    with transaction.atomic():
        order = locked(PurchaseOrder, order_id, vendor_id)
        if not purchase_may(order.status, status):
            raise StepNotPossible(f"{order.number} is {order.get_status_display().lower()}.")
        order.status = status
        if status == PurchaseOrderStatus.ORDERED:
            order.ordered_at = timezone.now()
        order.save(update_fields=["status", "ordered_at", "updated_at"])
        return order
