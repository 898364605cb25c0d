"""How often each kind of caller may call, and what a store or an operator may set instead (API-10).

Imports nothing of Django, so that the settings themselves may read the environment with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

# One call more than this in a window is a 429. Who is counted is said in `api/throttling.py`.
DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        # Anybody, by client address.
        "public": "100/minute",
        # A storefront's publishable key, per key and client address: a storefront that renders on
        # its own server calls for all of its visitors.
        "publishable": "1000/minute",
        "customer": "300/minute",
        "staff": "1000/minute",
        # A secret key, wherever it calls from.
        "secret": "1000/minute",
        # Signing in and what belongs to it, per endpoint and client address.
        "auth": "10/minute",
        "upload": "10/minute",
        # Pictures and files of products.
        "media": "120/minute",
        "webhook": "1000/minute",
        # The whole store: what keeps one store's crowd from the others' processes.
        "store": "60000/minute",
    }
)
# What may be set for one store. Its share of the deployment is the operator's to say.
OF_A_STORE = frozenset(DEFAULTS) - {"store"}
# How an answer tells of them, as OpenAPI describes it.
HEADERS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        name: {"description": text, "schema": {"type": kind}}
        for name, kind, text in (
            ("Retry-After", "integer", "Seconds until the next call is answered."),
            ("RateLimit-Limit", "integer", "Calls in a window."),
            ("RateLimit-Remaining", "integer", "Calls that are left in this window."),
            ("RateLimit-Reset", "integer", "Seconds until the next window."),
            ("RateLimit-Policy", "string", "Calls and seconds of a window, such as `100;w=60`."),
        )
    }
)
EVERY = "all"
MOST_CALLS = 10_000_000
_RATE = re.compile(r"\A([1-9][0-9]{0,7})/(second|minute|hour|day)\Z")


def is_rate(value: object) -> bool:
    """Whether this is a rate such as `100/minute`, of at most ten million calls."""
    match = _RATE.match(value) if isinstance(value, str) else None
    return match is not None and int(match[1]) <= MOST_CALLS


def wrong_rate(value: object) -> str:
    """What is wrong with a store's `rate_limits` (`{"public": "200/minute"}`); "" for nothing."""
    if not isinstance(value, Mapping):
        return 'Send an object such as {"public": "200/minute"}.'
    for scope, rate in value.items():
        if scope not in OF_A_STORE:
            return f"'{str(scope)[:40]}' is none of: {', '.join(sorted(OF_A_STORE))}."
        if not is_rate(rate):
            return f"{scope}: send a rate such as 100/minute (second, minute, hour, day)."
    return ""


def parse_rates(text: str) -> dict[str, str]:
    """RATE_LIMITS of the environment: `public=200/minute,staff=2000/minute`; `all` means the rest.

    Limits can be raised, not switched off. Raises ValueError with one line.
    """
    rates: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        scope, _, rate = part.partition("=")
        if scope not in {*DEFAULTS, EVERY}:
            raise ValueError(f"'{scope}' is none of: {', '.join([EVERY, *DEFAULTS])}.")
        if not is_rate(rate):
            raise ValueError(f"{scope} must be a rate such as 100/minute, not '{rate}'.")
        rates[scope] = rate
    return rates


def rate_of(scope: str, *, of_store: Mapping[str, Any], of_platform: Mapping[str, str]) -> str:
    """The rate that holds: the store's own, else the operator's, else the default."""
    own = of_store.get(scope) if scope in OF_A_STORE else None
    return str(own or of_platform.get(scope) or of_platform.get(EVERY) or DEFAULTS[scope])
