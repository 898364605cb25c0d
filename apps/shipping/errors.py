"""What shipping refuses, and why."""

from __future__ import annotations

from apps.common.errors import DomainError, InvalidTransition, NotFound


class ShipmentNotFound(NotFound):
    """No such shipment, or not the caller's."""

    code = "shipment_not_found"
    title = "There is no such shipment"


class OrderNotFound(NotFound):
    """No such order or vendor order, or not the caller's."""

    code = "order_not_found"
    title = "There is no such order"


class OrderNotPaid(DomainError):
    """Only what is paid leaves the house."""

    code = "order_not_paid"
    title = "The order is not paid"


class OrderHeld(DomainError):
    """The order stands still until somebody lets it go (PEER-13)."""

    code = "order_held"
    title = "The order is held"


class OrderIsCancelled(DomainError):
    """The order is off; its parcels stay."""

    code = "order_cancelled"
    title = "The order is cancelled"


class NothingToShip(DomainError):
    """Everything that needs a parcel has one."""

    code = "nothing_to_ship"
    title = "Nothing is left to ship"


class QuantityNotLeft(DomainError):
    """More than is left of a line."""

    code = "quantity_not_left"
    title = "Less is left to ship than was asked for"


class VendorOrderNeeded(DomainError):
    """Several vendors have something left, and a parcel is one vendor's."""

    code = "vendor_order_needed"
    title = "Name the vendor order that the parcel is for"


class NoShippingAddress(DomainError):
    """The order has no address to send to."""

    code = "no_shipping_address"
    title = "The order has no shipping address"


class ReturnNotAwaited(DomainError):
    """A label is for goods that are to come back: those of an approved return."""

    code = "return_not_awaited"
    title = "Nothing of this return is awaited"


class NoLabel(NotFound):
    """The shipment has no label, or it was voided."""

    code = "no_label"
    title = "This shipment has no label"


class ShipmentStuck(InvalidTransition):
    """The state table does not list the step."""

    code = "invalid_transition"
