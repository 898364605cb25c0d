"""What reviewing refuses."""

from __future__ import annotations

from collections.abc import Sequence

from apps.common.errors import DomainError, FieldError, NotFound


class RequestNotFound(NotFound):
    """No such change request, or somebody else's."""

    code = "change_request_not_found"
    title = "There is no such change request"


class StaleRequest(DomainError):
    """What would be changed is not what was looked at; `errors` names the fields."""

    code = "stale"
    title = "The product has changed since"

    def __init__(self, fields: Sequence[str]) -> None:
        detail = f"Something else has changed {', '.join(fields[:20])}: submit it again."
        each = "It is not what the request was made for."
        super().__init__(detail, errors=[FieldError(name, "stale", each) for name in fields[:100]])


class RequestChanged(DomainError):
    """The request was changed after the one who decides looked at it."""

    code = "stale"
    title = "The request has changed since you looked at it"


class NothingToSubmit(DomainError):
    """The product is approved, and no edit of it waits."""

    code = "nothing_to_submit"
    title = "There is nothing to submit"


class VendorNotActive(DomainError):
    """A vendor that is suspended, rejected or not approved yet puts nothing before the staff."""

    code = "vendor_not_active"
    title = "The vendor is not active"


class TooManyEdits(DomainError):
    """A request has grown by one edit after the other until nobody can read it."""

    code = "too_many_edits"
    title = "The request holds too many edits: withdraw it and send them as one"
