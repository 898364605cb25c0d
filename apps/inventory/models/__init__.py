"""The tables of stock."""

from apps.inventory.models.documents import (
    PurchaseOrder,
    PurchaseOrderLine,
    Transfer,
    TransferLine,
)
from apps.inventory.models.stock import (
    BackorderMode,
    BackorderPolicy,
    MovementKind,
    Reservation,
    ReservationStatus,
    StockLevel,
    StockMovement,
    Warehouse,
)
from apps.inventory.states import PurchaseOrderStatus, TransferStatus

__all__ = [
    "BackorderMode",
    "BackorderPolicy",
    "MovementKind",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "PurchaseOrderStatus",
    "Reservation",
    "ReservationStatus",
    "StockLevel",
    "StockMovement",
    "Transfer",
    "TransferLine",
    "TransferStatus",
    "Warehouse",
]
