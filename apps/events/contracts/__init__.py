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
from apps.events.contracts.catalog import (
    CategoryUpdated,
    MediaAdded,
    ProductApproved,
    ProductChangesRequested,
    ProductCreated,
    ProductRejected,
    ProductsImported,
    ProductSubmitted,
    ProductUpdated,
    ProductVariant,
    VendorApplied,
    VendorApproved,
    VendorReactivated,
    VendorRejected,
    VendorSuspended,
)
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
    ProductBackInStock,
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
    "CategoryUpdated",
    "EventContract",
    "InventoryInsufficient",
    "InventoryLowStock",
    "InventoryReleased",
    "InventoryReserved",
    "MediaAdded",
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
    "ProductApproved",
    "ProductBackInStock",
    "ProductChangesRequested",
    "ProductCreated",
    "ProductOutOfStock",
    "ProductRejected",
    "ProductSubmitted",
    "ProductUpdated",
    "ProductVariant",
    "ProductsImported",
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
    "VendorApplied",
    "VendorApproved",
    "VendorReactivated",
    "VendorRejected",
    "VendorSuspended",
    "contract_for",
]
