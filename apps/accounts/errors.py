"""Errors of accounts."""

from apps.common.errors import DomainError, FieldError, NotFound


class EmailTaken(DomainError):
    """Somebody in this store has the e-mail address already."""

    code = "email_taken"
    title = "An account with this e-mail address exists already"


class CustomerGroupNotFound(NotFound):
    """No such group of customers."""

    code = "customer_group_not_found"
    title = "There is no such customer group"


class CustomerGroupTaken(DomainError):
    """Another group has the code."""

    code = "customer_group_taken"
    title = "Another customer group has this code"


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


class CsrfFailed(DomainError):
    """A cookie signed the request in, and nothing proves that the store's own page sent it."""

    code = "csrf_failed"
    status = 403
    title = "Send the CSRF token of this session as X-CSRF-Token"


class SessionNotFound(NotFound):
    """No such session, or not yours to know of."""

    code = "session_not_found"
    title = "There is no such session"


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


class InvalidLink(DomainError):
    """The token of a mailed link is not one that works now; why, nobody is told."""

    code = "invalid_link"
    status = 422
    title = "This link was used already, was replaced by a newer one, or has expired"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("token", self.code, "Ask for a new link.")])


class WrongPassword(DomainError):
    """The present password, which the caller must prove to know, is another one."""

    code = "wrong_password"
    status = 422
    title = "The present password is another one"


class TooManyAttempts(DomainError):
    """Too many tries in a row; how many were right, nobody is told."""

    code = "too_many_attempts"
    status = 429
    title = "Too many attempts; try again later"


class LastOwner(DomainError):
    """A store must keep somebody who may do everything in it."""

    code = "last_owner"
    title = "The store's last active owner cannot go"


class InvalidMfaToken(DomainError):
    """The sign-in that waited for its second step is over: too late, too many tries, or done."""

    code = "invalid_mfa_token"
    status = 401
    title = "Sign in again: this sign-in has expired or was completed"


class WrongMfaCode(DomainError):
    """The code at the second step of a sign-in is not one that counts now; why, nobody is told."""

    code = "wrong_mfa_code"
    status = 401
    title = "The code is wrong, was used already or has expired"


class InvalidMfaCode(DomainError):
    """The code of somebody who is signed in already is not one that counts now."""

    code = "invalid_mfa_code"
    status = 422
    title = "The code is wrong, was used already or has expired"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("code", self.code, "Send the present code.")])


class MfaAlreadyOn(DomainError):
    """Two-step sign-in of this kind is on; remove it first."""

    code = "mfa_already_on"
    title = "This kind of two-step sign-in is on already"


class MfaNotOn(NotFound):
    """Two-step sign-in of this kind is not on, or not begun."""

    code = "mfa_not_on"
    title = "This kind of two-step sign-in is not on"


class MfaRequired(DomainError):
    """The user's role must have two-step sign-in, so its last kind stays."""

    code = "mfa_required"
    title = "Your role must have two-step sign-in"


class MfaEnrolmentRequired(DomainError):
    """The user's role must have two-step sign-in, and nothing else is open until it is on."""

    code = "mfa_enrolment_required"
    status = 403
    title = "Set up two-step sign-in first"


class MfaEmailUnavailable(DomainError):
    """Operators get no codes by e-mail: the platform itself sends none."""

    code = "mfa_email_unavailable"
    title = "Codes by e-mail are not available here; use an authenticator app"


class AlreadyInTeam(DomainError):
    """Who is invited, or accepts, has a place in the team already."""

    code = "already_in_team"
    title = "This person is in the team already"


class InvitationOpen(DomainError):
    """The address has an invitation to this team that can still be accepted."""

    code = "invitation_open"
    title = "This address has an open invitation; send it again or revoke it"


class InvitationClosed(DomainError):
    """The invitation was accepted or revoked."""

    code = "invitation_closed"
    title = "This invitation was accepted or revoked"


class InvitationNotFound(NotFound):
    """No such invitation, or not yours to know of."""

    code = "invitation_not_found"
    title = "There is no such invitation"


class InvalidApiKey(DomainError):
    """The key is not one that is valid in this store now."""

    code = "invalid_api_key"
    status = 401
    title = "The API key is not valid"


class WrongMode(DomainError):
    """A test key at a live store, or a live key at a sandbox."""

    code = "wrong_mode"
    status = 401
    title = "Test keys are for sandbox stores, live keys for all others"


class OriginRefused(DomainError):
    """A publishable key came from a page that it does not name."""

    code = "origin_refused"
    status = 403
    title = "This key may not be used from this origin"


class ApiKeyNotFound(NotFound):
    """No such key, or not yours to know of."""

    code = "api_key_not_found"
    title = "There is no such API key"


class ApiKeyEnded(DomainError):
    """The key was revoked or has expired."""

    code = "api_key_ended"
    title = "This API key was revoked or has expired"


class TooManyApiKeys(DomainError):
    """The store has as many keys as it may."""

    code = "too_many_api_keys"
    title = "The store has too many API keys"
