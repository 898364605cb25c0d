"""What the tokens of mailed links are made of: a row's id and an HMAC over what the row promises.

Nothing of a token is kept, and neither the table nor the key alone suffices to make one (T15).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.utils.crypto import salted_hmac

from apps.accounts.errors import InvalidLink
from apps.common.context import current_store

Row = TypeVar("Row")

_ID_BYTES = 16
_TOKEN_BYTES = _ID_BYTES + 32
# Four characters for three bytes, without padding.
TOKEN_LENGTH = _TOKEN_BYTES * 4 // 3


def seal(kind: str, *bound: object) -> bytes:
    """The HMAC over `bound`, for the current store and this kind of link alone."""
    text = "\n".join(str(part) for part in (current_store().id, *bound))
    return salted_hmac(f"fusioncommerce.accounts.{kind}", text, algorithm="sha256").digest()


def pack(row_id: UUID, sealed: bytes) -> str:
    """The token, as it stands in a link."""
    return base64.urlsafe_b64encode(row_id.bytes + sealed).decode()


def find_row(
    token: str, *, find: Callable[[UUID], Row | None], seal_of: Callable[[Row], bytes]
) -> Row:
    """The row that the token names and seals. Raises InvalidLink."""
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise InvalidLink from error
    if len(raw) != _TOKEN_BYTES:
        raise InvalidLink
    row = find(UUID(bytes=raw[:_ID_BYTES]))
    if row is None or not hmac.compare_digest(seal_of(row), raw[_ID_BYTES:]):
        raise InvalidLink
    return row
