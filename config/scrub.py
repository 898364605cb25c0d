"""Takes personal data and secrets out of what leaves the process: log lines and error reports.

By the name of the field where there is one, and by what it looks like everywhere else (SEC-12, P12,
CMP-01). Ids stay: they say which record to look at, to those who may.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

MASK = "***"
_DEEPEST = 12
_SHORTEST_CARD = 12

_NAMES = re.compile(
    r"passw(or)?d|passphrase|secret|token|authorization|cookie|api_?key|private_?key|credential"
    r"|session_?key|signature|card_?number|\bpan\b|\bcv[cv]\b|\botp\b|\bdsn\b"
    r"|e_?mail|phone|recipient|(first|last|full|user)_?name|(street|postal|shipping|billing)_?"
    r"|line[12]\b|\bip\b|remote_addr|forwarded|user_agent",
    re.IGNORECASE,
)
_URL_PASSWORD = re.compile(r"(://[^\s:/@]{1,100}):[^\s/@]{1,200}@")
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}(?:@|%40)(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}")
_BEARER = re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[\w-]{6,}\.[\w-]{2,}\.?[\w-]*")
_KEY = re.compile(r"\b(sk|pk|rk|whsec)_[A-Za-z0-9_-]{6,}")
_PAIR = re.compile(
    r"(passw(?:or)?d|secret|token|authorization|cookie|api_?key|cv[cv])"
    r"(['\"]?\s{0,3}[:=]\s{0,3})(\"[^\"]*\"|'[^']*'|[^\s,;&})\]]+)",
    re.IGNORECASE,
)
# What PostgreSQL tells of the row that it refused.
_ROW = re.compile(r"(Failing row contains )\(.*")
_ROW_KEY = re.compile(r"(Key \([^)\n]{1,200}\))=\(.*?\)(?= |\.|$)", re.MULTILINE)
_DIGITS = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")


def scrub(value: Any, depth: int = 0) -> Any:
    """The value without personal data and secrets; what is no plain data becomes text first."""
    if isinstance(value, str):
        return scrub_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth > _DEEPEST:
        return MASK
    if isinstance(value, Mapping):
        return {name: scrub_field(name, item, depth + 1) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [scrub(item, depth + 1) for item in value]
    return str(value) if isinstance(value, UUID) else scrub_text(str(value))


def scrub_field(name: object, value: Any, depth: int = 0) -> Any:
    """The value of a named field: masked whole where the name says what it holds."""
    if value is None or value == "" or isinstance(value, bool) or not _telling(str(name)):
        return scrub(value, depth)
    return MASK


@functools.lru_cache(maxsize=1_024)
def _telling(name: str) -> bool:
    return bool(_NAMES.search(name))


def scrub_text(text: str) -> str:
    """The text with every address, token, key, card number and refused row masked."""
    if "://" in text:
        text = _URL_PASSWORD.sub(rf"\1:{MASK}@", text)
    if "@" in text or "%40" in text:
        text = _EMAIL.sub(MASK, text)
    if " " in text:
        text = _BEARER.sub(rf"\1 {MASK}", text)
    if "eyJ" in text:
        text = _JWT.sub(MASK, text)
    if "_" in text:
        text = _KEY.sub(rf"\1_{MASK}", text)
    if ":" in text or "=" in text:
        text = _PAIR.sub(rf"\1\2{MASK}", text)
    if "Failing row" in text or "Key (" in text:
        text = _ROW_KEY.sub(rf"\1=({MASK})", _ROW.sub(rf"\1({MASK})", text))
    return _DIGITS.sub(_card, text) if len(text) > _SHORTEST_CARD else text


def _card(match: re.Match[str]) -> str:
    digits = [int(sign) for sign in match.group() if sign.isdigit()]
    return MASK if _luhn(digits) else match.group()


def _luhn(digits: list[int]) -> bool:
    """The check digit of every card number."""
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
