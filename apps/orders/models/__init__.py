"""The tables of selling, a file for each part of it."""

from apps.orders.models.carts import Cart, CartLine, CartStatus, DraftOrder, DraftStatus
from apps.orders.models.companies import Organization, OrganizationMember, OrganizationRole
from apps.orders.models.delivery import RateBasis, ShippingMethod, ShippingZone
from apps.orders.models.invoices import Invoice, InvoiceKind, NumberSeries
from apps.orders.models.markets import Market, TaxRate
from apps.orders.models.orders import (
    HoldKind,
    Order,
    OrderHistory,
    OrderLine,
    OrderNote,
    OrderParcel,
    OrderTrace,
    VendorOrder,
)
from apps.orders.models.promotions import Coupon, Promotion, PromotionKind, PromotionUse
from apps.orders.models.returns import (
    Return,
    ReturnKind,
    ReturnLine,
    ReturnReason,
    ReturnStatus,
)

__all__ = [
    "Cart",
    "CartLine",
    "CartStatus",
    "Coupon",
    "DraftOrder",
    "DraftStatus",
    "HoldKind",
    "Invoice",
    "InvoiceKind",
    "Market",
    "NumberSeries",
    "Order",
    "OrderHistory",
    "OrderLine",
    "OrderNote",
    "OrderParcel",
    "OrderTrace",
    "Organization",
    "OrganizationMember",
    "OrganizationRole",
    "Promotion",
    "PromotionKind",
    "PromotionUse",
    "RateBasis",
    "Return",
    "ReturnKind",
    "ReturnLine",
    "ReturnReason",
    "ReturnStatus",
    "ShippingMethod",
    "ShippingZone",
    "TaxRate",
    "VendorOrder",
]
