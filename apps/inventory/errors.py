"""Errors of stock."""

from __future__ import annotations

from apps.common.errors import DomainError, FieldError, InvalidTransition, NotFound


class SkuNotFound(NotFound):
    """No variant of the caller's has this SKU."""

    code = "sku_not_found"
    title = "There is no such SKU"

    @classmethod
    def of(cls, sku: str) -> SkuNotFound:
        """The error for one SKU, naming the field."""
        detail = f"There is no variant with the SKU '{sku[:64]}'."
        return cls(detail, errors=[FieldError("sku", cls.code, detail)])


class SkuAmbiguous(DomainError):
    """Several vendors use this SKU."""

    code = "sku_ambiguous"
    title = "Several vendors use this SKU"


class WarehouseNotFound(NotFound):
    """No warehouse has this code."""

    code = "warehouse_not_found"
    title = "There is no such warehouse"

    @classmethod
    def of(cls, code: str) -> WarehouseNotFound:
        """The error for one code, naming the field."""
        detail = f"There is no warehouse '{code[:50]}'."
        return cls(detail, errors=[FieldError("warehouse", cls.code, detail)])


class WarehouseExists(DomainError):
    """The code is taken."""

    code = "warehouse_exists"
    title = "A warehouse with this code exists already"


class DefaultWarehouse(DomainError):
    """Stock must have somewhere to go."""

    code = "default_warehouse"
    title = "The default warehouse must stay active; make another one the default first"


class BelowReserved(DomainError):
    """Orders hold more than would be left on hand."""

    code = "below_reserved"
    title = "Orders hold more than that"

    @classmethod
    def of(cls, *, sku: str, wanted: int, reserved: int) -> BelowReserved:
        """The error with the figures."""
        detail = (
            f"{reserved} of '{sku}' are reserved for orders; {wanted} on hand would be too few."
        )
        return cls(detail, extra={"reserved": reserved})


class NegativeStock(DomainError):
    """More would be taken than is there."""

    code = "negative_stock"
    title = "There is not that much on hand"


class TooMuchStock(DomainError):
    """More than a level can count."""

    code = "too_much_stock"
    title = "A warehouse holds at most 1,000,000,000 of one SKU"


class OutOfStock(DomainError):
    """More is asked for than can be sold; `shortages` says of what."""

    code = "out_of_stock"
    title = "There is not enough stock"


class AlreadyShipped(DomainError):
    """What has left cannot be taken off an order."""

    code = "already_shipped"
    title = "That has been shipped already"


class BelowBackordered(DomainError):
    """More wait for goods than the new limit allows."""

    code = "below_backordered"
    title = "More than that are back-ordered already"

    @classmethod
    def of(cls, *, sku: str, wanted: int, backordered: int) -> BelowBackordered:
        """The error with the figures."""
        detail = f"{backordered} of '{sku}' are back-ordered; a limit of {wanted} is too low."
        return cls(
            detail,
            errors=[FieldError("limit", cls.code, detail)],
            extra={"backordered": backordered},
        )


class BackorderNotFound(NotFound):
    """The SKU has no back-order rule."""

    code = "backorder_not_found"
    title = "There is no such back-order rule"


class NotEnoughFree(DomainError):
    """Less is free to leave than is to leave."""

    code = "not_enough_free"
    title = "Less than that is free at the warehouse"


class DocumentNotFound(NotFound):
    """No transfer or purchase order of the caller's has this id."""

    code = "document_not_found"
    title = "There is no such document"


class StepNotPossible(InvalidTransition):
    """The document is not at the point from which this can be done."""

    code = "step_not_possible"


class TooMuchReceived(DomainError):
    """More came than is still expected."""

    code = "too_much_received"
    title = "More than is still expected"
