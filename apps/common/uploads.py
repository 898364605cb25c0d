"""What an uploaded file is, by what is in it: name and declared type prove nothing (SEC-10).

CSV stays as it came, for it is only ever read as text. Images are written anew by Pillow, so that
nothing rides along: no second format behind the first, no place where the picture was taken.
"""

from __future__ import annotations

import codecs
import io
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from apps.common.errors import DomainError, FieldError

# 40 megapixels: beyond any camera that takes pictures of products, and 160 MB when unfolded.
MOST_PIXELS = 40_000_000
_TOO_LARGE = f"Send a picture of at most {MOST_PIXELS:,} pixels."
# Its decoder and encoder take six times as much for each pixel.
MOST_WEBP_PIXELS = 8_000_000
_TOO_LARGE_WEBP = f"Send WebP of at most {MOST_WEBP_PIXELS:,} pixels, or JPEG or PNG."
_CHUNK = 1 << 20
# What no text holds: control characters but tab, line feed, form feed, carriage return and the end
# mark of old spreadsheets.
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f]")
# Text that something would run or show if only its name were another one.
_OTHER_TEXT = (
    (b"<", "a web page or XML"),
    (b"#!", "a script"),
    (b"%PDF", "a PDF"),
    (b"%!PS", "PostScript"),
    (b"{\\rtf", "rich text"),
    (b"GIF8", "a picture"),
    (b"BEGIN:V", "a calendar or contact file"),
)
_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_IMAGES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
# What decoders raise of bytes that are wrong: they read them as numbers, places and lengths.
_UNREADABLE = (
    UnidentifiedImageError,
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    struct.error,
    zlib.error,
)


class WrongFileType(DomainError):
    """The file is not what it has to be."""

    code = "wrong_file_type"
    status = 422
    title = "This kind of file is not accepted here"

    @classmethod
    def of(cls, detail: str, code: str = "wrong_file_type") -> WrongFileType:
        """Named at the field `file`."""
        return cls(detail, errors=[FieldError("file", code, detail)])


@dataclass(frozen=True, slots=True)
class CleanImage:
    """A picture as it may be kept and shown."""

    content: bytes
    media_type: str
    width: int
    height: int


def check_csv(file: IO[bytes]) -> None:
    """See that all of the file is text, and none that means something else. Rewinds it.

    UTF-16 and UTF-32 are told by their mark alone; whoever reads them decodes them strictly.
    Raises WrongFileType (`not_csv`).
    """
    start = file.tell()
    head = file.read(_CHUNK)
    try:
        if head.startswith(_MARKS):
            return
        text = head.removeprefix(codecs.BOM_UTF8).lstrip()
        for mark, what in _OTHER_TEXT:
            if text[: len(mark)].lower() == mark.lower():
                raise WrongFileType.of(f"This is {what}, not a CSV file.", "not_csv")
        while head:
            if _CONTROL.search(head):
                raise WrongFileType.of("This is a binary file, not a CSV file.", "not_csv")
            head = file.read(_CHUNK)
    finally:
        file.seek(start)


def clean_image(file: IO[bytes]) -> CleanImage:
    """The picture of a PNG, JPEG or WebP file, written anew, upright and without metadata.

    Its size is read before anything is unfolded. Raises WrongFileType (`not_image`,
    `too_many_pixels`).
    """
    with _opened(file) as found:
        kind = str(found.format)
        found.load()
        _turn_upright(found)
        return _written_anew(found, kind)


def smaller_images(file: IO[bytes], widths: Sequence[int]) -> dict[int, CleanImage]:
    """The picture as WebP in those of the widths that are smaller than its own.

    Raises WrongFileType.
    """
    with _opened(file) as found:
        width, height = found.size
        wanted = sorted((one for one in widths if one < width), reverse=True)
        if not wanted:
            return {}
        # A JPEG can be unfolded to a part of its size in the first place.
        least = wanted[0] * 3 // 2
        found.draft(found.mode, (least, max(1, least * height // width)))
        found.load()
        picture = _reduced(found, least)
    # Frees the whole picture before the copies are made.
    del found
    made = {}
    # Each from the next larger one.
    for one in wanted:
        size = (one, max(1, round(height * one / width)))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
        made[one] = _encoded(picture, "WEBP", quality=80, method=4)
    return made


def _reduced(picture: Image.Image, least: int) -> Image.Image:
    """The picture at the smallest whole fraction of its size that is at least so wide.

    Band by band: of one with transparency Pillow would make a second copy of all of it.
    """
    factor = max(1, picture.width // least)
    if factor == 1:
        return _fitting(picture, "WEBP")
    width, height = (-(-side // factor) for side in picture.size)
    made, step = None, 64 * factor
    for top in range(0, picture.height, step):
        box = (0, top, picture.width, min(top + step, picture.height))
        band = _fitting(picture.crop(box), "WEBP").reduce(factor)
        made = made or Image.new(band.mode, (width, height))
        made.paste(band, (0, top // factor))
    return made or picture


@contextmanager
def _opened(file: IO[bytes]) -> Iterator[Image.Image]:
    try:
        with Image.open(file, formats=list(_IMAGES)) as found:
            width, height = found.size
            if width * height > MOST_PIXELS:
                raise WrongFileType.of(_TOO_LARGE, "too_many_pixels")
            if found.format == "WEBP" and width * height > MOST_WEBP_PIXELS:
                raise WrongFileType.of(_TOO_LARGE_WEBP, "too_many_pixels")
            yield found
    except WrongFileType:
        raise
    except _UNREADABLE as error:
        raise WrongFileType.of("Send a PNG, JPEG or WebP picture.", "not_image") from error
    except (Image.DecompressionBombError, MemoryError) as error:
        raise WrongFileType.of(_TOO_LARGE, "too_many_pixels") from error


def _turn_upright(picture: Image.Image) -> None:
    try:
        ImageOps.exif_transpose(picture, in_place=True)
    except Exception:
        # What the camera noted is anybody's bytes, and a picture without it is a picture.
        picture.info.pop("exif", None)


def _written_anew(picture: Image.Image, kind: str) -> CleanImage:
    picture = _fitting(picture, kind)
    options = {"JPEG": {"quality": 90}, "WEBP": {"quality": 90}, "PNG": {"compress_level": 6}}
    return _encoded(picture, kind, **options[kind])


def _fitting(picture: Image.Image, kind: str) -> Image.Image:
    fitting = {"JPEG": ("RGB", "L"), "WEBP": ("RGB", "RGBA")}.get(kind, ("RGB", "RGBA", "L", "LA"))
    if picture.mode in fitting and "transparency" not in picture.info:
        return picture
    return picture.convert("RGB" if kind == "JPEG" else "RGBA")


def _encoded(picture: Image.Image, kind: str, **options: int) -> CleanImage:
    picture.load()
    # What encoders write along: place, camera, comments, colour profiles, thumbnails, frames.
    picture.info = {}
    out = io.BytesIO()
    picture.save(out, format=kind, **options)
    return CleanImage(out.getvalue(), _IMAGES[kind], *picture.size)
