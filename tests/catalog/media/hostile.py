"""Files that are not what they say, or more than they say."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib

from tests.catalog.media.pictures import picture

SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png_of(width: int, height: int) -> bytes:
    """A whole PNG of one colour, a thousandth of what it unfolds to."""
    packer = zlib.compressobj(9)
    line, data = b"\0" * (1 + width), b""
    for _ in range(height):
        data += packer.compress(line)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [_chunk(b"IHDR", head), _chunk(b"IDAT", data + packer.flush()), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def png_of_text() -> bytes:
    """A small picture with a comment that unfolds to 200 MB."""
    text = b"Comment\0\0" + zlib.compress(b"\0" * 200_000_000, 9)
    plain = picture()
    return plain[:33] + _chunk(b"zTXt", text) + plain[33:]


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def zip_bomb() -> bytes:
    """Two gigabytes in two megabytes."""
    return zipped({f"{number}.txt": b"\0" * 100_000_000 for number in range(20)})


def crowded_zip(form: str = "") -> bytes:
    """A million files that hold nothing; "zip64": listed in the long form."""
    count = 1_000_000
    entry = b"PK\x01\x02" + bytes(42)
    first = b"PK\x03\x04" + bytes(26)
    length = len(entry) * count
    long_form = b""
    if form == "zip64":
        where = len(first) + length
        long_form = struct.pack(
            "<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, len(first)
        ) + struct.pack("<4sIQI", b"PK\x06\x07", 0, where, 1)
        length = 46
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, length, len(first), 0)
    return first + entry * count + long_form + end


def overlapping_zip() -> bytes:
    """An archive whose directory names one entry's bytes a thousand times."""
    base = zipped({"a": bytes(range(256)) * 4_000})
    start = base.index(b"PK\x01\x02")
    end = base.index(b"PK\x05\x06")
    entry = base[start:end]
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1000, 1000, len(entry) * 1000, start, 0)
    return base[:start] + entry * 1000 + tail


def gzip_bomb() -> bytes:
    return gzip.compress(b"\0" * 200_000_000)


NO_PICTURES: dict[str, bytes] = {
    "page.png": b"<!DOCTYPE html><html>" + SCRIPT,
    "program.jpg": b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 400,
    "program.png": b"\x7fELF\x02\x01\x01" + b"\x00" * 400,
    "drawing.svg": SVG,
    "drawing.png": SVG,
    "drawing.webp": b'<?xml version="1.0"?>' + SVG,
    "old.gif": picture(kind="GIF"),
    "old.png": picture(kind="BMP"),
    "archive.png": zipped({"a.txt": b"a"}),
    "squeezed.png": gzip.compress(picture()),
    "document.jpg": b"%PDF-1.7\n%%EOF",
    "script.webp": b"#!/bin/sh\nrm -rf /\n",
    "half.png": picture()[:60],
    "head.jpg": b"\xff\xd8\xff\xe0" + b"\x00" * 100,
    # The decoder reads behind its end.
    "profile.png": picture()[:-12] + _chunk(b"iCCP", b"") + picture()[-12:],
    "riff.webp": b"RIFF\x10\x00\x00\x00WEBPVP8 \x00\x00\x00\x00",
}

POLYGLOTS: dict[str, bytes] = {
    "archive.png": picture() + zipped({"evil.js": SCRIPT}),
    "page.png": picture() + SCRIPT,
    "page.jpg": picture(kind="JPEG", comment=SCRIPT + b"<?php system($_GET[0]) ?>"),
    "page.webp": picture(kind="WEBP", exif=b"Exif\0\0" + SCRIPT),
}
