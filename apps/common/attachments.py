"""Files that are kept as they came: PDFs, archives and text, taken for what is in them.

None of them is ever opened by us or shown by a browser in our name: they are private and served as
attachments. So what is asked is that a file is what it says, and nothing besides. Serves I7, I8,
DIG-06.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from typing import IO, Final

from apps.common.uploads import WrongFileType

PDF, ZIP, TEXT = "application/pdf", "application/zip", "text/plain"
EXTENSIONS: Final[Mapping[str, str]] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    PDF: "pdf",
    ZIP: "zip",
    TEXT: "txt",
}
_CHUNK = 1 << 20
_MOST_ENTRIES = 10_000
# The list of so many, in bytes.
_MOST_DIRECTORY = _MOST_ENTRIES * 256
# At the end of an archive: where a list of ZIP64 is, then where and how long the list is.
_LOCATOR, _END = 20, 22
# What an archive may unfold to: in bytes, and for each of its own.
_MOST_UNFOLDED = 1 << 30
_MOST_RATIO = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_NAME = re.compile(r"[^\w .,()+&@=-]+")
_LONGEST_NAME = 120


def check_attachment(file: IO[bytes], media_type: str) -> None:
    """See that the file is what it says. Rewinds it. Raises WrongFileType (`not_pdf`, `not_zip`,
    `not_text`, `unfolds_too_far`, `not_accepted`).
    """
    check = _CHECKS.get(media_type)
    if check is None:
        raise WrongFileType.of("Send a PDF, a ZIP archive or plain text.", "not_accepted")
    file.seek(0)
    try:
        check(file)
    finally:
        file.seek(0)


def media_type_of(file: IO[bytes]) -> str:
    """What the file seems to be by its first bytes. Rewinds it."""
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    if head.startswith(b"%PDF-"):
        return PDF
    return ZIP if head.startswith(b"PK\x03\x04") else TEXT


def clean_name(name: str) -> str:
    """The last part of a file's name, of plain characters, for people to read."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    cleaned = " ".join(_NAME.sub(" ", last).split()).lstrip(".")
    if len(cleaned) > _LONGEST_NAME:
        stem, dot, ending = cleaned.rpartition(".")
        short = dot and len(ending) <= 5
        ending = f".{ending}" if short else ""
        cleaned = (stem if short else cleaned)[: _LONGEST_NAME - len(ending)] + ending
    return cleaned


def _check_pdf(file: IO[bytes]) -> None:
    refused = WrongFileType.of("This is no PDF file.", "not_pdf")
    if not file.read(5) == b"%PDF-":
        raise refused
    size = file.seek(0, 2)
    file.seek(max(0, size - 2048))
    tail = file.read()
    # Nothing may hang on behind: that would be a second file under the name of the first.
    end = tail.rfind(b"%%EOF")
    if end < 0 or tail[end + 5 :].strip(b"\r\n\t \x00"):
        raise refused


def _check_zip(file: IO[bytes]) -> None:
    refused = WrongFileType.of("This is no ZIP archive that can be read.", "not_zip")
    if file.read(4) != b"PK\x03\x04":
        raise refused
    size = file.seek(0, 2)
    _check_directory(file, size, refused)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            behind = len(archive.comment)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise refused from error
    if behind:
        raise refused
    packed = sum(entry.compress_size for entry in entries)
    unfolded = sum(entry.file_size for entry in entries)
    # Entries that share their bytes add up to more than there is.
    if (
        len(entries) > _MOST_ENTRIES
        or packed > size
        or unfolded > _MOST_UNFOLDED
        or (unfolded > _CHUNK and unfolded > _MOST_RATIO * max(packed, 1))
    ):
        raise WrongFileType.of("This archive unfolds too far.", "unfolds_too_far")


def _check_directory(file: IO[bytes], size: int, refused: WrongFileType) -> None:
    """Before the list of entries is read, which would be a hundred times as much in memory.

    Nothing stands behind the list's end, so that is the last of the file. ZIP64's form of it,
    which no file of this size needs, could say otherwise.
    """
    file.seek(max(0, size - _LOCATOR - _END))
    tail = file.read()
    end = tail[-_END:]
    if len(end) < _END or not end.startswith(b"PK\x05\x06"):
        raise refused
    is_zip64 = tail[:-_END].startswith(b"PK\x06\x07")
    if is_zip64 or int.from_bytes(end[12:16], "little") > _MOST_DIRECTORY:
        raise WrongFileType.of("This archive holds too many files.", "unfolds_too_far")


def _check_text(file: IO[bytes]) -> None:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    while True:
        chunk = file.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise WrongFileType.of("Send text in UTF-8.", "not_text") from error
        if _CONTROL.search(text):
            raise WrongFileType.of("This is a binary file, not text.", "not_text")
        if not chunk:
            return


_CHECKS: Mapping[str, Callable[[IO[bytes]], None]] = {
    PDF: _check_pdf,
    ZIP: _check_zip,
    TEXT: _check_text,
}
