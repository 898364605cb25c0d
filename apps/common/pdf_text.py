"""Text that the fonts of our PDF files can show: labels, invoices, packing slips.

The Latin font travels inside the PDF. Chinese, Japanese and Korean go out in the standard Asian
fonts that PDF readers bring along. Latin, Greek and Cyrillic letters that the font lacks are
written in plain Latin; whatever is left becomes a lozenge, so that nobody takes it for complete.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from pathlib import Path

import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

REGULAR = "Latin"
BOLD = "LatinBold"
MISSING = "\u25ca"

_JAPANESE, _KOREAN, _CHINESE = "HeiseiKakuGo-W5", "HYGothic-Medium", "STSong-Light"


def _table(letters: str, latin: str) -> dict[str, str]:
    """Letters and what stands for each, given with spaces between."""
    return dict(zip(letters, latin.split(), strict=True))


_LATIN = _table(
    "łŁđĐøØħĦıŋŊŧŦəƏ‐‑–—―‘’‚‛“”„…№ẞ",
    "l L d D o O h H i n N t T e E - - - - - ' ' ' ' \" \" \" ... No. SS",
)
_CYRILLIC = _table(
    "абвгдежзийклмнопрстуфхцчшщъыьэюяєіїґёўђјљњћџ",
    "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch ' y ' e yu ya "
    "ye i yi g yo w dj j lj nj c dz",
)
_GREEK = _table("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o")
_PLAIN = {**_LATIN, **_CYRILLIC, **_GREEK}


@cache
def load_fonts() -> frozenset[int]:
    """Register the fonts once per process; returns the code points that the Latin one has."""
    folder = Path(reportlab.__file__).parent / "fonts"
    regular = TTFont(REGULAR, str(folder / "Vera.ttf"))
    pdfmetrics.registerFont(regular)
    pdfmetrics.registerFont(TTFont(BOLD, str(folder / "VeraBd.ttf")))
    for name in (_JAPANESE, _KOREAN, _CHINESE):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return frozenset(regular.face.charToGlyph)


def _script(char: str) -> str:
    """Which Asian script a character is of: `kana`, `han`, `hangul` or none."""
    point = ord(char)
    if 0x3040 <= point <= 0x30FF or 0xFF66 <= point <= 0xFF9F:
        return "kana"
    if 0xAC00 <= point <= 0xD7A3 or 0x3130 <= point <= 0x318F:
        return "hangul"
    if 0x3000 <= point <= 0x303F or 0x4E00 <= point <= 0x9FFF or 0xFF01 <= point <= 0xFF60:
        return "han"
    return ""


def asian_font(text: str, country: str = "") -> str:
    """The font for the Asian characters of a text; Han characters alone go by the country."""
    scripts = {_script(char) for char in text}
    if "kana" in scripts or country == "JP":
        return _JAPANESE
    if "hangul" in scripts or country == "KR":
        return _KOREAN
    return _CHINESE


def _latinised(char: str) -> str:
    """A character in letters that the Latin font has, or a lozenge."""
    glyphs = load_fonts()
    lower = char.lower()
    if char in _PLAIN:
        return _PLAIN[char]
    if lower in _PLAIN:
        return _PLAIN[lower].capitalize()
    if unicodedata.category(char) in {"Zs", "Zl", "Zp"}:
        return " "
    if unicodedata.category(char) in {"Cc", "Cf", "Mn", "Me"}:
        return ""
    parts = unicodedata.normalize("NFKD", char)
    kept = "".join(part for part in parts if not unicodedata.combining(part))
    if kept == char or not kept:
        return MISSING
    return "".join(part if ord(part) in glyphs else _latinised(part) for part in kept)


def printable(text: str) -> str:
    """The text with every character that no font here has written in Latin or as a lozenge."""
    glyphs = load_fonts()
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        char if (ord(char) in glyphs and char.isprintable()) or _script(char) else _latinised(char)
        for char in composed
    )


def runs(text: str, font: str, asian: str) -> list[tuple[str, str]]:
    """A printable text as pieces of (font, text), each of one font."""
    pieces: list[tuple[str, str]] = []
    for char in text:
        name = asian if _script(char) else font
        if pieces and pieces[-1][0] == name:
            pieces[-1] = (name, pieces[-1][1] + char)
        else:
            pieces.append((name, char))
    return pieces


def width(text: str, font: str, size: float, asian: str) -> float:
    """How wide the text comes out, in points."""
    return size * sum(_advance(char, asian if _script(char) else font) for char in text)


@lru_cache(maxsize=4096)
def _advance(char: str, font: str) -> float:
    return float(pdfmetrics.stringWidth(char, font, 1))


def wrap(text: str, font: str, size: float, asian: str, *, room: float) -> list[str]:
    """Lines of at most `room` points, broken at spaces, within a word only where it must be."""
    lines: list[str] = []
    line, used = "", 0.0
    space = width(" ", font, size, asian)
    for word in text.split():
        needed = width(word, font, size, asian)
        if line and used + space + needed <= room:
            line, used = f"{line} {word}", used + space + needed
            continue
        if line:
            lines.append(line)
        *full, line = _broken(word, font, size, asian, room=room) if needed > room else [word]
        lines += full
        used = width(line, font, size, asian)
    return [*lines, line] if line else lines


def _broken(word: str, font: str, size: float, asian: str, *, room: float) -> list[str]:
    """A word that is wider than the room, in pieces that fit."""
    pieces, used = [""], 0.0
    for char in word:
        advance = width(char, font, size, asian)
        if pieces[-1] and used + advance > room:
            pieces.append("")
            used = 0.0
        pieces[-1] += char
        used += advance
    return pieces
