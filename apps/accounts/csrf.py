"""Proof that a request which the browser signed in by cookie was meant by the page that made it.

The token is bound to the session by HMAC, so that one which was planted, or of another session,
is worth nothing.
"""

from __future__ import annotations

import secrets
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from apps.common.context import current_store

_SALT = "fusion.csrf"


def make_csrf_token(session_id: UUID) -> str:
    """A fresh token for the pages of a session."""
    nonce = secrets.token_urlsafe(12)
    return f"{nonce}.{_proof(session_id, nonce)}"


def is_csrf_token(token: str, session_id: UUID) -> bool:
    """Whether the token was made for this session of the current store."""
    nonce, _, proof = token.partition(".")
    return constant_time_compare(proof, _proof(session_id, nonce))


def _proof(session_id: UUID, nonce: str) -> str:
    value = f"{current_store().id}:{session_id}:{nonce}"
    return salted_hmac(_SALT, value, algorithm="sha256").hexdigest()
