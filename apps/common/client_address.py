"""The address of the client, as far as it can be believed.

`X-Forwarded-For` is whatever the sender wrote, with what each proxy saw put behind it. So it is
read from its end, and only as many places as there are proxies of ours (TRUSTED_PROXIES).
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's IP address in its normal form; "" where the connection has none."""
    peer = _normal(request.META.get("REMOTE_ADDR", ""))
    trusted: int = settings.TRUSTED_PROXIES
    if not trusted:
        return peer
    told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    # Fewer places than proxies: it did not come through all of them, so none of it is known.
    return _normal(told[-trusted]) or peer if len(told) >= trusted else peer


def counted_address(address: str) -> str:
    """What an address is counted under: one IPv6 client has a whole /64 of them."""
    if ":" not in address:
        return address
    return str(IPv6Address(int(IPv6Address(address)) >> 64 << 64))


def _normal(text: str) -> str:
    try:
        found = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return ""
    # An IPv4 client on a socket for both is the same client.
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)
