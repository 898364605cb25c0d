"""Sign in with e-mail and password."""

from __future__ import annotations

from django.contrib.auth import authenticate

from apps.accounts.errors import InvalidCredentials
from apps.accounts.models import User
from apps.accounts.services.issue_tokens import issue_tokens
from apps.accounts.services.start_challenge import start_challenge
from apps.accounts.types import MfaChallenged, TokenPair


def sign_in(
    *, email: str, password: str, user_agent: str = "", address: str | None = None
) -> tuple[User, TokenPair] | MfaChallenged:
    """The user and a new session's tokens; or what asks for the second step where that is on.

    Raises InvalidCredentials alike, and after like time, for an unknown address, a wrong password
    and an account that is not active. Serves ACC-02, ACC-20, T15.
    """
    user = authenticate(None, username=email, password=password)
    if not isinstance(user, User):
        raise InvalidCredentials
    challenged = start_challenge(user=user)
    if challenged is not None:
        return challenged
    return user, issue_tokens(user_id=user.id, user_agent=user_agent, address=address)
