"""Which addresses are everybody's: the only ones that are called because somebody says so.

Serves I9.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_EVERYBODYS_IPV6 = ipaddress.IPv6Network("2000::/3")
# Inside that, what leads somewhere else: Teredo and its neighbours, 6to4, what is for examples.
_LEADING_ELSEWHERE = [
    ipaddress.ip_network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "192.88.99.0/24")
]


def is_everybodys(address: Address) -> bool:
    """Whether the address is a public host's.

    Not: private, loopback, link-local (where clouds keep their metadata), shared by a carrier's
    customers, multicast, reserved, and IPv6 addresses that stand for an IPv4 one (mapped, NAT64,
    6to4, Teredo), whatever that one is.
    """
    if isinstance(address, ipaddress.IPv6Address) and (
        address not in _EVERYBODYS_IPV6 or address.ipv4_mapped or address.scope_id
    ):
        return False
    if address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    elsewhere = any(address in network for network in _LEADING_ELSEWHERE if _same(address, network))
    return address.is_global and not elsewhere


def may_be_called(address: Address) -> bool:
    """Whether it is everybody's, or of a network that FETCH_ALLOWED_NETWORKS names."""
    return is_everybodys(address) or any(
        address in network
        for network in _networks(settings.FETCH_ALLOWED_NETWORKS)
        if _same(address, network)
    )


def _networks(names: Iterable[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(name) for name in names]


def _same(address: Address, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    return address.version == network.version
