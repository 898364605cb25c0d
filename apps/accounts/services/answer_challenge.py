"""Finish the second step of a sign-in."""

from __future__ import annotations

from django.utils import timezone

from apps.accounts import mfa
from apps.accounts.errors import InvalidMfaToken, WrongMfaCode
from apps.accounts.models import ChallengeKind, MfaChallenge, User
from apps.accounts.services.send_mfa_code import send_mfa_code
from apps.accounts.services.spend_code import count_try, spend_code


def answer_challenge(*, token: str, method: str, code: str) -> User:
    """The user whom a right code proves; the caller opens the session.

    The token works once, for five minutes and five tries, in its own store, while the account is
    active and the password the same. Call it with no transaction open. Raises InvalidMfaToken,
    WrongMfaCode, TooManyAttempts. Serves ACC-20, C-13.
    """
    challenge = _find(token)
    if not count_try(challenge, timezone.now()):
        raise InvalidMfaToken
    if not spend_code(user=challenge.user, method=method, code=code):
        raise WrongMfaCode
    if MfaChallenge.objects.filter(pk=challenge.pk).delete()[0] != 1:
        raise InvalidMfaToken
    return challenge.user


def send_code_for_challenge(*, token: str) -> None:
    """Mail a code to whoever is in the middle of signing in, where the user has that on.

    Raises InvalidMfaToken, also where codes by e-mail are not on, and TooManyAttempts. Publishes
    UserMessageRequested.
    """
    user = _find(token).user
    if not user.mfa_methods.filter(kind="email", confirmed_at__isnull=False).exists():
        raise InvalidMfaToken
    send_mfa_code(user_id=user.pk)


def _find(token: str) -> MfaChallenge:
    """The open challenge of this token, with its user. Raises InvalidMfaToken for every other:
    of another store, expired, done, of a closed account or an old password, or made up.
    """
    wanted = mfa.challenge_of(token)
    row = (
        MfaChallenge.objects.select_related("user")
        .filter(pk=wanted, kind=ChallengeKind.SIGN_IN, expires_at__gt=timezone.now())
        .first()
        if wanted is not None
        else None
    )
    if row is None or not mfa.is_challenge_token(token, row.pk, row.user.password):
        raise InvalidMfaToken
    if not row.user.is_active:
        raise InvalidMfaToken
    return row
