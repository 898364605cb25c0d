"""The tokens of mailed links: made from a row and a key, kept nowhere (ACC-23, ACC-24, T15).

A token is the row's id and an HMAC over the store, the purpose, the row's nonce and the user as
the user stands: it dies with a new e-mail address and (but for the one that confirms the present
address) with a new password, is worth nothing in another store or for another purpose, and neither
the table nor the key alone suffices to make one.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from apps.accounts import attempts
from apps.accounts.errors import InvalidLink
from apps.accounts.link_tokens import find_row, pack, seal
from apps.accounts.models import Confirmation, Purpose, User

LIFETIME: dict[str, timedelta] = {
    Purpose.VERIFY_EMAIL: timedelta(days=3),
    Purpose.CHANGE_EMAIL: timedelta(hours=24),
    Purpose.RESET_PASSWORD: timedelta(minutes=30),
}


def token_of(row: Confirmation) -> str:
    """The token of an open link, for the mail that carries it."""
    return pack(row.pk, _seal_of(row))


def follow_link(token: str, *purposes: str) -> Confirmation:
    """`find_confirmation` for a client whose wrong links are counted.

    Raises InvalidLink, TooManyAttempts.
    """
    attempts.check_links()
    try:
        return find_confirmation(token, *purposes)
    except InvalidLink:
        attempts.note_wrong_link()
        raise


def find_confirmation(token: str, *purposes: str) -> Confirmation:
    """The open link of this token, with its user. Raises InvalidLink for every other token:
    used, replaced, expired, of another store, purpose or user, or made up.
    """

    def find(row_id: UUID) -> Confirmation | None:
        row = _open_row(row_id)
        return row if row is not None and row.purpose in purposes else None

    return find_row(token, find=find, seal_of=_seal_of)


def secrets_of_link(reference_id: UUID) -> dict[str, str] | None:
    """What the mail of a link needs; None when the link was used or replaced meanwhile."""
    row = _open_row(reference_id)
    return None if row is None else {"token": token_of(row)}


def no_secrets(reference_id: UUID) -> dict[str, str] | None:
    """For mails that only tell something: to the user `reference_id`, while active."""
    user = User.objects.filter(pk=reference_id).first()
    return {} if user is not None and user.is_active else None


def _open_row(row_id: UUID) -> Confirmation | None:
    row = Confirmation.objects.select_related("user").filter(pk=row_id).first()
    if row is None or row.expires_at <= timezone.now() or not row.user.is_active:
        return None
    return row


def _seal_of(row: Confirmation) -> bytes:
    user = row.user
    # Confirming the address one has goes on after a new password; nothing else does.
    password = "" if row.purpose == Purpose.VERIFY_EMAIL else user.password
    promised = (row.purpose, row.pk, row.nonce, row.email, user.pk, user.email, password)
    return seal("link", *promised)
