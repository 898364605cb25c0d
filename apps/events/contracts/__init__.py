"""The contracts of all events, one module per domain.

A subscriber imports its contract from here and never from the publisher.
"""

from apps.events.contracts.accounts import (
    PasswordResetRequested,
    UserDeactivated,
    UserMessageRequested,
    UserRegistered,
    UserUpdated,
)
from apps.events.contracts.base import REGISTRY, EventContract, Payload, contract_for
from apps.events.contracts.catalog import ProductCreated, ProductUpdated, ProductVariant
from apps.events.contracts.group_commerce import (
    CampaignCreated,
    CampaignExpired,
    CampaignJoined,
    CampaignSuccessful,
)
from apps.events.contracts.inventory import (
    InventoryInsufficient,
    InventoryLowStock,
    InventoryReleased,
    InventoryReserved,
    ProductOutOfStock,
    Shortage,
)
from apps.events.contracts.notifications import NotificationRequested
from apps.events.contracts.orders import (
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
    OrderDelivered,
    OrderItem,
    OrderPaid,
    OrderShipped,
)
from apps.events.contracts.payments import (
    PaymentAuthorized,
    PaymentCreated,
    PaymentFailed,
    PaymentSucceeded,
    RefundProcessed,
)
from apps.events.contracts.shipping import ShipmentUpdated, ShippedItem, ShippingLabelCreated
from apps.events.contracts.tenancy import StoreCreated, StoreDeleted, StoreUpdated

__all__ = [
    "REGISTRY",
    "CampaignCreated",
    "CampaignExpired",
    "CampaignJoined",
    "CampaignSuccessful",
    "EventContract",
    "InventoryInsufficient",
    "InventoryLowStock",
    "InventoryReleased",
    "InventoryReserved",
    "NotificationRequested",
    "OrderCancelled",
    "OrderConfirmed",
    "OrderCreated",
    "OrderDelivered",
    "OrderItem",
    "OrderPaid",
    "OrderShipped",
    "PasswordResetRequested",
    "Payload",
    "PaymentAuthorized",
    "PaymentCreated",
    "PaymentFailed",
    "PaymentSucceeded",
    "ProductCreated",
    "ProductOutOfStock",
    "ProductUpdated",
    "ProductVariant",
    "RefundProcessed",
    "ShipmentUpdated",
    "ShippedItem",
    "ShippingLabelCreated",
    "Shortage",
    "StoreCreated",
    "StoreDeleted",
    "StoreUpdated",
    "UserDeactivated",
    "UserMessageRequested",
    "UserRegistered",
    "UserUpdated",
    "contract_for",
]
