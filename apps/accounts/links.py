"""The tokens of mailed links: made from a row and a key, kept nowhere (ACC-23, ACC-24, T15).

A token is the row's id and an HMAC over the store, the purpose, the row's nonce and the user as
the user stands: it dies with a new e-mail address and (but for the one that confirms the present
address) with a new password, is worth nothing in another store or for another purpose, and neither
the table nor the key alone suffices to make one.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.accounts import attempts
from apps.accounts.errors import InvalidLink
from apps.accounts.models import Confirmation, Purpose, User
from apps.common.context import current_store

LIFETIME: dict[str, timedelta] = {
    Purpose.VERIFY_EMAIL: timedelta(days=3),
    Purpose.CHANGE_EMAIL: timedelta(hours=24),
    Purpose.RESET_PASSWORD: timedelta(minutes=30),
}
_ID_BYTES = 16
_TOKEN_BYTES = _ID_BYTES + 32
# Four characters for three bytes, without padding.
TOKEN_LENGTH = _TOKEN_BYTES * 4 // 3


def token_of(row: Confirmation) -> str:
    """The token of an open link, for the mail that carries it."""
    return base64.urlsafe_b64encode(row.pk.bytes + _mac(row)).decode()


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
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise InvalidLink from error
    if len(raw) != _TOKEN_BYTES:
        raise InvalidLink
    row = _open_row(UUID(bytes=raw[:_ID_BYTES]))
    if row is None or row.purpose not in purposes:
        raise InvalidLink
    if not hmac.compare_digest(_mac(row), raw[_ID_BYTES:]):
        raise InvalidLink
    return row


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


def _mac(row: Confirmation) -> bytes:
    user = row.user
    # Confirming the address one has goes on after a new password; nothing else does.
    password = "" if row.purpose == Purpose.VERIFY_EMAIL else user.password
    bound = (
        current_store().id,
        row.purpose,
        row.pk,
        row.nonce,
        row.email,
        user.pk,
        user.email,
        password,
    )
    text = "\n".join(str(part) for part in bound)
    return salted_hmac("fusioncommerce.accounts.link", text, algorithm="sha256").digest()
