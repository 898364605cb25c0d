"""Call addresses that strangers name: pictures of an import, later the webhooks of stores (I9).

The host's name is resolved here, once, all it leads to is checked, and the connection goes to the
very address that was checked: a name that means something else a moment later changes nothing. A
redirect is a new address and is checked like one. Nothing of ours is sent along: no cookies, no
credentials, and no proxy of the environment is asked.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import certifi
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from apps.common.addresses import Address, may_be_called

MOST_REDIRECTS: Final = 3
LONGEST_ADDRESS: Final = 2_000
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 1 << 16
_AGENT = "FusionCommerce"
# Blanks, control characters and backslashes: read differently by different readers.
_DOUBTFUL = re.compile(r"[\x00-\x20\x7f\\]")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")


class FetchError(Exception):
    """Nothing came of it. code: machine-readable; retry: whether it may go better later."""

    def __init__(self, code: str, detail: str, *, retry: bool = False) -> None:
        super().__init__(detail)
        self.code, self.detail, self.retry = code, detail, retry


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was answered. url: where it was in the end."""

    url: str
    status: int
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Target:
    """A checked address: what to ask for, and the only place to connect to."""

    parts: SplitResult
    host: str
    port: int
    address: Address


def fetch(
    url: str, *, max_bytes: int, timeout: float = 5.0, redirects: int = MOST_REDIRECTS
) -> Fetched:
    """GET what is there, of at most `max_bytes`, in at most `timeout` seconds for all of it.

    Raises FetchError: `address_refused`, `too_many_redirects`, `too_large`, `answered` (a status
    other than 200), and with `retry` `unreachable`, `timed_out` and the answers 408, 429 and 5xx.
    """
    until = time.monotonic() + timeout
    for _ in range(redirects + 1):
        answer = _ask("GET", url, until=until, max_bytes=max_bytes)
        if isinstance(answer, Fetched):
            if answer.status == 200:
                return answer
            detail = f"It answered {answer.status}."
            again = answer.status in {408, 425, 429} or answer.status >= 500
            raise FetchError("answered", detail, retry=again)
        url = _onward(url, answer)
    raise FetchError("too_many_redirects", f"It leads on more than {redirects} times.")


def send(
    url: str, body: bytes, *, headers: Mapping[str, str], timeout: float, max_bytes: int = 65_536
) -> Fetched:
    """POST a body, follow no redirect, and answer whatever status came. Raises FetchError."""
    until = time.monotonic() + timeout
    answer = _ask("POST", url, until=until, max_bytes=max_bytes, body=body, headers=headers)
    if isinstance(answer, Fetched):
        return answer
    raise FetchError("too_many_redirects", "It leads on, and a message is not sent on.")


def _ask(
    method: str,
    url: str,
    *,
    until: float,
    max_bytes: int,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Fetched | str:
    """One answer, or where it leads on. Raises FetchError."""
    target = _checked(url, until)
    path = (target.parts.path or "/") + (f"?{target.parts.query}" if target.parts.query else "")
    # As people write addresses; a request line has ASCII alone.
    path = _FOREIGN.sub(lambda found: quote(found[0]), path)
    told = {**(headers or {}), "Host": _host_header(target), "User-Agent": _AGENT}
    told |= {"Accept": "image/*, */*;q=0.5", "Accept-Encoding": "identity", "Connection": "close"}
    connection = _connection(target, _left(until))
    # Whoever sends a byte now and then is never silent: this ends it all the same.
    dog = threading.Timer(_left(until), _hang_up, [connection])
    dog.daemon = True
    dog.start()
    try:
        connection.connect()
        connection.request(method, path, body=body, headers=told, preload_content=False)
        return _read(connection.getresponse(), url, until, max_bytes)
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        if time.monotonic() >= until:
            raise FetchError("timed_out", "It took too long.", retry=True) from error
        raise FetchError("unreachable", "It cannot be reached.", retry=True) from error
    finally:
        dog.cancel()
        connection.close()


def _onward(url: str, location: str) -> str:
    """Where an answer leads on. Raises FetchError for what is no address at all."""
    try:
        # Whatever bytes the header had, it was read as Latin-1.
        return urljoin(url, _FOREIGN.sub(lambda found: quote(found[0].encode("latin-1")), location))
    except ValueError as error:
        raise FetchError("address_refused", "It leads to what is no address.") from error


def _read(response: Any, url: str, until: float, max_bytes: int) -> Fetched | str:
    if response.status in _REDIRECTS and "Location" in response.headers:
        return str(response.headers["Location"])
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        # A few kilobytes may unfold to gigabytes; it was asked for as it is.
        raise FetchError("too_large", "It came compressed, which nobody asked for.")
    too_large = FetchError("too_large", f"It has more than {max_bytes:,} bytes.")
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and len(length) < 19 and int(length) > max_bytes:
        raise too_large
    content = bytearray()
    while chunk := response.read(_CHUNK, decode_content=False):
        content += chunk
        if len(content) > max_bytes:
            raise too_large
        _left(until)
    # One that was hung up on ends as if it were complete.
    _left(until)
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Fetched(url, response.status, kind[:80], bytes(content))


def _checked(url: str, until: float) -> _Target:
    """The address taken apart, its host resolved. Raises FetchError (`address_refused`)."""
    refused = FetchError("address_refused", "This address may not be called.")
    if len(url) > LONGEST_ADDRESS or _DOUBTFUL.search(url):
        raise refused
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
        name = host.encode("idna").decode() if not host.isascii() else host
    except (ValueError, UnicodeError) as error:
        raise refused from error
    if parts.scheme not in _PORTS or not name or parts.username is not None or "@" in parts.netloc:
        raise refused
    if str(port) not in settings.FETCH_PORTS:
        raise refused
    addresses = _resolved(name, port, until)
    # One that must not be called beside one that may is a trick, not a choice.
    if not all(may_be_called(address) for address in addresses):
        raise refused
    return _Target(parts, name, port, addresses[0])


def _resolved(name: str, port: int, until: float) -> list[Address]:
    """What the name leads to, the resolver's first first. Raises FetchError."""
    found: list[Any] = []
    # In a thread, for the system's resolver knows no deadline.
    thread = threading.Thread(target=_look_up, args=[name, port, found], daemon=True)
    thread.start()
    thread.join(_left(until))
    if thread.is_alive():
        raise FetchError("timed_out", "Its name could not be resolved in time.", retry=True)
    try:
        addresses = [ipaddress.ip_address(row[4][0]) for row in found]
    except ValueError as error:
        raise FetchError("address_refused", "This address may not be called.") from error
    if not addresses:
        raise FetchError("unreachable", "Its name cannot be resolved.", retry=True)
    return addresses


def _look_up(name: str, port: int, found: list[Any]) -> None:
    with suppress(OSError, UnicodeError):
        found.extend(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))


def _connection(target: _Target, timeout: float) -> HTTPConnection:
    """Leads to the checked address alone; the certificate must be the name's."""
    where = str(target.address)
    if target.parts.scheme == "http":
        return HTTPConnection(where, target.port, timeout=timeout)
    return HTTPSConnection(
        where,
        target.port,
        timeout=timeout,
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
        server_hostname=target.host,
        assert_hostname=target.host,
    )


def _host_header(target: _Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == _PORTS[target.parts.scheme] else f"{host}:{target.port}"


def _hang_up(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise FetchError("timed_out", "It took too long.", retry=True)
    return left
