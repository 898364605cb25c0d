"""What is refused of vendors, their applications and their offers."""

from __future__ import annotations

from collections.abc import Sequence

from apps.common.errors import DomainError, FieldError, NotFound, PermissionDenied


class VendorNotFound(NotFound):
    """No such vendor, or not one that the caller may see."""

    code = "vendor_not_found"
    title = "There is no such vendor"


class ApplicationNotFound(NotFound):
    """The caller has not applied."""

    code = "application_not_found"
    title = "You have not applied to sell here"


class ApplicationsClosed(PermissionDenied):
    """The store does not look for vendors."""

    code = "applications_closed"
    title = "This store takes no applications of vendors"


class AlreadyApplied(DomainError):
    """One person has one application."""

    code = "already_applied"
    title = "You have applied already"


class CannotApply(DomainError):
    """Who works for the store, or for a vendor, has an account for that alone."""

    code = "cannot_apply"
    title = "Only a customer's account can become a vendor's"


class ApplicationIncomplete(DomainError):
    """`errors` names what is missing."""

    code = "application_incomplete"
    title = "The application is not complete"

    def __init__(self, missing: Sequence[str]) -> None:
        errors = [
            FieldError(name, "required", "Still missing, or not accepted.") for name in missing
        ]
        super().__init__(f"Still missing: {', '.join(missing)}.", errors=errors)


class PaperNotFound(NotFound):
    """No such paper of the vendor."""

    code = "paper_not_found"
    title = "There is no such paper"


class TooManyPapers(DomainError):
    """One application holds so many and no more."""

    code = "too_many_papers"
    status = 422
    title = "The application has as many papers as it can hold"


class DefaultVendorStays(DomainError):
    """The store itself sells always."""

    code = "default_vendor"
    title = "The store itself cannot be suspended"


class MasterNotFound(NotFound):
    """No such master entry, or none with an offer on show."""

    code = "master_not_found"
    title = "There is no such master entry"
