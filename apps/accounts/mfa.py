"""The arithmetic of codes: time steps, keyed hashes, what a code looks like. Touches no table.

Everything that is compared is compared in constant time (ACC-20).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass
from uuid import UUID

import pyotp
import segno
from django.conf import settings

from apps.common.context import current_store

BACKUP_CODES = 10
STEP_SECONDS = 30
# How far a telephone's clock may be off, in steps.
_WINDOW = (-1, 0, 1)
# Without letters and digits that look like one another; 50 bits in ten of them.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_BACKUP_LENGTH = 10
_SIX_DIGITS = re.compile(r"\A[0-9]{6}\Z")
_TOKEN = re.compile(r"\Amfa_([0-9a-f]{32})([0-9a-f]{64})\Z")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a person needs to set up an authenticator app: the key, its URI, and that as a picture.

    qr_svg: the SVG element; qr_data_uri: the same for an `img` tag.
    """

    secret: str
    otpauth_uri: str
    qr_svg: str
    qr_data_uri: str


def new_totp_secret() -> str:
    """160 random bits in base32, as RFC 4226 asks."""
    return pyotp.random_base32()


def enrolment(secret: str, *, email: str) -> Enrolment:
    """The key as authenticator apps take it, named after the store and the account."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=current_store().name)
    code = segno.make(uri, error="m", micro=False)
    return Enrolment(
        secret=secret,
        otpauth_uri=uri,
        qr_svg=code.svg_inline(scale=5, border=2, light="#fff"),
        qr_data_uri=code.svg_data_uri(scale=5, border=2, light="#fff"),
    )


def present_step() -> int:
    """The number of the half minute that it is, since 1970."""
    return int(time.time()) // STEP_SECONDS


def matching_step(secret: str, code: str) -> int | None:
    """The time step that this code belongs to, of the present one and its neighbours, else None."""
    generator = pyotp.TOTP(secret)
    now = present_step()
    found = None
    for offset in _WINDOW:
        step = now + offset
        if _same(generator.generate_otp(step), code):
            found = step
    return found


def plain(code: str) -> str:
    """The code without the blanks and hyphens that people type, in lower case."""
    return re.sub(r"[\s-]", "", code).lower()


def is_six_digits(code: str) -> bool:
    """Whether it looks like a code of an app or a mail rather than a backup code."""
    return _SIX_DIGITS.match(code) is not None


def new_backup_codes() -> list[str]:
    """Ten codes such as `k7m2p-9xq4d`."""
    half = _BACKUP_LENGTH // 2
    codes = [
        "".join(secrets.choice(_ALPHABET) for _ in range(_BACKUP_LENGTH))
        for _ in range(BACKUP_CODES)
    ]
    return [f"{code[:half]}-{code[half:]}" for code in codes]


def backup_digest(user_id: UUID, code: str) -> str:
    """The hash under which a backup code is kept."""
    return _keyed(settings.ENCRYPTION_KEYS[0], "backup", f"{user_id}:{plain(code)}")


def backup_digests(user_id: UUID, code: str) -> list[str]:
    """Every hash under which it may have been kept: one for each configured key."""
    text = f"{user_id}:{plain(code)}"
    return [_keyed(key, "backup", text) for key in settings.ENCRYPTION_KEYS]


def email_code(challenge_id: UUID) -> str:
    """The six digits that are mailed for a challenge."""
    number = int(_keyed(settings.ENCRYPTION_KEYS[0], "email", str(challenge_id)), 16)
    return f"{number % 1_000_000:06d}"


def is_email_code(challenge_id: UUID, code: str) -> bool:
    """Whether this is the code that was mailed for the challenge."""
    return _same(email_code(challenge_id), code)


def challenge_token(challenge_id: UUID, password_hash: str) -> str:
    """What the second step of a sign-in is asked with. A new password makes it void."""
    seal = _keyed(settings.ENCRYPTION_KEYS[0], "token", f"{challenge_id}:{password_hash}")
    return f"mfa_{challenge_id.hex}{seal}"


def challenge_of(token: str) -> UUID | None:
    """The challenge that a token names, not yet believed; None for what is no token at all."""
    match = _TOKEN.match(token)
    return UUID(match[1]) if match else None


def is_challenge_token(token: str, challenge_id: UUID, password_hash: str) -> bool:
    """Whether this installation made the token, in this store, for this password."""
    return _same(challenge_token(challenge_id, password_hash), token)


def _same(ours: str, theirs: str) -> bool:
    # As bytes, for what was typed may be anything.
    return hmac.compare_digest(ours.encode(), theirs.encode("utf-8", "replace"))


def _keyed(key: str, purpose: str, text: str) -> str:
    """HMAC-SHA256, bound to the store and the purpose: nothing fits anywhere else."""
    message = f"mfa:{current_store().id}:{purpose}:{text}"
    return hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()
