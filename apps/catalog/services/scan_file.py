"""Have a file from outside looked at by the virus scanner, with no transaction open (DIG-07)."""

from __future__ import annotations

from typing import IO

from apps.common.scanning import scan
from apps.events.facade import assert_no_transaction


def scan_file(file: IO[bytes], *, field: str = "file") -> None:
    """See that the scanner finds nothing in the file; rewinds it.

    field: what the caller's input calls the file. Raises Infected, TooLargeToScan,
    ScannerUnavailable.
    """
    assert_no_transaction("Scanning a file")
    scan(file, field=field)
