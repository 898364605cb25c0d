"""Web origins: `https://shop.example.com`, with the port where it is not the scheme's own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

MOST_ORIGINS = 50
_HOST = re.compile(
    r"\A(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\Z"
)
_PORTS = {"https": 443, "http": 80}


def normal_origin(text: object) -> str | None:
    """The origin as a browser sends it; None for what is no web origin, `null` and `*` included.

    Plain http is for one's own machine: anybody on the way could speak for such an origin.
    """
    if not isinstance(text, str) or not text.isascii() or len(text) > 300:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    beyond = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in _PORTS or beyond or not _HOST.match(host):
        return None
    if parts.scheme == "http" and not _is_own_machine(host):
        return None
    return f"{parts.scheme}://{host}" + (
        f":{port}" if port not in {None, _PORTS[parts.scheme]} else ""
    )


def wrong_origins(value: object) -> str:
    """What is wrong with a list of origins; "" for nothing."""
    if not isinstance(value, list | tuple):
        return 'Send a list such as ["https://shop.example.com"].'
    if len(value) > MOST_ORIGINS:
        return f"Send at most {MOST_ORIGINS} origins."
    for origin in value:
        if normal_origin(origin) is None:
            return (
                f"'{str(origin)[:80]}' is no origin: send https:// and a host, nothing behind it; "
                "http:// only for localhost."
            )
    return ""


def normal_origins(origins: Iterable[str]) -> list[str]:
    """Each origin once, in its normal form; what is none is left out."""
    return list(dict.fromkeys(filter(None, map(normal_origin, origins))))


def _is_own_machine(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost") or host == "127.0.0.1"
