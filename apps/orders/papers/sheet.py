"""A4 pages with a margin: text that wraps, columns of a table, rules, and a foot on every page.

A paper is drawn twice: the first time to learn how many pages it has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from apps.common import pdf_text as text

WIDTH, HEIGHT = A4
LEFT, RIGHT = 18 * mm, WIDTH - 18 * mm
TOP, BOTTOM = HEIGHT - 18 * mm, 26 * mm
_LEADING = 1.35
_PAD = 1.6 * mm
# A cell that is longer is cut, so that a row always fits on a page.
_MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, where it begins and ends, and on which side its text is."""

    title: str
    left: float
    right: float
    align: str = "left"


class Sheet:
    """The paper under way. `y` is how far it is written, from the bottom edge."""

    def __init__(self, *, title: str, author: str, foot: Sequence[str], pages: int = 0) -> None:
        text.load_fonts()
        self._out = BytesIO()
        self.canvas = Canvas(self._out, pagesize=A4, invariant=1, pageCompression=1)
        self.canvas.setTitle(text.printable(title))
        self.canvas.setAuthor(text.printable(author))
        self._foot = foot
        self._pages = pages
        self.page = 1
        self.y = TOP

    def write(
        self,
        line: str,
        x: float,
        y: float,
        *,
        size: float = 9,
        bold: bool = False,
        align: str = "left",
    ) -> None:
        """One line of text; with `align` "right" it ends at x."""
        font = text.BOLD if bold else text.REGULAR
        line = text.printable(line)
        asian = text.asian_font(line)
        if align == "right":
            x -= text.width(line, font, size, asian)
        for name, part in text.runs(line, font, asian):
            self.canvas.setFont(name, size)
            self.canvas.drawString(x, y, part)
            x += self.canvas.stringWidth(part, name, size)

    def paragraph(
        self,
        content: str,
        *,
        x: float = LEFT,
        room: float = RIGHT - LEFT,
        size: float = 9,
        bold: bool = False,
    ) -> None:
        """Text that wraps, from `y` downwards, on a new page where it needs one."""
        for line in wrapped(content, room, size=size, bold=bold):
            self.need(size * _LEADING)
            self.y -= size * _LEADING
            self.write(line, x, self.y, size=size, bold=bold)

    def rule(self, *, left: float = LEFT, right: float = RIGHT, thickness: float = 0.6) -> None:
        """A line across, at `y`."""
        self.canvas.setLineWidth(thickness)
        self.canvas.line(left, self.y, right, self.y)

    def need(self, height: float) -> bool:
        """Go on to a new page unless so much is left of this one; returns whether it did."""
        if self.y - height >= BOTTOM:
            return False
        self.next_page()
        return True

    def next_page(self) -> None:
        """End the page and begin another one."""
        self._end_page()
        self.page += 1
        self.y = TOP

    def finish(self) -> bytes:
        """The PDF."""
        self._end_page()
        self.canvas.save()
        return self._out.getvalue()

    def _end_page(self) -> None:
        y = BOTTOM - 6 * mm
        self.canvas.setLineWidth(0.4)
        self.canvas.line(LEFT, y, RIGHT, y)
        y -= 3.6 * mm
        self.write(f"Page {self.page} of {self._pages}", RIGHT, y, size=7, align="right")
        for line in self._foot_lines():
            self.write(line, LEFT, y, size=7)
            y -= 7 * _LEADING
        self.canvas.showPage()

    def _foot_lines(self) -> list[str]:
        room = RIGHT - LEFT - 25 * mm
        return [piece for line in self._foot for piece in wrapped(line, room, size=7)][:4]


class Table:
    """Rows under a head that is repeated on every page."""

    def __init__(self, sheet: Sheet, columns: Sequence[Column], *, size: float = 8.5) -> None:
        self._sheet = sheet
        self._columns = columns
        self._size = size
        sheet.need(20 * mm)
        self._head()

    def row(self, cells: Sequence[str], *, bold: bool = False) -> None:
        """One row; what is too wide wraps, except in columns on the right, which hold figures."""
        size, sheet = self._size, self._sheet
        pieces = [
            wrapped(cell, column.right - column.left, size=size, bold=bold)[:_MOST_LINES]
            for cell, column in zip(cells, self._columns, strict=True)
        ]
        height = max(len(lines) for lines in pieces) * size * _LEADING + 2 * _PAD
        if sheet.need(height):
            self._head()
        top = sheet.y - _PAD
        for lines, column in zip(pieces, self._columns, strict=True):
            right = column.align == "right"
            for index, line in enumerate(lines):
                y = top - size - index * size * _LEADING
                x = column.right if right else column.left
                sheet.write(line, x, y, size=size, bold=bold, align=column.align)
        sheet.y -= height
        sheet.canvas.setStrokeGray(0.8)
        sheet.rule(thickness=0.3)
        sheet.canvas.setStrokeGray(0)

    def _head(self) -> None:
        sheet = self._sheet
        sheet.y -= 5 * mm
        for column in self._columns:
            right = column.align == "right"
            x = column.right if right else column.left
            sheet.write(column.title, x, sheet.y, size=7.5, bold=True, align=column.align)
        sheet.y -= 2 * mm
        sheet.rule(thickness=0.8)


def wrapped(content: str, room: float, *, size: float = 9, bold: bool = False) -> list[str]:
    """The text in lines that fit; its own line breaks stay. At least one line, be it empty."""
    font = text.BOLD if bold else text.REGULAR
    lines: list[str] = []
    for part in content.splitlines():
        shown = text.printable(part)
        lines += text.wrap(shown, font, size, text.asian_font(shown), room=room)
    return lines or [""]


def drawn(make: Callable[[int], Sheet]) -> bytes:
    """The PDF of what `make` draws, which is told how many pages there are."""
    first = make(0)
    return make(first.page).finish()
