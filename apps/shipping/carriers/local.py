"""The built-in carrier: the store brings its parcels to the post itself, with labels of its own."""

from __future__ import annotations

from hashlib import sha256

from apps.common.context import current_store
from apps.events.facade import assert_no_transaction
from apps.shipping.carriers.base import Label, LabelRequest
from apps.shipping.carriers.label_pdf import draw_label

# Crockford's base 32: no I, L, O or U to misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PREFIX = "FC"
_DIGITS = 12
DEFAULT_SERVICE = "Standard parcel"


class LocalCarrier:
    """Draws labels here; nothing is bought, so nothing can be charged twice."""

    name = "local"

    def buy_label(self, request: LabelRequest, idempotency_key: str) -> Label:
        """The label of that key in the current store; a repeat gives the very same bytes."""
        assert_no_transaction("Buying a label")
        tracking_number = tracking_number_for(idempotency_key)
        service = request.service or DEFAULT_SERVICE
        pdf = draw_label(
            request, tracking_number=tracking_number, service=service, store=current_store().name
        )
        return Label(tracking_number=tracking_number, pdf=pdf, service=service)

    def void_label(self, tracking_number: str, idempotency_key: str) -> None:
        """Nothing to give back: a label of our own costs nothing."""
        assert_no_transaction("Voiding a label")


def tracking_number_for(idempotency_key: str) -> str:
    """`FC`, 12 characters of base 32 made from store and key, and a check character."""
    digest = sha256(f"{current_store().id}|{idempotency_key}".encode()).digest()
    number = int.from_bytes(digest[:8], "big")
    body = "".join(_ALPHABET[number >> (5 * place) & 31] for place in range(_DIGITS))
    return f"{_PREFIX}{body}{check_character(body)}"


def check_character(body: str) -> str:
    """Luhn's check in base 32: finds every single wrong character and swapped neighbours."""
    total = 0
    for place, character in enumerate(reversed(body)):
        value = _ALPHABET.index(character) * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return _ALPHABET[-total % 32]
