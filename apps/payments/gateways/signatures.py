"""Stripe's webhook signature (`t=…,v1=…`), verified in one place for every gateway that uses it."""

from __future__ import annotations

import json
from typing import Any

from apps.payments.gateways.base import SignatureInvalid

TOLERANCE_SECONDS = 300


def sign(body: str, secret: str, timestamp: int | None = None) -> str:
    """The header that vouches for `body`."""
    from stripe import WebhookSignature

    header: str = WebhookSignature.generate_signature_header(body, secret, timestamp)
    return header


def verified_payload(body: bytes, header: str, secret: str) -> dict[str, Any]:
    """The JSON object in `body` when the signature is right and at most 300 s old (P2).

    Any one of several v1 values may be right, as while a secret is rolled. Comparison takes
    constant time; an empty secret is refused. Raises SignatureInvalid.
    """
    from stripe import WebhookSignature

    try:
        WebhookSignature.verify_header(body, header, secret, TOLERANCE_SECONDS)
        payload = json.loads(body)
    except Exception as error:
        # Also what a forged header or body makes of the parsing: it is refused all the same.
        raise SignatureInvalid(f"The signature is not valid ({type(error).__name__}).") from error
    if not isinstance(payload, dict):
        raise SignatureInvalid("The body is not an event.")
    return payload
