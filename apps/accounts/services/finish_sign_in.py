"""Sign in by the second step."""

from __future__ import annotations

from apps.accounts.errors import InvalidMfaToken, UserNotFound
from apps.accounts.models import User
from apps.accounts.services.answer_challenge import answer_challenge
from apps.accounts.services.issue_tokens import issue_tokens
from apps.accounts.types import TokenPair


def finish_sign_in(
    *, token: str, method: str, code: str, user_agent: str = "", address: str | None = None
) -> tuple[User, TokenPair]:
    """The user and a new session's tokens, for what `sign_in` asked with and a right code.

    Call it with no transaction open. Raises InvalidMfaToken, WrongMfaCode, TooManyAttempts.
    Serves ACC-02, ACC-20.
    """
    user = answer_challenge(token=token, method=method, code=code)
    try:
        return user, issue_tokens(user_id=user.pk, user_agent=user_agent, address=address)
    except UserNotFound as error:
        # Suspended in the instant between.
        raise InvalidMfaToken from error
