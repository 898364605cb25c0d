"""Failures of the embedded servers, each told in one line that says what to do."""

from __future__ import annotations

import errno
import os
from pathlib import Path

FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT})


class EmbeddedServerError(Exception):
    """An embedded server cannot be used; the message is one line for the operator."""


def missing_wheel(server: str) -> EmbeddedServerError:
    """The error where the wheel with the server's program is not installed."""
    return EmbeddedServerError(
        f"No embedded {server} for this platform or Python: install PostgreSQL 15+ and "
        "Redis or Valkey, then set DATABASE_URL and REDIS_URL"
    )


def unusable(path: Path, error: OSError) -> EmbeddedServerError:
    """The error for a data directory, or a file that a server needs, which access is denied to."""
    if error.errno in FULL_DISK:
        return EmbeddedServerError(f"The disk of {path} is full: free some space, then try again")
    return EmbeddedServerError(
        f"Cannot use {path} ({error.strerror}): make it writable, or set FC_DATA_DIR to "
        "another folder"
    )


def failed(server: str, home: Path, output: str) -> EmbeddedServerError:
    """The error for a server that did not start, quoting the telling line of its output."""
    for number in FULL_DISK:
        if os.strerror(number) in output:
            return unusable(home, OSError(number, ""))
    return EmbeddedServerError(f"{server} did not start in {home}: {_telling_line(output)}")


def _telling_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    signs = ("PANIC:", "FATAL:", "error:", "Fatal", "Bad file", "Can't", "Failed", "could not")
    told = [line for line in lines if any(sign in line for sign in signs)]
    return (told or lines or ["it said nothing"])[-1]
