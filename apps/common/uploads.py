"""What an uploaded file is, by what is in it: name and declared type prove nothing (SEC-10).

CSV stays as it came, for it is only ever read as text. Images are written anew by Pillow, so that
nothing rides along: no second format behind the first, no place where the picture was taken.
"""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from apps.common.errors import DomainError, FieldError

# 40 megapixels: beyond any camera that takes pictures of products, and 160 MB when unfolded.
MOST_PIXELS = 40_000_000
_TOO_LARGE = f"Send a picture of at most {MOST_PIXELS:,} pixels."
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
    try:
        with Image.open(file, formats=list(_IMAGES)) as found:
            width, height = found.size
            if width * height > MOST_PIXELS:
                raise WrongFileType.of(_TOO_LARGE, "too_many_pixels")
            kind = str(found.format)
            picture = ImageOps.exif_transpose(found)
            return _written_anew(picture, kind)
    except WrongFileType:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise WrongFileType.of("Send a PNG, JPEG or WebP picture.", "not_image") from error
    except (Image.DecompressionBombError, MemoryError) as error:
        raise WrongFileType.of(_TOO_LARGE, "too_many_pixels") from error


def _written_anew(picture: Image.Image, kind: str) -> CleanImage:
    fitting = ("RGB", "L") if kind == "JPEG" else ("RGB", "RGBA", "L", "LA")
    if picture.mode not in fitting:
        picture = picture.convert("RGB" if kind == "JPEG" else "RGBA")
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, format=kind, **({"quality": 90} if kind != "PNG" else {}))
    return CleanImage(out.getvalue(), _IMAGES[kind], *bare.size)
