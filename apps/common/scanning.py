"""Have clamd look at what comes from outside, before anything of ours reads or keeps it (DIG-07).

ClamAV's own protocol (INSTREAM), spoken here because one deadline must hold for all of it, and
because what the daemon says last must be read although it has hung up. ADR 14.
"""

from __future__ import annotations

import re
import socket
import struct
import time
from contextlib import closing, suppress
from typing import IO, Final
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from apps.common.errors import DomainError, FieldError

PORT: Final = 3310
_CONNECT_SECONDS: Final = 5.0
_CHUNK: Final = 1 << 16
_LONGEST_ANSWER: Final = 4_096
_CLEAN: Final = "stream: OK"
_FOUND = re.compile(r"stream: ([\x20-\x7e]{1,200}) FOUND")
# What it calls a file of which it did not look at everything, where it is told to say so.
_LIMIT: Final = "Heuristics.Limits.Exceeded"
log = structlog.get_logger(__name__)


class Infected(DomainError):
    """A virus was found; nothing is kept."""

    code = "infected"
    status = 422
    title = "The file is infected"


class TooLargeToScan(DomainError):
    """More than the scanner takes or looks through."""

    code = "too_large_to_scan"
    status = 413
    title = "The file is too large to be scanned for viruses"


class ScannerUnavailable(DomainError):
    """Nobody knows whether the file is clean, so it is not taken; it may be sent again."""

    code = "scanner_unavailable"
    status = 503
    title = "The virus scanner does not answer"


def scan(file: IO[bytes], *, field: str = "file") -> None:
    """See that the scanner finds nothing in the file; rewinds it. Nothing is asked where CLAMD_URL
    is empty.

    field: what the caller's input calls the file. Takes CLAMD_TIMEOUT seconds at most. Must not
    run in a transaction. Raises Infected, TooLargeToScan, ScannerUnavailable.
    """
    if not settings.CLAMD_URL:
        return
    file.seek(0, 2)
    if file.tell() > settings.CLAMD_LARGEST:
        raise _too_large(field)
    file.seek(0)
    try:
        _judge(_asked(file), field)
    # A name that is none is no OSError.
    except (OSError, UnicodeError) as error:
        raise _unavailable(repr(error), field) from error
    finally:
        file.seek(0)


def _judge(answer: str, field: str) -> None:
    if answer == _CLEAN:
        return
    found = _FOUND.fullmatch(answer)
    if "size limit exceeded" in answer or (found and found[1].startswith(_LIMIT)):
        raise _too_large(field)
    if found is None:
        raise _unavailable(answer, field)
    log.warning("file_infected", signature=found[1])
    detail = f"The virus scanner found {found[1]} in this file."
    raise Infected(detail, errors=[FieldError(field, Infected.code, detail)])


def _too_large(field: str) -> TooLargeToScan:
    detail = "The virus scanner does not take a file as large as this one, or what it unfolds to."
    return TooLargeToScan(detail, errors=[FieldError(field, TooLargeToScan.code, detail)])


def _unavailable(reason: str, field: str) -> ScannerUnavailable:
    log.error("scanner_unavailable", reason=reason[:200])
    detail = "The file could not be scanned for viruses and was not taken. Send it again later."
    reasons = [FieldError(field, ScannerUnavailable.code, detail)]
    return ScannerUnavailable(detail, errors=reasons, retry_after=30)


def _asked(file: IO[bytes]) -> str:
    """What the scanner says of the file; an empty text when it says nothing whole."""
    until = time.monotonic() + settings.CLAMD_TIMEOUT
    with closing(_connected(until)) as line:
        # It hangs up on what is too large for it, and has said so before.
        with suppress(BrokenPipeError, ConnectionResetError):
            _send(line, file, until)
        return _answer(line, until)


def _connected(until: float) -> socket.socket:
    parts = urlsplit(settings.CLAMD_URL)
    seconds = min(_CONNECT_SECONDS, _left(until))
    if parts.scheme != "unix":
        place = (parts.hostname or "", parts.port or PORT)
        return socket.create_connection(place, timeout=seconds)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(seconds)
        line.connect(parts.path)
    except OSError:
        line.close()
        raise
    return line


def _send(line: socket.socket, file: IO[bytes], until: float) -> None:
    """The file in pieces, each after its length; an empty one ends it."""
    message = b"zINSTREAM\0"
    while chunk := file.read(_CHUNK):
        line.settimeout(_left(until))
        line.sendall(message + struct.pack("!L", len(chunk)) + chunk)
        message = b""
    line.settimeout(_left(until))
    line.sendall(message + struct.pack("!L", 0))


def _answer(line: socket.socket, until: float) -> str:
    told = b""
    while len(told) < _LONGEST_ANSWER:
        # Whoever says a byte now and then is never silent: the time is that of all of them.
        line.settimeout(_left(until))
        piece = line.recv(_LONGEST_ANSWER)
        told += piece
        if b"\0" in told:
            return told.partition(b"\0")[0].decode("ascii", "replace")
        if not piece:
            break
    return ""


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("It took too long.")
    return left
