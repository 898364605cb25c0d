"""Bounds on guessing: passwords per account, and everything per client address (T15).

An account is counted by its e-mail address, whether or not anybody has it, so that a lock tells
nothing. Tries are counted before they are checked: a thousand at once are no way round. The
counts live in Redis under a hash of the address, apart for each store.
"""

from __future__ import annotations

import hashlib

from apps.accounts.errors import TooManyAttempts
from apps.common import rates
from apps.common.client_address import counted_address
from apps.common.context import current

_TRIES = "10/15 minute"
# Each further lock within a day lasts longer than the one before.
_LOCKS = ("1/15 minute", "1/30 minute", "1/1 hour", "1/2 hour", "1/4 hour")
_LOCKS_A_DAY = "1000/day"
# Wider than an account's, for an office or a school may share one address.
_FROM_ONE_ADDRESS = "100/15 minute"
_WRONG_LINKS = "10/15 minute"


def begin_sign_in(email: str) -> None:
    """Count a try for the account of this address. Raises TooManyAttempts while it is locked."""
    _check_address("sign-in-from", _FROM_ONE_ADDRESS)
    who = _name(email)
    locked_for = _locked_for(who)
    if locked_for:
        raise TooManyAttempts(retry_after=locked_for)
    if not rates.hit(_TRIES, "sign-in", who).allowed:
        raise TooManyAttempts(retry_after=_lock(who))


def end_sign_in(email: str, *, succeeded: bool) -> None:
    """Note how a try went: the right password clears the account's count."""
    if succeeded:
        rates.forget(_TRIES, "sign-in", _name(email))
    else:
        _count_address("sign-in-from", _FROM_ONE_ADDRESS)


def unlock(email: str) -> None:
    """Let the account sign in again, as if nobody had ever tried."""
    who = _name(email)
    rates.forget(_TRIES, "sign-in", who)
    rates.forget(_LOCKS_A_DAY, "sign-in-locks", who)
    for lock in _LOCKS:
        rates.forget(lock, "sign-in-lock", who)


def check_links() -> None:
    """Raises TooManyAttempts where the client's address has followed too many wrong links."""
    _check_address("wrong-link", _WRONG_LINKS)


def note_wrong_link() -> None:
    """Count a link that was none."""
    _count_address("wrong-link", _WRONG_LINKS)


def spend(rate: str, scope: str, *who: str) -> None:
    """Count one call of what may be called that often. Raises TooManyAttempts."""
    window = rates.hit(rate, scope, *(_name(part) for part in who))
    if not window.allowed:
        raise TooManyAttempts(retry_after=window.reset_after)


def forgive(rate: str, scope: str, *who: str) -> None:
    """Begin anew what `spend` counted."""
    rates.forget(rate, scope, *(_name(part) for part in who))


def spend_from_client(rate: str, scope: str) -> None:
    """`spend` by the client's address; nothing where there is no client, as in a command."""
    if current().address:
        spend(rate, scope, counted_address(current().address))


def _count_address(scope: str, rate: str) -> None:
    if current().address:
        rates.hit(rate, scope, counted_address(current().address))


def _check_address(scope: str, rate: str) -> None:
    if not current().address:
        return
    address = counted_address(current().address)
    window = rates.peek(rate, scope, address)
    if not window.allowed:
        raise TooManyAttempts(retry_after=window.reset_after)


def _locked_for(who: str) -> int:
    """Seconds until the account may be tried again; 0 when it may now."""
    before = _locks_so_far(who)
    if not before:
        return 0
    window = rates.peek(_LOCKS[min(before, len(_LOCKS)) - 1], "sign-in-lock", who)
    return 0 if window.allowed else window.reset_after


def _lock(who: str) -> int:
    """Lock the account, for longer than the last time; returns for how many seconds."""
    step = min(_locks_so_far(who), len(_LOCKS) - 1)
    window = rates.hit(_LOCKS[step], "sign-in-lock", who)
    if window.allowed:
        rates.hit(_LOCKS_A_DAY, "sign-in-locks", who)
    return window.reset_after


def _locks_so_far(who: str) -> int:
    window = rates.peek(_LOCKS_A_DAY, "sign-in-locks", who)
    return window.limit - window.remaining


def _name(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
