"""What clamd says of a file decides, and what it does not say too (DIG-07)."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.common.scanning import Infected, ScannerUnavailable, TooLargeToScan, scan
from config.media import scanner
from tests.support.clamd_double import EICAR, SIGNATURE, ClamdDouble, scanning

pytestmark = pytest.mark.covers("DIG-07")

# More than sockets hold between two processes.
LARGE = b"x" * 12_000_000


@pytest.fixture(params=["tcp", "unix"])
def clamd(request: Any, settings: Any, tmp_path: Path) -> Iterator[ClamdDouble]:
    with scanning(tmp_path / "clamd.sock" if request.param == "unix" else None) as double:
        settings.CLAMD_URL, settings.CLAMD_TIMEOUT = double.url, 20
        yield double


@pytest.mark.parametrize("content", [b"", b"a", b"text\0" * 50_000])
def test_a_clean_file_is_sent_whole_and_handed_back_rewound(
    clamd: ClamdDouble, content: bytes
) -> None:
    file = io.BytesIO(content)
    file.seek(0, 2)

    scan(file)

    assert clamd.seen == [content]
    assert file.tell() == 0


def test_an_infected_file_is_refused_at_its_field(clamd: ClamdDouble) -> None:
    file = io.BytesIO(b"x" * 100_000 + EICAR)

    with pytest.raises(Infected) as refused:
        scan(file, field="url")

    error = refused.value
    assert (error.status, error.code) == (422, "infected")
    assert error.detail == f"The virus scanner found {SIGNATURE} in this file."
    assert [(row.field, row.code, row.detail) for row in error.errors] == [
        ("url", "infected", error.detail)
    ]
    assert file.tell() == 0


def test_what_is_larger_than_the_scanner_takes_is_refused(clamd: ClamdDouble) -> None:
    clamd.limit = 5_000_000

    with pytest.raises(TooLargeToScan) as refused:
        scan(io.BytesIO(b"x" * 5_010_000))

    assert (refused.value.status, refused.value.code) == (413, "too_large_to_scan")
    assert refused.value.errors[0].field == "file"


def test_what_is_larger_than_allowed_is_not_even_sent(clamd: ClamdDouble, settings: Any) -> None:
    settings.CLAMD_LARGEST = 1_000

    scan(io.BytesIO(b"x" * 1_000))
    with pytest.raises(TooLargeToScan):
        scan(io.BytesIO(b"x" * 1_001))

    assert clamd.came == 1


def test_what_was_not_looked_through_to_the_end_is_not_clean(clamd: ClamdDouble) -> None:
    clamd.says = b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0"

    with pytest.raises(TooLargeToScan):
        scan(io.BytesIO(b"a"))


@pytest.mark.parametrize(
    "says",
    [
        b"",
        b"\0",
        b"stream: OK",
        b"stream: OK\n\0",
        b"stream: \0",
        b"stream: FOUND\0",
        b"OK\0",
        b"stream: Can't allocate memory ERROR\0",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xff\xfe" * 5_000,
        b"stream: x\x1b[31m FOUND\0",
    ],
)
def test_what_is_no_answer_is_no_leave(clamd: ClamdDouble, says: bytes) -> None:
    clamd.says = says

    with pytest.raises(ScannerUnavailable) as refused:
        scan(io.BytesIO(b"a"))

    error = refused.value
    assert (error.status, error.code, error.retry_after) == (503, "scanner_unavailable", 30)
    assert error.errors[0].field == "file"


@pytest.mark.parametrize("fault", ["silent", "deaf", "trickling", "gone"])
def test_whoever_does_not_answer_in_time_lets_nothing_pass(
    clamd: ClamdDouble, settings: Any, fault: str
) -> None:
    settings.CLAMD_TIMEOUT = 0.5
    clamd.fault = fault

    with pytest.raises(ScannerUnavailable):
        scan(io.BytesIO(LARGE if fault == "deaf" else b"a"))

    assert clamd.came == 1


def test_nobody_there_lets_nothing_pass(settings: Any, tmp_path: Path) -> None:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port = line.getsockname()[1]

    for url in (f"tcp://127.0.0.1:{port}", f"unix://{tmp_path}/none.sock", "tcp://a..b"):
        settings.CLAMD_URL = url
        with pytest.raises(ScannerUnavailable):
            scan(io.BytesIO(b"a"))


def test_where_no_scanner_is_named_nobody_is_asked(clamd: ClamdDouble, settings: Any) -> None:
    settings.CLAMD_URL = ""

    scan(io.BytesIO(EICAR))

    assert clamd.came == 0


@pytest.mark.parametrize(
    "value",
    [
        "",
        "tcp://clamav",
        "tcp://clamav:3310",
        "tcp://[::1]:3310",
        "unix:///run/clamav/clamd.ctl",
    ],
)
def test_these_name_a_scanner_or_none(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CLAMD_URL", f" {value} ")

    assert scanner() == value


@pytest.mark.covers("SEC-11")
@pytest.mark.parametrize(
    "value",
    [
        "clamav:3310",
        "http://clamav:3310",
        "tcp://",
        "tcp://clamav:port",
        "tcp://clamav:99999",
        "tcp://clamav:0",
        "tcp://clamav:3310/path",
        "tcp://user@clamav",
        "tcp://clamav?x=1",
        "unix://run/clamd.ctl",
        "unix:///",
        "tcp://[::1",
    ],
)
def test_a_wrong_address_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CLAMD_URL", value)

    with pytest.raises(ImproperlyConfigured, match="CLAMD_URL must be tcp://"):
        scanner()
