"""From bytes to text: encoding, progress, and a limit on what one record may hold."""

from __future__ import annotations

import codecs
import io
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, BinaryIO

from .types import ImportFileError

# A record that grows past this is an unclosed quote or an attack, and neither may fill the memory.
MAX_RECORD_BYTES = 4 * 1024 * 1024

Progress = Callable[[int], None]

# Longest first: the mark of UTF-16-LE also begins the one of UTF-32-LE.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHER_FORMATS = (
    (b"PK\x03\x04", "a zip archive or spreadsheet (.xlsx, .ods)"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet (.xls)"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
)
_HEAD = 4


class RecordTooLarge(Exception):
    """More bytes were read for one record than a record may have."""


class ByteSource(io.BufferedIOBase):
    """Hands bytes to the decoder, reports how many, and stops a record that never ends."""

    # Decoders ask for one.
    name = "products.csv"

    def __init__(self, stream: IO[bytes], head: bytes, total: int, report: Progress) -> None:
        self._stream = stream
        self._head = head
        self._report = report
        self.total = total
        # Set back to 0 by the reader for every record it gets.
        self.pending = 0

    def readable(self) -> bool:
        """Always: this only reads."""
        return True

    def read1(self, size: int = -1, /) -> bytes:
        """The next bytes. Raises RecordTooLarge."""
        chunk = self._head or self._stream.read(size if size > 0 else io.DEFAULT_BUFFER_SIZE)
        self._head = b""
        self.total += len(chunk)
        self.pending += len(chunk)
        if self.pending > MAX_RECORD_BYTES:
            raise RecordTooLarge
        self._report(self.total)
        return chunk

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes; one piece at a time is all the decoder asks for."""
        return self.read1(-1 if size is None else size)


class ByteInput:
    """A path or stream that can be read from its beginning, more than once if it must be.

    A stream that cannot seek is copied to a temporary file first. muted: while set, reading is no
    progress.
    """

    def __init__(
        self,
        path_or_stream: str | os.PathLike[str] | BinaryIO,
        encoding: str | None,
        progress: Progress | None,
    ) -> None:
        self._stream, self._owned = _seekable(path_or_stream)
        self._start = self._stream.tell()
        self._explicit = encoding
        self._progress = progress
        self._reported = 0
        self.muted = False

    def rewind(self) -> None:
        """Go back to where the file began."""
        self._stream.seek(self._start)

    def looks_like_json(self) -> bool:
        """Whether the file begins as JSON Lines do: with an object."""
        start = self._stream.tell()
        head = self._stream.read(64)
        self._stream.seek(start)
        for mark, encoding in _BYTE_ORDER_MARKS:
            if head.startswith(mark):
                text = head[len(mark) :].decode(encoding, "ignore")
                return text.lstrip().startswith("{")
        return head.lstrip().startswith(b"{")

    def close(self) -> None:
        """Close what this opened; a stream that was passed in belongs to the caller."""
        if self._owned:
            self._stream.close()

    def decode(self) -> tuple[ByteSource, io.TextIOWrapper]:
        """Start decoding at the current place.

        Raises ImportFileError `not_csv` or `unknown_encoding`.
        """
        head = self._read_head()
        for magic, what in _OTHER_FORMATS:
            if head.startswith(magic):
                raise ImportFileError(
                    "not_csv", f"This is {what}, not a CSV file. Save the sheet as CSV first."
                )
        encoding, skip = self._encoding(head)
        source = ByteSource(self._stream, head[skip:], skip, self._report)
        try:
            # newline="" leaves the line ends to the csv module, which knows those inside quotes.
            return source, io.TextIOWrapper(source, encoding=encoding, newline="")
        except (LookupError, ValueError):
            raise ImportFileError(
                "unknown_encoding", f"There is no text encoding named {encoding[:40]!r}."
            ) from None

    def _report(self, total: int) -> None:
        if self._progress is not None and not self.muted and total > self._reported:
            self._reported = total
            self._progress(total)

    def _read_head(self) -> bytes:
        head = b""
        while len(head) < _HEAD and (more := self._stream.read(_HEAD - len(head))):
            head += more
        return head

    def _encoding(self, head: bytes) -> tuple[str, int]:
        # A byte order mark says what the file is, whatever the caller believes.
        for mark, name in _BYTE_ORDER_MARKS:
            if head.startswith(mark):
                return name, len(mark)
        return self._explicit or "utf-8", 0


def _seekable(path_or_stream: str | os.PathLike[str] | BinaryIO) -> tuple[IO[bytes], bool]:
    """A stream that can seek, and whether it is ours to close."""
    if isinstance(path_or_stream, str | os.PathLike):
        return Path(path_or_stream).open("rb"), True
    # Some streams that web frameworks hand over seek, but have no seekable() to say so.
    if hasattr(path_or_stream, "seek") and getattr(path_or_stream, "seekable", lambda: True)():
        return path_or_stream, False
    spool = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by ByteInput
    shutil.copyfileobj(path_or_stream, spool)
    spool.seek(0)
    return spool, True
