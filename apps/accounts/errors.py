"""Errors of accounts."""

from apps.common.errors import DomainError, NotFound


class EmailTaken(DomainError):
    """Somebody in this store has the e-mail address already."""

    code = "email_taken"
    title = "An account with this e-mail address exists already"


class InvalidCredentials(DomainError):
    """E-mail and password do not belong to an active account; which of them, nobody is told."""

    code = "invalid_credentials"
    status = 401
    title = "E-mail or password is wrong"


class InvalidToken(DomainError):
    """The token is not one that is valid in this store now."""

    code = "invalid_token"
    status = 401
    title = "The token is not valid"


class UserNotFound(NotFound):
    """No such user, or not yours to know of."""

    code = "user_not_found"
    title = "There is no such user"


class AddressNotFound(NotFound):
    """No such address, or not yours to know of."""

    code = "address_not_found"
    title = "There is no such address"


class TooManyAddresses(DomainError):
    """The user's address book is full."""

    code = "too_many_addresses"
    title = "The address book is full"
