"""Files are taken for what is in them."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.catalog.models import ImportRun
from apps.common.context import StoreRef
from apps.common.uploads import MOST_PIXELS, WrongFileType, check_csv, clean_image
from tests.support.people import make_user

CSV = b"sku,name,price,currency,inventory\nTEE,Tee,1,USD,1\n"


def picture(kind: str = "PNG", mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (30, 20), 1).save(out, format=kind, **options)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it has 100,000 × 100,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


FORGED = {
    "an executable for Linux": b"\x7fELF\x02\x01\x01" + b"\x00" * 60,
    "an executable for Windows": b"MZ\x90\x00\x03\x00" + b"\x00" * 60,
    "a web page": b"<!DOCTYPE html><script>alert(1)</script>",
    "a web page behind blanks": b"\xef\xbb\xbf \r\n\t<HTML><body>",
    "a drawing with a script": b'<svg xmlns="x" onload="alert(1)"/>',
    "XML": b'<?xml version="1.0"?><a/>',
    "a shell script": b"#!/bin/sh\nrm -rf /\n",
    "PHP": b"<?php system($_GET[0]); ?>",
    "a PDF": b"%PDF-1.7\nsku,name\n",
    "a picture": picture(),
    "a picture and a script in one": b"GIF89a=1;alert(1)\nsku,name\n",
    "an archive": b"PK\x03\x04" + b"\x00" * 60,
    "text with a NUL far behind": CSV + b"X,Y,1,USD,1\n" * 200_000 + b"\x00",
    "text with an escape sequence": CSV + b"\x1b]0;title\x07\n",
}


@pytest.mark.covers("SEC-10", "I8")
@pytest.mark.parametrize("what", FORGED)
def test_a_file_that_only_calls_itself_csv_is_refused(api: Any, store: StoreRef, what: str) -> None:
    owner = api(make_user("owner"))
    upload = SimpleUploadedFile("products.csv", FORGED[what], content_type="text/csv")

    answers = [
        owner.generic("POST", "/api/v1/imports", FORGED[what], content_type="text/csv"),
        owner.post("/api/v1/imports", {"file": upload}, format="multipart"),
    ]

    for answer in answers:
        assert answer.status_code == 422, answer.content[:300]
        assert answer.json()["errors"][0]["field"] == "file"
        assert answer.json()["errors"][0]["code"] == "not_csv"
    assert ImportRun.objects.count() == 0


@pytest.mark.covers("SEC-10", "CAT-16")
@pytest.mark.parametrize("name", ["products.csv", "products.exe", "../../etc/passwd", "x" * 300])
def test_a_csv_file_is_taken_whatever_its_name(api: Any, store: StoreRef, name: str) -> None:
    upload = SimpleUploadedFile(name, CSV, content_type="application/x-msdownload")

    answer = api(make_user("owner")).post("/api/v1/imports", {"file": upload}, format="multipart")

    assert answer.status_code == 201, answer.content
    assert answer.json()["created"] == 1
    assert "/" not in answer.json()["file_name"]


@pytest.mark.covers("SEC-10", "CAT-16")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_text_of_every_encoding_passes_and_the_file_is_at_its_beginning_again(
    encoding: str,
) -> None:
    file = io.BytesIO("sku,name\nTÉE,Tée\n".encode(encoding))

    check_csv(file)

    assert file.tell() == 0


@pytest.mark.covers("SEC-10", "I8")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_written_anew_without_what_rode_along(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    original = picture(kind, exif=exif) + b"<script>alert(1)</script>PK\x03\x04"

    clean = clean_image(io.BytesIO(original))

    assert (clean.width, clean.height) == (30, 20)
    assert clean.media_type == f"image/{kind.lower()}"
    assert b"script" not in clean.content
    assert b"taken at home" not in clean.content
    with Image.open(io.BytesIO(clean.content)) as again:
        assert again.format == kind
        assert not again.getexif()


@pytest.mark.covers("SEC-10")
def test_a_picture_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    clean = clean_image(io.BytesIO(picture("JPEG", exif=exif)))

    assert (clean.width, clean.height) == (20, 30)


@pytest.mark.covers("SEC-10")
@pytest.mark.parametrize("mode", ["P", "1", "CMYK", "I;16", "LA", "RGBA"])
def test_every_mode_of_pixels_is_taken(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"

    assert clean_image(io.BytesIO(picture(kind, mode))).width == 30


@pytest.mark.covers("SEC-10", "I8", "I13")
def test_a_bomb_is_refused_before_it_unfolds() -> None:
    with pytest.raises(WrongFileType) as refused:
        clean_image(io.BytesIO(bomb()))

    assert refused.value.errors[0].code == "too_many_pixels"
    assert f"{MOST_PIXELS:,}" in refused.value.detail


@pytest.mark.covers("SEC-10", "I8")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b'<svg onload="alert(1)"/>',
        b"\x7fELF",
        picture()[:60],
        picture("GIF"),
        picture("BMP"),
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(WrongFileType) as refused:
        clean_image(io.BytesIO(content))

    assert refused.value.errors[0].code == "not_image"
